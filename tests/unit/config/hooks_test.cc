#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::HappeningKind;
using ::testing::HasSubstr;

TEST(HookTest, EveryKeyIsTaken) {
  const core::BrokerConfig config = Parse(
      "[[hook]]\non = [\"wall\", \"reset\"]\nrun = \"notify-send zbroker\"\ntimeout = \"5s\"\n"
      "[[hook]]\non = \"waiting\"\nurl = \"https://example.com/hook\"\nafter = \"5m\"\n");
  ASSERT_EQ(config.hooks.size(), 2u);
  EXPECT_EQ(config.hooks[0], (core::HookConfig{.on = {HappeningKind::kWall, HappeningKind::kReset},
                                               .run = "notify-send zbroker",
                                               .timeout = absl::Seconds(5)}));
  EXPECT_EQ(config.hooks[1].url, "https://example.com/hook");
  EXPECT_EQ(config.long_wait, absl::Minutes(5));
}

TEST(HookTest, AWaitIsLongAfterTwoMinutesByDefault) {
  EXPECT_EQ(Parse("").long_wait, absl::Minutes(2));
}

TEST(HookTest, MistakesAreNamed) {
  const auto error = [](const std::string& lines) { return ErrorOf("[[hook]]\n" + lines); };
  EXPECT_THAT(error("run = \"x\"\n"), HasSubstr("on"));
  EXPECT_THAT(error("on = []\nrun = \"x\"\n"), HasSubstr("wall, reset"));
  EXPECT_THAT(error("on = \"walls\"\nrun = \"x\"\n"), HasSubstr("wall, reset"));
  EXPECT_THAT(error("on = \"wall\"\n"), HasSubstr("run and url"));
  EXPECT_THAT(error("on = \"wall\"\nrun = \"x\"\nurl = \"https://a.b\"\n"),
              HasSubstr("run and url"));
  EXPECT_THAT(error("on = \"wall\"\nrun = \"\"\n"), HasSubstr("a command"));
  EXPECT_THAT(error("on = \"wall\"\nrun = \"x\"\nafter = \"2m\"\n"), HasSubstr("waiting"));
  EXPECT_THAT(error("on = \"waiting\"\nrun = \"x\"\nafter = \"2m\"\n[[hook]]\non = \"waiting\"\n"
                    "run = \"y\"\nafter = \"3m\"\n"),
              HasSubstr("the same"));
  EXPECT_THAT(error("on = \"wall\"\nrun = \"x\"\nwhen = 1\n"), HasSubstr("when"));
}

TEST(HookTest, InTheClearOnlyThisMachineIsTold) {
  const auto with = [](const std::string& url) {
    return "[[hook]]\non = \"wall\"\nurl = \"" + url + "\"\n";
  };
  for (const char* good : {"http://127.0.0.1:9/x", "http://localhost:9", "http://[::1]:9/x"}) {
    EXPECT_EQ(Parse(with(good)).hooks.size(), 1u) << good;
  }
  for (const char* bad :
       {"http://example.com/x", "http://127.0.0.1.example.com", "http://localhost.example.com"}) {
    EXPECT_THAT(ErrorOf(with(bad)), HasSubstr("https")) << bad;
  }
}

}  // namespace
}  // namespace zbroker::config
