#include "shims/tools/upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using testing::Fails;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class UpstreamTest : public ::testing::Test {
 protected:
  void Configure(const std::string& text) { machine_.files["/config.toml"] = text; }
  absl::StatusOr<std::string> Configured(const std::string& account = "") {
    return ConfiguredUpstream(account, machine_);
  }

  FakeSurroundings machine_;
};

TEST_F(UpstreamTest, IsEmptyWhereNothingIsConfigured) {
  EXPECT_EQ(*Configured(), "");
  Configure("[account.default.slots]\nlimit = 2\n");
  EXPECT_EQ(*Configured(), "");
}

TEST_F(UpstreamTest, IsThatOfTheNamedAccount) {
  Configure("[account.default]\nupstream = 'http://a'\n[account.work]\nupstream = 'http://b/'\n");
  EXPECT_EQ(*Configured("work"), "http://b");
  EXPECT_EQ(*Configured("default"), "http://a");
  EXPECT_EQ(*Configured("other"), "");
  EXPECT_EQ(*Configured(), "http://a");
}

TEST_F(UpstreamTest, DefaultAccountIsFoundAsTheDaemonFindsIt) {
  Configure("[account.only]\nupstream = 'http://only'\n");
  EXPECT_EQ(*Configured(), "http://only");
  Configure("[broker]\ndefault_account = 'b'\n[account.a]\n[account.b]\nupstream = 'http://b'\n");
  EXPECT_EQ(*Configured(), "http://b");
}

TEST_F(UpstreamTest, MistakesAreReportedWithTheirPlace) {
  Configure("[account.default]\nupstream = 'nonsense'\n");
  EXPECT_THAT(Configured(), Fails(kInvalid, HasSubstr("/config.toml:2: account.default.upstream")));
  Configure("[account.default]\n\nupstream = 5\n");
  EXPECT_THAT(Configured(), Fails(kInvalid, HasSubstr("/config.toml:3: account.default.upstream")));
  Configure("[account");
  EXPECT_THAT(Configured(), Fails(kInvalid, HasSubstr("/config.toml:1: ")));
  Configure("[[[");
  EXPECT_THAT(Configured(), Fails(kInvalid, HasSubstr("/config.toml:1: ")));
  machine_.broken_files["/config.toml"] = absl::PermissionDeniedError("/config.toml: no");
  EXPECT_THAT(Configured(), Fails(kInvalid, HasSubstr("configuration file /config.toml: no")));
}

TEST_F(UpstreamTest, AccountsUpstreamSpeaksTheProtocolAsked) {
  Configure("[account.default]\nupstream = 'https://x/api/anthropic'\n");
  EXPECT_EQ(AccountUpstream("tool", {}, machine_, Protocol::kOpenAi)->text(),
            "https://x/api/coding/paas/v4");
}

TEST_F(UpstreamTest, WithoutAnAccountsUpstreamNoneIsTakenForGranted) {
  EXPECT_THAT(AccountUpstream("tool", {}, machine_, Protocol::kOpenAi).status(),
              Fails(kInvalid, HasSubstr("where the requests of tool go")));
}

}  // namespace
}  // namespace zbroker::tools
