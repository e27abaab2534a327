#include "shims/gateway/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::gateway {
namespace {

using ::testing::AllOf;
using testing::Fails;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr char kToken[] = "0123456789abcdef";

std::string UrlOf(absl::string_view upstream, absl::string_view below) {
  const absl::StatusOr<Upstream> parsed = Upstream::Parse(upstream);
  return parsed.ok() ? parsed->UrlFor(below) : parsed.status().ToString();
}

TEST(LoopbackHostTest, NamesOfThisMachine) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:8787", "localhost", "LOCALHOST:1", "[::1]",
                           "[::1]:65535", "localhost:0", "127.0.0.2:80", "127.255.255.254"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
}

TEST(LoopbackHostTest, NamesOfAnyOther) {
  for (const char* host : {"",
                           ":",
                           ":80",
                           "evil.example",
                           "evil.example:8787",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example",
                           "127.0.0.256",
                           "127.0.0.+1",
                           "127.0..1",
                           "127.0.0.1.1",
                           "128.0.0.1",
                           "127.1",
                           "0.0.0.0",
                           "[::1",
                           "::1",
                           "[::1]x",
                           "[::2]:80",
                           "localhost:",
                           "localhost:x",
                           "localhost:-1",
                           "localhost:80:80",
                           "localhost.",
                           "user@localhost",
                           " localhost",
                           "[evil]localhost"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

TEST(BelowTokenTest, GivesWhatFollowsTheToken) {
  EXPECT_THAT(BelowToken(absl::StrCat("/", kToken), kToken), Optional(absl::string_view("")));
  EXPECT_THAT(BelowToken(absl::StrCat("/", kToken, "/"), kToken), Optional(absl::string_view("/")));
  EXPECT_THAT(BelowToken(absl::StrCat("/", kToken, "/v1/messages?beta=true"), kToken),
              Optional(absl::string_view("/v1/messages?beta=true")));
  EXPECT_THAT(BelowToken(absl::StrCat("/", kToken, "?a=/b"), kToken),
              Optional(absl::string_view("?a=/b")));
}

TEST(BelowTokenTest, KnowsNoOtherToken) {
  for (const std::string& target :
       {std::string(), std::string("/"), std::string("*"), std::string(kToken),
        absl::StrCat("//", kToken), absl::StrCat("/", kToken, "0"), absl::StrCat("/0", kToken),
        std::string("/0123456789abcde/"), std::string("/0123456789ABCDEF/"),
        absl::StrCat("/a/", kToken), absl::StrCat("?/", kToken), absl::StrCat("/%30", kToken),
        absl::StrCat("http://localhost/", kToken)}) {
    EXPECT_EQ(BelowToken(target, kToken), std::nullopt) << target;
  }
  EXPECT_EQ(BelowToken("//v1/messages", ""), std::nullopt);
}

TEST(RequestTargetTest, OriginFormIsThePath) {
  const RequestTarget target = ReadTarget("/TOKEN/v1?u=http://a/");
  EXPECT_EQ(target.authority, std::nullopt);
  EXPECT_EQ(target.path, "/TOKEN/v1?u=http://a/");
}

TEST(RequestTargetTest, AbsoluteFormNamesTheHostToo) {
  for (const char* scheme : {"http", "HTTP"}) {
    const std::string text = absl::StrCat(scheme, "://127.0.0.1:8787/TOKEN/v1?a");
    const RequestTarget target = ReadTarget(text);
    EXPECT_THAT(target.authority, Optional(absl::string_view("127.0.0.1:8787")));
    EXPECT_EQ(target.path, "/TOKEN/v1?a");
  }
  EXPECT_THAT(ReadTarget("http:///TOKEN").authority, Optional(absl::string_view("")));
  EXPECT_THAT(ReadTarget("http://evil.example?/TOKEN").authority,
              Optional(absl::string_view("evil.example")));
  EXPECT_EQ(ReadTarget("http://localhost").path, "");
}

TEST(UpstreamTest, SeveralSlashesAreOne) {
  EXPECT_EQ(UrlOf("https://api.z.ai/api/anthropic", "//api/coding/paas/v4///chat/completions?a=//"),
            "https://api.z.ai/api/coding/paas/v4/chat/completions?a=//");
  EXPECT_EQ(UrlOf("https://api.z.ai/api/anthropic", "//v1//messages/"),
            "https://api.z.ai/api/anthropic/v1/messages/");
}

TEST(UpstreamTest, PathsGoBelowItsPath) {
  EXPECT_EQ(UrlOf("https://api.z.ai/api/anthropic", "/v1/messages?beta=true"),
            "https://api.z.ai/api/anthropic/v1/messages?beta=true");
  EXPECT_EQ(UrlOf("https://api.z.ai/api/anthropic//", "/v1/messages"),
            "https://api.z.ai/api/anthropic/v1/messages");
  EXPECT_EQ(UrlOf("http://127.0.0.1:80", ""), "http://127.0.0.1:80");
  EXPECT_EQ(UrlOf("http://127.0.0.1/", "?a=b"), "http://127.0.0.1?a=b");
  EXPECT_EQ(UrlOf("HTTPS://[::1]:8443/base", "/x"), "https://[::1]:8443/base/x");
}

TEST(UpstreamTest, PathsOfTheProviderGoBelowItsOrigin) {
  EXPECT_EQ(UrlOf("https://api.z.ai/api/anthropic", "/api/mcp/zread/mcp"),
            "https://api.z.ai/api/mcp/zread/mcp");
  EXPECT_EQ(UrlOf("https://api.z.ai/api/anthropic", "/api/hello"),
            "https://api.z.ai/api/anthropic/api/hello");
  EXPECT_EQ(UrlOf("https://api.z.ai/api/anthropic", "/apiary"),
            "https://api.z.ai/api/anthropic/apiary");
}

TEST(UpstreamTest, RedirectionsLeadBelowTheTokenAgain) {
  const Upstream upstream = *Upstream::Parse("https://api.z.ai/api/anthropic");
  const std::pair<const char*, std::optional<std::string>> locations[] = {
      {"https://api.z.ai/api/anthropic/v1/models/?limit=1000", "/v1/models/?limit=1000"},
      {"https://api.z.ai/api/anthropic", ""},
      {"/api/anthropic/v1/models/", "/v1/models/"},
      {"/api/coding/paas/v4/models", "/api/coding/paas/v4/models"},
      {"https://api.z.ai/api/v1/models?a=b", "/api/v1/models?a=b"},
      {"https://api.z.ai/login", std::nullopt},
      {"https://api.z.ai.example.com/api/anthropic/v1", std::nullopt},
      {"https://open.bigmodel.cn/api/anthropic/v1", std::nullopt},
      {"//api.z.ai/api/anthropic/v1", std::nullopt},
      {"/api/anthropics", std::nullopt},
      {"models/", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [location, below] : locations) EXPECT_EQ(upstream.BelowFor(location), below);
}

// What a client sends can't name another host.
TEST(UpstreamTest, HostStaysWhatItIs) {
  EXPECT_EQ(UrlOf("http://a.example", "/@b.example/"), "http://a.example/@b.example/");
  EXPECT_EQ(UrlOf("http://a.example", "//b.example/"), "http://a.example/b.example/");
}

TEST(UpstreamTest, BadOnesAreRefusedWithTheReason) {
  const std::pair<std::string, std::string> wrong[] = {
      {"", "not a URL"},
      {"api.z.ai/api", "not a URL"},
      {"http://", "not a URL"},
      {"http://a b", "not a URL"},
      {"http://a:99999", "not a URL"},
      {"ftp://a", "neither http nor https"},
      {"file:///etc/passwd", "neither http nor https"},
      {"https://a?b=c", "query or a fragment"},
      {"https://a/#b", "query or a fragment"},
      {"https://user@a", "user name or a password"},
      {"https://:secret@a", "user name or a password"},
      {absl::StrCat("https://a/", std::string(3000, 'x')), "longer than 2048 bytes"},
  };
  for (const auto& [url, why] : wrong) {
    EXPECT_THAT(Upstream::Parse(url),
                Fails(absl::StatusCode::kInvalidArgument,
                      AllOf(HasSubstr(why), HasSubstr("https://api.z.ai/api/anthropic"))))
        << url;
  }
}

TEST(PathTest, EndsAtTheQuery) {
  EXPECT_EQ(PathOf("/v1/messages?key=secret"), "/v1/messages");
  EXPECT_EQ(PathOf("/v1"), "/v1");
  EXPECT_EQ(PathOf("?a"), "");
}

}  // namespace
}  // namespace zbroker::gateway
