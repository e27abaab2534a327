// Errors that relays have wrapped, phrases, and what the answers of the field have in common.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "shims/zai/classify.h"
#include "shims/zai/error_table.h"
#include "shims/zai/json_text.h"
#include "shims/zai/window_length.h"
#include "tests/unit/zai/headers.h"

namespace zbroker::zai {
namespace {

// 18:45:35 of the provider's clock.
const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2026, 10, 7, 10, 45, 35), absl::UTCTimeZone());
const Endpoint kOpenAi = FindEndpoint("POST", "/chat/completions");
const Endpoint kMcp = FindEndpoint("POST", "/api/mcp/web_reader/mcp");

Verdict Classify(int status, absl::string_view body, const Endpoint& endpoint = kOpenAi) {
  return ClassifyResponse(endpoint, {status, NoHeaders, body}, kNow);
}

struct Wall {
  const char* code;
  const char* text;
  absl::Duration length;
};

// What a used-up window of the plan says when there is, or may be, no balance for more.
const Wall kWalls[] = {
    {"1316",
     "Usage limit reached for the past 5 hours. Insufficient balance for extra usage. Resets at "
     "2026-10-07 20:45:35.",
     absl::Hours(5)},
    {"1317",
     "Usage limit reached for the past 7 days. Insufficient balance for extra usage. Resets at "
     "2026-10-07 20:45:35.",
     kWeek},
    {"1318",
     "Usage limit reached for the past 5 hours. Extra usage is not available due to monthly spend "
     "limit. Resets at 2026-10-07 20:45:35.",
     absl::Hours(5)},
    {"1319",
     "Usage limit reached for the past 7 days. Extra usage is not available due to monthly spend "
     "limit. Resets at 2026-10-07 20:45:35.",
     kWeek},
};

void ExpectWall(const Wall& wall, absl::string_view body) {
  SCOPED_TRACE(body);
  for (const int status : {200, 429}) {
    const Verdict verdict = Classify(status, body);
    EXPECT_EQ(verdict.signal, Signal::kWall);
    EXPECT_EQ(verdict.window_length, wall.length);
    EXPECT_EQ(verdict.reset_at, kNow + absl::Hours(2));
  }
}

// As relays print it, $ERROR being JSON, $QUOTED the same as a JSON string without its quotes.
constexpr absl::string_view kRelays[] = {
    "$ERROR",
    R"({"error":$ERROR})",
    R"({"error":{"message":"upstream: 429 $QUOTED","type":"upstream_error"}})",
    R"({"error":{"message":"$QUOTED","type":"rate_limit_error","code":"429"}})",
    R"({"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"$QUOTED"}}})",
    R"({"type":"error","error":{"type":"api_error","message":"$QUOTED"}})",
};

TEST(NestedErrorTest, WallIsFoundInEveryRelayWithItsCode) {
  for (const Wall& wall : kWalls) {
    const std::string error =
        absl::StrCat(R"({"error":{"code":")", wall.code, R"(","message":")", wall.text, R"("}})");
    std::string quoted = JsonString(error);
    quoted = quoted.substr(1, quoted.size() - 2);
    for (const absl::string_view relay : kRelays) {
      ExpectWall(wall, absl::StrReplaceAll(relay, {{"$ERROR", error}, {"$QUOTED", quoted}}));
    }
  }
}

TEST(NestedErrorTest, WallIsFoundInItsWordsAlone) {
  for (const Wall& wall : kWalls) {
    ExpectWall(wall, absl::StrCat(R"({"error":{"message":")", wall.text, R"("}})"));
    ExpectWall(wall, absl::StrCat(R"({"error":")", wall.text, R"("})"));
  }
}

// A relay's own status says nothing of its upstream.
TEST(NestedErrorTest, WallThatSaysUntilWhenIsOneUnderARelaysStatus) {
  for (const Wall& wall : kWalls) {
    const std::string body = absl::StrCat(R"({"error":{"message":"upstream error: )", wall.text,
                                          R"(","type":"upstream_error"}})");
    for (const int status : {402, 403, 500, 502, 503}) {
      EXPECT_EQ(Classify(status, body).signal, Signal::kWall) << status;
      EXPECT_EQ(Classify(status, body).reset_at, kNow + absl::Hours(2)) << status;
    }
    EXPECT_EQ(Classify(400, body).signal, Signal::kClient) << "it may quote the request";
  }
}

TEST(NestedErrorTest, WordsOfLimitsUnderARelaysStatusDecideNothing) {
  for (const char* text : {"rate limit", "quota", "usage limit", "insufficient balance",
                           "daily call limit", "usage limit reached for 5 hour"}) {
    const std::string body = absl::StrCat(R"({"error":{"message":")", text, R"("}})");
    EXPECT_EQ(Classify(502, body).signal, Signal::kTransient) << text;
    EXPECT_EQ(Classify(403, body).signal, Signal::kClient) << text;
  }
}

