// Accounts and their slots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::BrokerConfig;

TEST(AccountTest, ReplacesTheDefaultAccount) {
  const BrokerConfig config = Parse("[account.glm.slots]\nlimit = 5\n");
  ASSERT_EQ(config.accounts.size(), 1u);
  EXPECT_EQ(config.accounts[0].name, "glm");
  EXPECT_EQ(config.accounts[0].slots.limit, 5);
}

TEST(AccountTest, HasTheDefaultsWhereItSaysNothing) {
  EXPECT_EQ(Parse("[account.default]\n"), BrokerConfig::Defaults());
}

TEST(AccountTest, AccountsKeepTheOrderOfTheFile) {
  const BrokerConfig config =
      Parse("[account.default]\n[account.c]\n[account.a.slots]\n[account.b]\n[account.a]\n");
  ASSERT_EQ(config.accounts.size(), 4u);
  EXPECT_EQ(config.accounts[0].name, "default");
  EXPECT_EQ(config.accounts[1].name, "c");
  EXPECT_EQ(config.accounts[2].name, "a");
  EXPECT_EQ(config.accounts[3].name, "b");
}

TEST(AccountTest, NameMayHaveDotsWhenQuoted) {
  EXPECT_EQ(Parse("[account.\"glm-5.1_x\"]\n").accounts.at(0).name, "glm-5.1_x");
}

TEST(AccountTest, NameMayBe64Bytes) {
  const std::string name(64, 'n');
  EXPECT_EQ(Parse(absl::StrCat("[account.", name, "]")).accounts.at(0).name, name);
}

TEST(AccountTest, LongerNameIsRefused) {
  EXPECT_EQ(ErrorOf(absl::StrCat("[account.", std::string(65, 'n'), "]")),
            absl::StrCat("zb.toml:1: account.", std::string(63, 'n'), "…: not a name; expected ",
                         kNameRule));
}

TEST(AccountTest, NameWithOtherCharactersIsRefused) {
  EXPECT_EQ(ErrorOf("[account.\"my\\nacc\"]\n"),
            absl::StrCat("zb.toml:1: account.\"my\\x0aacc\": not a name; expected ", kNameRule));
}

TEST(AccountTest, EmptyNameIsRefused) {
  EXPECT_EQ(ErrorOf("[account.\"\"]\n"),
            absl::StrCat("zb.toml:1: account.\"\": not a name; expected ", kNameRule));
}

TEST(AccountTest, SixtyFourAreTaken) {
  std::string text = "[account.default]\n";
  for (int i = 1; i < 64; ++i) absl::StrAppend(&text, "[account.a", i, "]\n");
  EXPECT_EQ(Parse(text).accounts.size(), 64u);
}

TEST(AccountTest, TheSixtyFifthIsRefused) {
  std::string text = "[account.default]\n";
  for (int i = 1; i <= 64; ++i) absl::StrAppend(&text, "[account.a", i, "]\n");
  EXPECT_EQ(ErrorOf(text), "zb.toml:65: account.a64: one account too many; expected at most 64");
}

TEST(AccountTest, SlotLimitBoundsAreTaken) {
  const BrokerConfig config = Parse(
      "account.a.slots.limit = 1\naccount.b.slots.limit = 1000\n"
      "broker.default_account = \"a\"\n");
  EXPECT_EQ(config.accounts.at(0).slots.limit, 1);
  EXPECT_EQ(config.accounts.at(1).slots.limit, 1000);
}

TEST(AccountTest, SlotLimitOfZeroIsRefused) {
  EXPECT_EQ(ErrorOf("[account.a.slots]\nlimit = 0\n"),
            "zb.toml:2: account.a.slots.limit: found 0; expected an integer from 1 to 1000");
}

TEST(AccountTest, PathsQuoteANameWithADot) {
  EXPECT_EQ(ErrorOf("[account.\"a.b\".slots]\nlimit = 0\n"),
            "zb.toml:2: account.\"a.b\".slots.limit: found 0; expected an integer from 1 to 1000");
}

TEST(AccountTest, UpstreamIsCheckedAndIsNothingToTheDaemon) {
  EXPECT_EQ(Parse("[account.default]\nupstream = \"https://api.example.com/v1\"\n"),
            BrokerConfig::Defaults());
  EXPECT_THAT(ErrorOf("[account.default]\nupstream = \"api.example.com\"\n"),
              ::testing::HasSubstr("account.default.upstream"));
  EXPECT_THAT(ErrorOf("[account.default]\nupstream = 8080\n"), ::testing::HasSubstr("8080"));
  EXPECT_THAT(ErrorOf("[account.default]\nupstream = \"https://me:secret@example.com\"\n"),
              ::testing::AllOf(::testing::HasSubstr("account.default.upstream: a user name"),
                               ::testing::Not(::testing::HasSubstr("secret"))));
}

TEST(AccountTest, ToolsOfMcpServersAreCheckedThoughTheDaemonSeesNoCall) {
  EXPECT_EQ(Parse("[account.a.mcp]\ntools = [\"web_*\", \"read\"]\n"), Parse("[account.a]\n"));
  EXPECT_TRUE(Parse("[account.a.mcp]\nslots = true\n").accounts.at(0).mcp_slots);
  EXPECT_FALSE(Parse("[account.a]\n").accounts.at(0).mcp_slots);
  EXPECT_THAT(ErrorOf("[account.a.mcp]\nslots = 2\n"), ::testing::HasSubstr("account.a.mcp.slots"));
  EXPECT_THAT(ErrorOf("[account.a.mcp]\ntools = []\n"),
              ::testing::HasSubstr("account.a.mcp.tools"));
  EXPECT_THAT(ErrorOf("[account.a.mcp]\ntool = \"x\"\n"), ::testing::HasSubstr("tool"));
}

}  // namespace
}  // namespace zbroker::config
