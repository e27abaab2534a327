#include "shims/gateway/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKey[] = "0f3a9c71d2.Qm8vXz4LrT6";
constexpr char kBody[] =
    R"({"model":"glm-4.7-flash-2026","messages":[{"role":"user","content":)"
    R"("The patient\u0027s name is Anna \u4f60\u597d\u4e16\u754c\u4f60\u597d, born 1971"}]})";

Secrets Of(Headers headers, absl::string_view target = "/v1/messages") {
  return Secrets(headers, target, kBody, "glm-4.7-flash-2026");
}

TEST(SecretsTest, CredentialsAreMaskedWhereverTheyStand) {
  for (const Headers& headers : {Headers{{"Authorization", absl::StrCat("Bearer ", kKey)}},
                                 Headers{{"x-api-key", kKey}}, Headers{{"X-Goog-Token", kKey}},
                                 Headers{{"Cookie", absl::StrCat("a=b; session=", kKey)}}}) {
    EXPECT_EQ(Of(headers).Mask(absl::StrCat("the key ", kKey, " has expired")),
              "the key … has expired");
  }
}

TEST(SecretsTest, EveryCookieIsMasked) {
  EXPECT_EQ(Of({{"Cookie", "sess=SECRETCOOKIEVALUE123; user=hunter2hunter2"}})
                .Mask("cookie sess=SECRETCOOKIEVALUE123 user=hunter2hunter2"),
            "cookie sess=… user=…");
}

// Millions of places that are all alike: each is looked at once.
TEST(SecretsTest, OneByteOverAndOverTakesNoLongerThanOtherText) {
  const std::string body(size_t{8} << 20, 'A');
  const Secrets secrets({}, "/v1/messages", body, "");
  EXPECT_EQ(secrets.Mask(std::string(4096, 'A')), "…");
}

TEST(SecretsTest, PartsOfACredentialAreMasked) {
  const Secrets secrets = Of({{"x-api-key", kKey}});
  EXPECT_EQ(secrets.Mask("unknown id 0f3a9c71d2."), "unknown id …");
  EXPECT_EQ(secrets.Mask("ends with Qm8vXz4LrT6!"), "ends with …!");
}

TEST(SecretsTest, ShortCredentialsAreMaskedAsAWhole) {
  EXPECT_EQ(Of({{"x-api-key", "abcde"}}).Mask("key abcde, not abcd"), "key …, not abcd");
}

TEST(SecretsTest, CredentialsOfTheQueryAreMaskedAsWrittenAndAsMeant) {
  const Secrets secrets = Of({}, "/v1/messages?beta=true&api_key=s3cr%2Bet%2Fvalue9");
  EXPECT_EQ(secrets.Mask("got s3cr%2Bet%2Fvalue9"), "got …");
  EXPECT_EQ(secrets.Mask("got s3cr+et/value9"), "got …");
  EXPECT_EQ(secrets.Mask("beta=true"), "beta=true");
}

TEST(SecretsTest, WhatIsQuotedOfTheBodyIsMaskedEscapedOrNot) {
  const Secrets secrets = Of({});
  EXPECT_EQ(secrets.Mask("cannot parse: name is Anna 你好世界你好, born 1971."), "cannot parse:….");
  EXPECT_EQ(secrets.Mask(R"(at \u4f60\u597d\u4e16)"), "at…");
  EXPECT_EQ(secrets.Mask("The patient's name"), "…");
  EXPECT_EQ(secrets.Mask("messages and role are wrong"), "messages and role are wrong");
}

TEST(SecretsTest, ModelIsNoSecret) {
  EXPECT_EQ(Of({}).Mask("no such model: glm-4.7-flash-2026"), "no such model: glm-4.7-flash-2026");
}

TEST(SecretsTest, UnknownTextIsCutAndKnownTextIsNot) {
  const Secrets secrets = Of({{"x-api-key", kKey}});
  zai::Verdict verdict;
  verdict.message = absl::StrCat("[key ", kKey, "] ", std::string(200, 'x'));
  verdict.known_code = true;
  verdict.code = "1302";
  EXPECT_EQ(secrets.Mask(verdict).message, absl::StrCat("[key …] ", std::string(200, 'x')));
  EXPECT_EQ(secrets.Mask(verdict).code, "1302");
  verdict.known_code = false;
  verdict.code = kKey;
  EXPECT_THAT(secrets.Mask(verdict).message, HasSubstr("[key …] xxx"));
  EXPECT_LT(secrets.Mask(verdict).message.size(), 70u);
  EXPECT_EQ(secrets.Mask(verdict).code, "…");
}

TEST(SecretsTest, LongBodiesAreSearchedToTheirEnd) {
  std::string body(8 << 20, 'a');
  body += "the very last words";
  const Secrets secrets({}, "/", body, "");
  EXPECT_THAT(secrets.Mask("quoted: the very last words"), Not(HasSubstr("last")));
}

}  // namespace
}  // namespace zbroker::gateway