TEST(NestedErrorTest, MessageBesideTheNameOfAStatusIsRead) {
  const Verdict verdict =
      Classify(500, R"({"timestamp":"2026-08-20T06:56:49.524+00:00","status":500,
                        "error":"Internal Server Error","message":"404 NOT_FOUND","path":"/v4"})");
  EXPECT_EQ(verdict.signal, Signal::kClient);
  EXPECT_TRUE(verdict.no_such_path);
  const Verdict coded =
      Classify(429, R"({"error":"Too Many Requests","message":"[1302][Rate limit][r1]"})");
  EXPECT_EQ(coded.code, "1302");
  EXPECT_EQ(Classify(429, R"({"error":"too many requests","message":"slow down"})").signal,
            Signal::kThrottle);
}

TEST(NestedErrorTest, CodeIsFoundAsOtherLanguagesPrintIt) {
  const absl::string_view texts[] = {
      "Error code: 429 - {'error': {'code': '1302', 'message': 'Rate limit reached'}}",
      "API Error: 429 [1302][Rate limit reached for requests][20261007184535ab] (relay 7)",
      R"(status 429, body {"error":{"code":1302,"message":"Rate limit reached"}})",
  };
  for (const absl::string_view text : texts) {
    const std::string body = absl::StrCat(R"({"error":{"message":)", JsonString(text), "}}");
    EXPECT_EQ(Classify(500, body).signal, Signal::kThrottle) << body;
    EXPECT_EQ(Classify(500, body).code, "1302") << body;
  }
}

TEST(NestedErrorTest, OtherShapesOfRelays) {
  const absl::string_view bodies[] = {
      R"([{"error":{"code":"1302","message":"x"}}])",
      R"({"detail":{"error":{"code":"1302","message":"x"}}})",
      R"({"errors":[{"code":"1302","message":"x"}]})",
      R"({"error":{"error":{"code":"1302","message":"x"}}})",
  };
  for (const absl::string_view body : bodies) {
    EXPECT_EQ(Classify(429, body).code, "1302") << body;
  }
}

TEST(NestedErrorTest, OwnCodeIsNotOutvotedByWhatItQuotes) {
  EXPECT_EQ(Classify(400, R"({"error":{"code":"1210","message":"bad: {\"code\":\"1302\"}"}})").code,
            "1210");
}

TEST(NestedErrorTest, DepthIsBounded) {
  std::string body = R"({"code":"1302","message":"x"})";
  for (int i = 0; i < 200; ++i) body = absl::StrCat(R"({"error":)", body, "}");
  EXPECT_EQ(Classify(400, body).signal, Signal::kClient);
}

TEST(PhraseTest, OrderOfTheTableMeansNothing) {
  // Texts with phrases of several kinds: the more precise one decides, wherever it stands.
  const std::pair<const char*, Signal> texts[] = {
      {"rate limit: high concurrency", Signal::kThrottle},
      {"rate limit: too high a frequency", Signal::kStartRate},
      {"frequency and concurrency", Signal::kThrottle},
      {"overloaded, rate limit", Signal::kOverload},
      {"insufficient balance, rate limit", Signal::kTerminal},
      {"rate limit, insufficient balance", Signal::kTerminal},
      {"Fair Usage Policy, your request frequency has been limited", Signal::kBreaker},
      {"quota: insufficient balance", Signal::kTerminal},
      {"Usage limit reached for 5 hour. Insufficient balance", Signal::kWall},
      {"Insufficient balance. Usage limit reached for 5 hour", Signal::kWall},
  };
  for (const auto& [text, signal] : texts) {
    EXPECT_EQ(Classify(429, text).signal, signal) << text;
  }
}

TEST(WrongPathTest, IsTheClientsInEveryShape) {
  const std::pair<int, const char*> answers[] = {
      {200, R"({"code":500,"msg":"404 NOT_FOUND","success":false})"},
      {500, R"({"error":{"code":"500","message":"404 NOT_FOUND"}})"},
      {500, R"({"code":500,"msg":"404 NOT_FOUND \"No static resource\"","success":false})"},
      {200, R"({"code":500,"msg":"405 METHOD_NOT_ALLOWED","success":false})"},
      {404, R"({"timestamp":"2026-08-20T06:56:49.524+00:00","status":404,"error":"Not Found",
                "path":"/v4/v1/messages"})"},
      {200, R"({"timestamp":"2026-08-20T06:56:49.524+00:00","status":404,"error":"Not Found",
                "path":"/v4/v1/messages"})"},
      {404, R"({"type":"about:blank","title":"Not Found","status":404,"detail":"No resource"})"},
      {404, R"({"path":"/v4","error":"Not Found","status":404,"timestamp":1302})"},
      {404, "<html>nginx</html>"},
      {404, ""},
  };
  for (const auto& [status, body] : answers) {
    const Verdict verdict = Classify(status, body);
    EXPECT_EQ(verdict.signal, Signal::kClient) << body;
    EXPECT_TRUE(verdict.no_such_path) << body;
    EXPECT_FALSE(verdict.worth_another_try) << body;
    EXPECT_NE(verdict.advice, "") << body;
  }
}

