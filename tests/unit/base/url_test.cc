#include "client/base/url.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"

namespace zbroker {
namespace {

using ::testing::AllOf;
using testing::Fails;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(UrlTest, IsOriginAndPath) {
  const auto url = ParseUrl("upstream", "https://api.example.com/v1/messages");
  ASSERT_OK(url);
  EXPECT_EQ(url->origin, "https://api.example.com");
  EXPECT_EQ(url->path, "/v1/messages");
  EXPECT_EQ(url->text(), "https://api.example.com/v1/messages");
}

TEST(UrlTest, SlashesAtTheEndDoNotCount) {
  EXPECT_EQ(ParseUrl("", "http://127.0.0.1:80/a//")->text(), "http://127.0.0.1:80/a");
  EXPECT_EQ(ParseUrl("", "http://[::1]:80/")->text(), "http://[::1]:80");
  EXPECT_EQ(ParseUrl("", "http://a")->path, "");
}

TEST(UrlTest, SchemeAndHostAreInLowerCaseAndThePathIsKept) {
  EXPECT_EQ(ParseUrl("", "HTTPS://API.Example.com/V1")->text(), "https://api.example.com/V1");
}

TEST(UrlTest, WhatIsNoBaseUrlIsRefused) {
  for (const char* text : {"", "example.com", "ftp://a", "http://", "http:///a", "http://:80/",
                           "https://a?b=c", "https://a/#b", "https://a b", "https://a\n", "://a",
                           "http://a\\b/", "file:///etc/passwd", "http://\xc3\xa9/"}) {
    EXPECT_THAT(ParseUrl("upstream", text), Fails(kInvalid, HasSubstr("upstream: "))) << text;
  }
  EXPECT_THAT(ParseUrl("upstream", "http://a/" + std::string(3000, 'a')),
              Fails(kInvalid, HasSubstr("too many characters")));
}

TEST(UrlTest, PasswordIsNotRepeated) {
  EXPECT_THAT(ParseUrl("upstream", "https://user:secret@example.com"),
              Fails(kInvalid, AllOf(HasSubstr("a user name"), Not(HasSubstr("secret")))));
}

}  // namespace
}  // namespace zbroker
