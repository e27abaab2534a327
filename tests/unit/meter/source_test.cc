#include "shims/meter/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::meter {
namespace {

using ::testing::HasSubstr;

class SourceTest : public ::testing::Test {
 protected:
  void Configure(const std::string& upstream) {
    machine_.files["/config.toml"] =
        absl::StrCat("[account.default]\nplan = \"pro\"\n",
                     upstream.empty() ? "" : absl::StrCat("upstream = \"", upstream, "\"\n"),
                     "[account.work]\n");
  }
  // The id of what is wrong; empty: nothing.
  std::string Error(const CommandLine& line) {
    return FindSource(line, {.key_env = "KEY"}, machine_).error;
  }

  tools::FakeSurroundings machine_;
};

TEST_F(SourceTest, KeyOfTheConfigurationGoesToItsUpstreamAlone) {
  Configure("https://api.z.ai/api/anthropic");
  EXPECT_EQ(Error({.upstream = "https://other.example"}), "key-elsewhere");
  EXPECT_EQ(Error({.upstream = "http://api.z.ai"}), "key-elsewhere") << "in the clear";
  EXPECT_EQ(Error({.upstream = "https://api.z.ai/api/coding/paas/v4"}), "");
  EXPECT_EQ(Error({}), "");
  EXPECT_THAT(FindSource({.upstream = "https://other.example"}, {.key_env = "KEY"}, machine_)
                  .status.message(),
              HasSubstr("--key-env"));
}

TEST_F(SourceTest, WhereNoUpstreamIsConfiguredItGoesToTheProviderAlone) {
  Configure("");
  EXPECT_EQ(Error({.upstream = "https://open.bigmodel.cn"}), "");
  EXPECT_EQ(Error({.upstream = "http://127.0.0.1:9"}), "key-elsewhere");
  EXPECT_EQ(Error({}), "upstream-missing");
}

TEST_F(SourceTest, KeyThatIsNamedBesideTheUpstreamIsForIt) {
  Configure("https://api.z.ai/api/anthropic");
  const auto source =
      FindSource({.upstream = "https://other.example/x", .key = {.variable = "MINE"}},
                 {.key_env = "KEY"}, machine_);
  EXPECT_TRUE(source.status.ok()) << source.status;
  EXPECT_EQ(source.origin, "https://other.example");
  EXPECT_EQ(source.key.variable, "MINE");
}

TEST_F(SourceTest, KnowsThePlanAndTheAccounts) {
  Configure("https://api.z.ai/api/anthropic");
  EXPECT_EQ(FindSource({}, {}, machine_).plan.plan, "pro");
  const auto source = FindSource({.account = "nope"}, {}, machine_);
  EXPECT_EQ(std::string(source.error), "no-account");
  EXPECT_THAT(source.status.message(), HasSubstr("no account nope in /config.toml"));
}

TEST_F(SourceTest, WhatIsNotValidIsTheConfigurationsMistake) {
  machine_.files["/config.toml"] = "[account.default]\nupstream = 3\n";
  EXPECT_EQ(Error({}), "config");
}

}  // namespace
}  // namespace zbroker::meter
