#include "shims/tools/url.h"

#include <gtest/gtest.h>

#include <string>

namespace zbroker::tools {
namespace {

constexpr char kGateway[] = "http://127.0.0.1:4242/token";

Url Parsed(const std::string& text) { return *ParseUrl("", text); }

std::string ThroughIt(const std::string& upstream, const std::string& target) {
  return Through(kGateway, Parsed(upstream), Parsed(target)).value_or("out of reach");
}

TEST(ForProtocolTest, FindsTheNeighbour) {
  EXPECT_EQ(ForProtocol(Parsed("https://a/api/anthropic"), Protocol::kOpenAi).text(),
            "https://a/api/coding/paas/v4");
  EXPECT_EQ(ForProtocol(Parsed("https://a/api/coding/paas/v4"), Protocol::kAnthropic).text(),
            "https://a/api/anthropic");
  EXPECT_EQ(ForProtocol(Parsed("https://a/api/paas/v4"), Protocol::kAnthropic).text(),
            "https://a/api/anthropic");
}

TEST(ForProtocolTest, LeavesTheRightOneAndTheUnknownAlone) {
  for (const char* text :
       {"https://a/api/coding/paas/v4", "https://a/api/paas/v4", "http://a", "http://a/v1"}) {
    EXPECT_EQ(ForProtocol(Parsed(text), Protocol::kOpenAi).text(), text);
  }
  EXPECT_EQ(ForProtocol(Parsed("https://a/api/anthropic"), Protocol::kAnthropic).text(),
            "https://a/api/anthropic");
}

TEST(ThroughTest, UpstreamItselfIsTheGateway) {
  EXPECT_EQ(ThroughIt("https://a/x", "https://a/x"), kGateway);
}

TEST(ThroughTest, ApiPathsAreTakenFromTheOrigin) {
  EXPECT_EQ(ThroughIt("https://a/api/anthropic", "https://a/api/paas/v4"),
            "http://127.0.0.1:4242/token/api/paas/v4");
  EXPECT_EQ(ThroughIt("https://a/api/anthropic", "https://a/api/anthropic/v1"),
            "http://127.0.0.1:4242/token/api/anthropic/v1");
}

TEST(ThroughTest, OtherPathsMustBeBelowTheUpstreams) {
  EXPECT_EQ(ThroughIt("http://a", "http://a/v1"), "http://127.0.0.1:4242/token/v1");
  EXPECT_EQ(ThroughIt("http://a/x", "http://a/x/v1"), "http://127.0.0.1:4242/token/v1");
  EXPECT_EQ(ThroughIt("http://a/x", "http://a/xy"), "out of reach");
  EXPECT_EQ(ThroughIt("http://a/x", "http://a/y"), "out of reach");
  EXPECT_EQ(ThroughIt("http://a/x", "http://a/x/api/y"), "http://127.0.0.1:4242/token/api/y");
  EXPECT_EQ(ThroughIt("http://a/x", "http://a/x/api/paas/y"), "out of reach");
}

TEST(ThroughTest, AnotherOriginIsOutOfReach) {
  EXPECT_EQ(ThroughIt("https://a/api/x", "http://a/api/x"), "out of reach");
  EXPECT_EQ(ThroughIt("https://a", "https://b"), "out of reach");
}

}  // namespace
}  // namespace zbroker::tools
