#include "shims/tools/known_gateway.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";
constexpr char kOuterToken[] = "fedcba9876543210fedcba9876543210";

class KnownGatewayTest : public ::testing::Test {
 protected:
  void Keep(const std::string& token) { machine_.files["/state/gateway-token"] = token; }
  bool Known(const std::string& url) { return IsKnownGateway(url, "/state", machine_); }

  FakeSurroundings machine_;
};

TEST_F(KnownGatewayTest, EverySpellingOfLoopbackThatAGatewayServesIsKnown) {
  Keep(absl::StrCat(kToken, "\n"));
  for (const char* origin :
       {"http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:8787", "http://localhost",
        "HTTP://LocalHost:1", "http://[::1]", "http://127.1:8787", "http://[0:0:0:0:0:0:0:1]:1"}) {
    for (const char* rest : {"", "/", "/api/coding/paas/v4"}) {
      const std::string url = absl::StrCat(origin, "/", kToken, rest);
      EXPECT_TRUE(Known(url)) << url;
    }
  }
}

TEST_F(KnownGatewayTest, OtherPlacesAreNot) {
  Keep(kToken);
  for (const char* origin :
       {"https://api.z.ai", "http://localhost.example.com", "http://127.0.0.1.example.com",
        "http://127.0.0.2:8787", "http://[::2]:8787", "http://192.168.0.1:8787",
        "https://localhost:8787", "http://0.0.0.0:8787"}) {
    const std::string url = absl::StrCat(origin, "/", kToken);
    EXPECT_FALSE(Known(url)) << url;
  }
}

TEST_F(KnownGatewayTest, TokenIsTheFirstSegmentAndWhole) {
  Keep(kToken);
  const std::string origin = "http://127.0.0.1:8787/";
  EXPECT_FALSE(Known(absl::StrCat(origin, "proxy/", kToken)));
  EXPECT_FALSE(Known(absl::StrCat(origin, kToken, "0")));
  EXPECT_FALSE(Known(absl::StrCat(origin, "/", kToken)));
  EXPECT_FALSE(Known(absl::StrCat(origin, kOuterToken)));
  EXPECT_FALSE(Known(origin));
}

TEST_F(KnownGatewayTest, TheOneAboveIsKnownByItsToken) {
  machine_.variables[kGatewayVariable] = absl::StrCat("http://127.0.0.1:4242/", kOuterToken);
  EXPECT_TRUE(Known(absl::StrCat("http://127.0.0.1:4242/", kOuterToken)));
  EXPECT_TRUE(Known(absl::StrCat("http://localhost:4242/", kOuterToken, "/v1")));
  EXPECT_FALSE(Known(absl::StrCat("http://localhost:4242/", kToken)));
}

TEST_F(KnownGatewayTest, WithoutATokenNothingIs) {
  EXPECT_FALSE(Known("http://127.0.0.1:8787"));
  EXPECT_FALSE(Known(absl::StrCat("http://127.0.0.1:8787/", kToken)));
  Keep("\n");
  EXPECT_FALSE(Known("http://127.0.0.1:8787"));
  machine_.variables[kGatewayVariable] = "http://127.0.0.1:8787/api";
  EXPECT_FALSE(Known("http://127.0.0.1:8787/api/anthropic"));
}

}  // namespace
}  // namespace zbroker::tools