TEST(WrongPathTest, WhatIsNotThereMayBeSomethingElse) {
  const Verdict model = Classify(
      404, R"({"type":"error","error":{"type":"not_found_error","message":"model: glm-9"}})");
  EXPECT_EQ(model.signal, Signal::kClient);
  EXPECT_FALSE(model.no_such_path);
  EXPECT_FALSE(Classify(404, "", kMcp).no_such_path) << "a session";
  EXPECT_FALSE(Classify(500, R"({"error":{"code":"500","message":"Internal"}})").no_such_path);
}

TEST(TransientTest, KnownFaultsAreWorthAnotherTry) {
  EXPECT_TRUE(Classify(500, R"({"error":{"code":"1234","message":"Internal network failure"}})")
                  .worth_another_try);
  EXPECT_TRUE(
      Classify(200, R"({"error":{"code":"1234","message":"Network error"}})").worth_another_try);
  EXPECT_TRUE(Classify(200, R"({"choices":[{"finish_reason":"network_error","message":{
      "role":"assistant","content":""}}]})")
                  .worth_another_try);
  EXPECT_FALSE(Classify(200, R"({"choices":[{"finish_reason":"network_error","message":{
      "role":"assistant","content":"so far"}}]})")
                   .worth_another_try);
  EXPECT_FALSE(Classify(502, "<html>").worth_another_try);
  EXPECT_FALSE(Classify(429, R"({"error":{"code":"1302","message":"x"}})").worth_another_try);
}

TEST(AuthenticationTest, CodeOfTheHttpStatusIsTerminal) {
  const Verdict verdict = Classify(401, R"({"error":{"code":"401","message":"令牌已过期"}})");
  EXPECT_EQ(verdict.signal, Signal::kTerminal);
  EXPECT_NE(verdict.advice, "");
}

struct McpText {
  const char* text;
  Signal signal;
};

TEST(McpErrorTest, BareTextIsReadWithAndWithoutItsMark) {
  const McpText texts[] = {
      {"MCP error -401: Api key not found, please get your apikey", Signal::kClient},
      {"MCP error -429: Rate limit reached for requests", Signal::kThrottle},
      {"MCP error -429: high frequency", Signal::kStartRate},
      {"MCP error -429: x", Signal::kThrottle},
      {"MCP error 403: not yours", Signal::kClient},
      {"MCP error 429: too many", Signal::kThrottle},
      {"MCP error -500: x", Signal::kTransient},
      {"Error: MCP error -429: x", Signal::kThrottle},
      {"mcp error -401: Api key not found", Signal::kClient},
      {"  MCP error -429: [1302][Rate limit reached][r1]\n", Signal::kThrottle},
      {R"(MCP error -429: {"code":"1310","message":"Weekly/Monthly Limit Exhausted. Your limit )"
       R"(will reset at 2026-10-20 00:00:00"})",
       Signal::kWall},
      {R"("MCP error -429: {\"error\":{\"code\":\"1302\",\"message\":\"x\"}}")", Signal::kThrottle},
  };
  for (const McpText& one : texts) {
    for (const char* mark : {"", R"(,"isError":true)"}) {
      const std::string body =
          absl::StrCat(R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":)",
                       JsonString(one.text), "}]", mark, "}}");
      EXPECT_EQ(Classify(200, body, kMcp).signal, one.signal) << body;
    }
  }
}

TEST(McpErrorTest, ToolThatFailedIsTheRequests) {
  const absl::string_view body =
      R"({"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[
          {"type":"text","text":"rate limit, quota, 1302: fetch failed"}]}})";
  EXPECT_EQ(Classify(200, body, kMcp).signal, Signal::kClient);
}

TEST(McpErrorTest, MoreTextsBehindTheErrorOrAnArrayAroundItMakeNoDifference) {
  EXPECT_EQ(Classify(200, R"({"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[
                {"type":"text","text":"MCP error -429: x"},{"type":"text","text":"try later"}]}})",
                     kMcp)
                .signal,
            Signal::kThrottle);
  EXPECT_EQ(Classify(200, R"([{"jsonrpc":"2.0","id":1,"error":{"code":-429,"message":"x"}}])", kMcp)
                .signal,
            Signal::kThrottle);
  // Of several texts without the mark one may well quote an error.
  EXPECT_EQ(Classify(200, R"({"jsonrpc":"2.0","id":1,"result":{"content":[
                {"type":"text","text":"MCP error -429: x"},{"type":"text","text":"is common"}]}})",
                     kMcp)
                .signal,
            Signal::kNone);
}

TEST(McpErrorTest, RpcCodesAreStatusesWithEitherSign) {
  for (const char* code : {"-401", "403", "-403"}) {
    EXPECT_EQ(Classify(200,
                       absl::StrCat(R"({"jsonrpc":"2.0","id":1,"error":{"code":)", code,
                                    R"(,"message":"x"}})"),
                       kMcp)
                  .signal,
              Signal::kClient)
        << code;
  }
}

}  // namespace
}  // namespace zbroker::zai
