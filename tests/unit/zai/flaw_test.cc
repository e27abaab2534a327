// Answers that do not call themselves an error, and errors in members of other names.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "shims/zai/classify.h"

namespace zbroker::zai {
namespace {

const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2026, 9, 21, 5, 55, 29), absl::UTCTimeZone());
const Endpoint kAnthropic = FindEndpoint("POST", "/api/anthropic/v1/messages");
const Endpoint kOpenAi = FindEndpoint("POST", "/api/coding/paas/v4/chat/completions");

Verdict Classify(int status, absl::string_view body) {
  return ClassifyResponse(kOpenAi, {status, NoHeaders, body}, kNow);
}

TEST(FlawTest, WhatNoModelGaveIsForeign) {
  for (const char* body :
       {"<html>x</html>", "ok", R"("ok")", "7", "[1]", R"({"detail":"Not found"})",
        R"({"status":"ok"})", R"({"success":true})"}) {
    for (const Endpoint& endpoint : {kOpenAi, kAnthropic}) {
      EXPECT_EQ(FlawOf(endpoint, body), Flaw::kForeign) << body;
    }
    EXPECT_EQ(FlawOf(FindEndpoint("POST", "/api/paas/v4/images/generations"), body), Flaw::kNone);
    EXPECT_EQ(FlawOf(FindEndpoint("GET", "/v1/models"), body), Flaw::kNone);
  }
}

TEST(FlawTest, WhatIsCutIsKnownByItsBrackets) {
  const std::string whole = R"({"content":[{"type":"text","text":"a ]}\" b"}],"usage":{}})";
  EXPECT_EQ(FlawOf(kAnthropic, whole), Flaw::kNone);
  for (size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(FlawOf(kAnthropic, whole.substr(0, size)), Flaw::kCut) << size;
  }
  EXPECT_EQ(FlawOf(kAnthropic, "{\"content\":\"\xFF\"}"), Flaw::kNone);
}

TEST(FlawTest, AnswersOfAModelAreNone) {
  for (const char* body :
       {R"({"choices":[{"message":{"content":"x"}}]})", R"({"object":"list","data":[{"a":1}]})",
        R"({"type":"message","role":"assistant"})", R"({"usage":{"input_tokens":1}})",
        R"({"object":"response","status":"queued"})"}) {
    EXPECT_EQ(FlawOf(kOpenAi, body), Flaw::kNone) << body;
  }
  for (const char* body : {"", " ", "{}", "[]", "null", R"({"choices":[]})"}) {
    EXPECT_EQ(FlawOf(kOpenAi, body), Flaw::kEmpty) << body;
  }
}

TEST(ErrorMemberTest, ErrorIsFoundInOtherMembersToo) {
  const absl::string_view inner = R"({"code":"1308","message":"Usage limit reached for 5 hour"})";
  for (const char* shape :
       {R"({"error":{"data":{"error":$E}}})", R"({"error":{"data":$E}})", R"({"failure":$E})",
        R"({"result":null,"failure":{"error":$E}})", R"({"Error":$E})", R"([{"error":$E}])",
        R"({"errors":[$E]})", "\xEF\xBB\xBF{\"error\":$E}"}) {
    const std::string body = absl::StrReplaceAll(shape, {{"$E", inner}});
    for (const int status : {429, 200}) {
      EXPECT_EQ(Classify(status, body).signal, Signal::kWall) << status << " " << body;
    }
  }
  EXPECT_EQ(Classify(429, R"({"content":"x","code":1308,"message":"5 hour"})").signal,
            Signal::kWall);
  EXPECT_EQ(Classify(429, R"({"error":{"code":1308.0,"message":"5 hour"}})").code, "1308");
  EXPECT_EQ(Classify(200, R"({"type":"error","message":"x"})").signal, Signal::kTransient);
}

TEST(ErrorMemberTest, EmptyErrorBesideAnAnswerIsNone) {
  for (const char* error : {"{}", "[]", "false", "\"\"", R"({"code":0,"message":""})",
                            R"({"code":null,"message":null})"}) {
    EXPECT_EQ(Classify(200, absl::StrCat(R"({"id":"c","error":)", error,
                                         R"(,"choices":[{"message":{"content":"hi"}}]})"))
                  .signal,
              Signal::kNone)
        << error;
  }
  EXPECT_EQ(Classify(200, R"({"type":"error","error":{},"request_id":"r"})").signal,
            Signal::kTransient);
}

TEST(ErrorMemberTest, ResetIsAlsoReadFromAMemberOfItsOwn) {
  const std::string text = absl::StrCat(absl::ToUnixSeconds(kNow + absl::Hours(2)));
  for (const std::string& member :
       {absl::StrCat("\"resets_at\":", text), absl::StrCat("\"resets_at\":", text, "000"),
        std::string(R"("reset_at":"2026-09-21T07:55:29Z")")}) {
    EXPECT_EQ(
        Classify(429, absl::StrCat(R"({"error":{"code":"1308","message":"5 hour",)", member, "}}"))
            .reset_at,
        kNow + absl::Hours(2))
        << member;
  }
}

}  // namespace
}  // namespace zbroker::zai
