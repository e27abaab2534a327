#include "shims/init/config_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/load.h"
#include "daemon/config/presets.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::init {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::Not;

const Choices kAll{.plan = "max",
                   .generation = "v2",
                   .purchased = "2026-03-01T14:05:00+02:00",
                   .upstream = "https://open.bigmodel.cn/api/anthropic",
                   .meter = true};

TEST(ConfigTextTest, DaemonTakesANewOneForWhatWasChosen) {
  const auto config = config::ParseConfig(NewConfig(kAll, ""), "f");
  ASSERT_OK(config);
  core::AccountConfig expected = config::PresetOf(config::Plan::kMax, config::Generation::kV2,
                                                  absl::CivilSecond(2026, 3, 1, 20, 5, 0));
  expected.name = "default";
  expected.shadow = config->accounts[0].shadow;
  EXPECT_EQ(config->accounts[0].windows, expected.windows);
  EXPECT_EQ(config->accounts[0].slots.limit, expected.slots.limit);
}

TEST(ConfigTextTest, WhatIsNotKnownStandsThereCommentedOut) {
  const std::string text = NewConfig({}, "/usr/share/doc/example.toml");
  const auto config = config::ParseConfig(text, "f");
  ASSERT_OK(config);
  EXPECT_EQ(*config, core::BrokerConfig::Defaults());
  for (const char* line : {"\n#plan = \"pro\"\n", "\n#purchased = 2026-08-20\n",
                           "/usr/share/doc/example.toml", "\ngateway = false\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(ConfigTextTest, AccountMayHaveAnyName) {
  Choices choices = kAll;
  choices.account = "a.b-c_D1";
  const auto config = config::ParseConfig(NewConfig(choices, ""), "f");
  ASSERT_OK(config);
  EXPECT_EQ(config->accounts[0].name, "a.b-c_D1");
  EXPECT_EQ(config->default_account, "a.b-c_D1");
}

TEST(ConfigTextTest, WhatItHasWrittenItReadsAgain) {
  const auto again = ReadChoices(NewConfig(kAll, ""), "");
  ASSERT_OK(again);
  EXPECT_EQ(again->plan, kAll.plan);
  EXPECT_EQ(again->generation, kAll.generation);
  EXPECT_EQ(again->purchased, kAll.purchased);
  EXPECT_EQ(again->upstream, kAll.upstream);
  EXPECT_TRUE(again->meter);
  EXPECT_EQ(*ChangedConfig(NewConfig(kAll, ""), *again), NewConfig(kAll, ""));
}

TEST(ConfigTextTest, OfOneThatIsThereOnlyTheseKeysChange) {
  const auto changed = ChangedConfig(
      "# mine\r\n[broker]\r\nqueue_max = 5 # five\r\n[account.default] # my account\r\n"
      "plan = 'max'\r\npurchased = 2025-01-02 # then\r\n[[account.default.window]]\r\n"
      "name = \"d\"\r\nlength = \"1d\"\r\nlimit = 3\r\n",
      kAll);
  ASSERT_OK(changed);
  EXPECT_EQ(*changed,
            "# mine\r\n[broker]\r\nqueue_max = 5 # five\r\n[account.default] # my account\r\n"
            "generation = \"v2\"\r\nupstream = \"https://open.bigmodel.cn/api/anthropic\"\r\n"
            "plan = 'max'\r\npurchased = 2026-03-01T14:05:00+02:00 # then\r\n"
            "[[account.default.window]]\r\nname = \"d\"\r\nlength = \"1d\"\r\nlimit = 3\r\n"
            "\r\n[meter]\r\ngateway = true\r\n");
  EXPECT_OK(config::ParseConfig(*changed, "f"));
  EXPECT_EQ(*ChangedConfig(*changed, kAll), *changed);
}

TEST(ConfigTextTest, KeyTakesThePlaceOfTheCommentThatShowedIt) {
  Choices none = kAll;
  none.upstream.reset();
  none.purchased.reset();
  const auto changed = ChangedConfig(NewConfig(none, ""), kAll);
  ASSERT_OK(changed);
  EXPECT_EQ(*changed, NewConfig(kAll, ""));
  // One of another table stays.
  const char* const other = "[account.default]\nplan = \"max\"\n[broker]\n#upstream = 1\n";
  EXPECT_THAT(*ChangedConfig(other, kAll), HasSubstr("\n#upstream = 1\n"));
  EXPECT_EQ(ReadChoices(*ChangedConfig(other, kAll), "")->upstream, kAll.upstream);
}

TEST(ConfigTextTest, EmptyFileGetsTheKeys) {
  const auto changed = ChangedConfig("", kAll);
  ASSERT_OK(changed);
  EXPECT_EQ(ReadChoices(*changed, "")->plan, "max");
  EXPECT_OK(config::ParseConfig(*changed, "f"));
}

TEST(ConfigTextTest, DefaultAccountIsTheOneThatTheFileHas) {
  EXPECT_EQ(ReadChoices("[account.work]\nplan = \"lite\"\n", "")->plan, "lite");
  const char* const two = "[account.a]\nplan = \"lite\"\n[account.b]\n";
  EXPECT_THAT(ReadChoices(two, ""),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("--account says which")));
  EXPECT_EQ(ReadChoices(two, "a")->plan, "lite");
  EXPECT_EQ(ReadChoices(std::string("broker.default_account = \"b\"\n") + two, "")->account, "b");
}

TEST(ConfigTextTest, WhatIsNoTomlOrHasNoRoomIsRefused) {
  EXPECT_THAT(ReadChoices("[account\n", ""), HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(ChangedConfig("account = 5\n", kAll).ok());
  EXPECT_FALSE(ChangedConfig("account = [ { default = 1 } ]\n", kAll).ok());
}

}  // namespace
}  // namespace zbroker::init
