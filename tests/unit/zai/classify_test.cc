#include "shims/zai/classify.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "shims/zai/window_length.h"
#include "tests/unit/zai/headers.h"

namespace zbroker::zai {
namespace {

// 13:55:29 of the provider's clock.
const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2026, 9, 21, 5, 55, 29), absl::UTCTimeZone());
const Endpoint kAnthropic = FindEndpoint("POST", "/api/anthropic/v1/messages");
const Endpoint kOpenAi = FindEndpoint("POST", "/api/coding/paas/v4/chat/completions");
const Endpoint kMcp = FindEndpoint("POST", "/api/mcp/web_reader/mcp");

Verdict Classify(int status, absl::string_view body, const Endpoint& endpoint = kOpenAi) {
  return ClassifyResponse(endpoint, {status, NoHeaders, body}, kNow);
}

// Every shape of an error with a code that has been seen, $CODE and $TEXT standing for the parts.
constexpr absl::string_view kShapes[] = {
    R"({"error":{"code":"$CODE","message":"$TEXT"}})",
    R"({"error":{"code":$CODE,"message":"$TEXT"}})",
    R"({"error":{"code":"$CODE","message":"$TEXT"},"request_id":"20260921135529abcd"})",
    R"({"code":"$CODE","message":"[$CODE][$TEXT][20260921135529abcd]"})",
    R"({"code":$CODE,"msg":"$TEXT","success":false})",
    R"({"type":"error","error":{"type":"$CODE","message":"$TEXT"},"request_id":"20260921135529ab"})",
    R"({"type":"error","error":{"type":"rate_limit_error","code":"$CODE",
        "message":"[$CODE][$TEXT][20260921135529abcd]"},"request_id":"20260921135529abcd"})",
    R"({"type":"error","error":{"type":"rate_limit_error","message":"[$CODE][$TEXT][20260921135529]"}})",
    R"({"message":"[$CODE][$TEXT][20260921135529abcd]"})",
    R"({"error":"[$CODE][$TEXT][20260921135529abcd]"})",
    "[$CODE][$TEXT][20260921135529abcd]",
};

struct Row {
  const char* code;
  const char* text;
  Signal signal;
  Scope scope = Scope::kAccount;
  absl::Duration window_length = absl::ZeroDuration();
  absl::Duration reset_in = absl::ZeroDuration();  // zero: no reset time
};

const Row kRows[] = {
    {"1302",
     "High concurrency usage of this API, please reduce concurrency or contact customer service to "
     "increase limits",
     Signal::kThrottle},
    {"1302", "Rate limit reached for requests", Signal::kThrottle},
    {"1302", "您的账户已达到速率限制，请您控制请求频率", Signal::kThrottle},
    {"1302", "您当前使用该 API 的并发数过高，请降低并发，或联系客服增加限额", Signal::kThrottle},
    {"1303",
     "High frequency usage of this API, please reduce frequency or contact customer service to "
     "increase limits",
     Signal::kStartRate},
    {"1304",
     "Daily call limit for this API reached. For more requests, please contact customer service to "
     "purchase",
     Signal::kWall, Scope::kAccount, kDay, absl::Hours(10) + absl::Minutes(4) + absl::Seconds(31)},
    {"1305", "The service may be temporarily overloaded, please try again later", Signal::kOverload,
     Scope::kModel},
    {"1305", "The API has triggered a rate limit.", Signal::kOverload, Scope::kModel},
    {"1312",
     "This model is currently experiencing high traffic. Please try again later, or switch to "
     "another model such as `glm-4.7`",
     Signal::kOverload, Scope::kModel},
    {"1308", "Usage limit reached for 5 hour. Your limit will reset at 2026-09-21 18:55:29",
     Signal::kWall, Scope::kAccount, absl::Hours(5), absl::Hours(5)},
    {"1308", "已达到 5 小时 的使用上限。您的限额将在 2026-09-21 15:55:29 重置", Signal::kWall,
     Scope::kAccount, absl::Hours(5), absl::Hours(2)},
    {"1308", "Usage limit reached for 5 hour. Your limit will reset at 2026-09-22 18:55:29",
     Signal::kWall, Scope::kAccount, absl::Hours(5)},
    {"1310", "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-09-24 13:55:29",
     Signal::kWall, Scope::kAccount, absl::ZeroDuration(), absl::Hours(72)},
    {"1310", "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-10-11 13:55:29",
     Signal::kWall, Scope::kAccount, kMonth, absl::Hours(20 * 24)},
    {"1310", "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-10-23 00:00:00",
     Signal::kWall, Scope::kAccount, kMonth},
    {"1316", "5 hour limit reached and no balance, reset at 2026-09-21 14:55:29", Signal::kWall,
     Scope::kAccount, absl::Hours(5), absl::Hours(1)},
    {"1317", "7 day limit reached and no balance, reset at 2026-09-22 13:55:29", Signal::kWall,
     Scope::kAccount, kWeek, kDay},
    {"1318", "limit reached", Signal::kWall, Scope::kAccount, absl::Hours(5)},
    {"1319", "limit reached", Signal::kWall, Scope::kAccount, kWeek},
    {"1320", "limit reached", Signal::kWall, Scope::kAccount, absl::Hours(5)},
    {"1321", "limit reached", Signal::kWall, Scope::kAccount, kWeek},
    {"1313",
     "Your account's current usage pattern does not comply with the Fair Usage Policy, and your "
     "request frequency has been limited.",
     Signal::kBreaker},
    {"1113", "Insufficient balance or no resource package. Please recharge.", Signal::kTerminal},
    {"1113", "余额不足或无可用资源包,请充值。", Signal::kTerminal},
    {"1309", "Your GLM Coding Plan package has expired and is temporarily unavailable.",
     Signal::kTerminal},
    {"1311", "Your current subscription plan does not yet include access to `glm-5`",
     Signal::kTerminal, Scope::kModel},
    {"1314", "expired", Signal::kTerminal},
    {"1315", "enterprise only", Signal::kTerminal},
    {"1000", "Authentication Failed", Signal::kTerminal},
    {"1005", "Authentication Failed", Signal::kTerminal},
    {"1112", "locked", Signal::kTerminal},
    {"1121", "locked", Signal::kTerminal},
    {"1210", "Invalid API parameter", Signal::kClient},
    {"1215", "Invalid", Signal::kClient},
    {"1222", "No permission", Signal::kClient},
    {"1231", "duplicate", Signal::kClient},
    {"1261", "Prompt exceeds max length", Signal::kClient},
    {"1301", "Unsafe content: please mind the rate limit, concurrency and quota", Signal::kClient},
    {"500", "Internal Server Error", Signal::kTransient},
    {"-1", "Operation failed", Signal::kTransient},
    {"1120", "Unable to access the account", Signal::kTransient},
    {"1200", "API call failed", Signal::kTransient},
    {"1230", "API call process error", Signal::kTransient},
    {"1234", "Network error, please try again later", Signal::kTransient},
};

void ExpectRow(const Row& row, const Verdict& verdict) {
  EXPECT_EQ(verdict.signal, row.signal);
  EXPECT_EQ(verdict.code, row.code);
  EXPECT_TRUE(verdict.known_code);
  EXPECT_EQ(verdict.scope, row.scope);
  EXPECT_EQ(verdict.window_length, row.window_length);
  EXPECT_EQ(verdict.message, row.text);
  if (row.reset_in == absl::ZeroDuration()) {
    EXPECT_EQ(verdict.reset_at, std::nullopt);
  } else {
    EXPECT_EQ(verdict.reset_at, kNow + row.reset_in);
  }
}

TEST(ClassifyTest, CodeDecidesInEveryShapeUnderEveryStatus) {
  for (const Row& row : kRows) {
    for (const absl::string_view shape : kShapes) {
      const std::string body =
          absl::StrReplaceAll(shape, {{"$CODE", row.code}, {"$TEXT", row.text}});
      for (const int status : {200, 400, 401, 429, 500, 529}) {
        if (status == 200 && body[0] == '[') continue;  // text, which is nothing but text under 200
        SCOPED_TRACE(absl::StrCat(status, " ", body));
        ExpectRow(row, Classify(status, body));
        ExpectRow(row, Classify(status, body, kAnthropic));
      }
    }
  }
}

TEST(ClassifyTest, RequestIdIsReported) {
  EXPECT_EQ(Classify(429, R"({"error":{"code":"1302","message":"x"},"request_id":"20260921aa"})")
                .request_id,
            "20260921aa");
  EXPECT_EQ(Classify(429, R"({"code":"1302","message":"[1302][x][reqid]"})").request_id, "reqid");
}

TEST(ClassifyTest, UnknownCodeFallsBackOnStatusAndIsReported) {
  const absl::string_view body = R"({"error":{"code":"1399","message":"quota of concurrency"}})";
  const Verdict verdict = Classify(429, body);
  EXPECT_EQ(verdict.signal, Signal::kThrottle);
  EXPECT_EQ(verdict.code, "1399");
  EXPECT_FALSE(verdict.known_code);
  EXPECT_EQ(Classify(529, body).signal, Signal::kOverload);
  EXPECT_EQ(Classify(500, body).signal, Signal::kTransient);
  EXPECT_EQ(Classify(400, body).signal, Signal::kClient);
  EXPECT_EQ(Classify(429, R"({"error":{"code":"rate_limit","message":"x"}})").code, "rate_limit");
}

TEST(ClassifyTest, StatusDecidesWhereThereIsNoCode) {
  for (const absl::string_view body :
       {"", "<html>Bad</html>", "{}", "null", "[1,2]", R"({"message":"x"})", R"({"error":"x"})",
        R"({"error":{}})", "{\"error\":{\"message\":\"cut o"}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(Classify(429, body).signal, Signal::kThrottle);
    EXPECT_EQ(Classify(529, body).signal, Signal::kOverload);
    EXPECT_EQ(Classify(529, body).scope, Scope::kModel);
    EXPECT_EQ(Classify(408, body).signal, Signal::kTransient);
    for (const int status : {500, 502, 503, 504, 599}) {
      EXPECT_EQ(Classify(status, body).signal, Signal::kTransient);
    }
    for (const int status : {400, 401, 403, 404, 409, 413, 422}) {
      EXPECT_EQ(Classify(status, body).signal, Signal::kClient);
    }
    EXPECT_EQ(Classify(304, body).signal, body == R"({"error":"x"})" || body == R"({"error":{}})"
                                              ? Signal::kTransient
                                              : Signal::kNone);
  }
}

TEST(ClassifyTest, PhrasesAreALastResort) {
  EXPECT_EQ(Classify(429, "Too Many Requests").signal, Signal::kThrottle);
  EXPECT_EQ(Classify(429, R"({"message":"your package has expired"})").signal, Signal::kTerminal);
  EXPECT_EQ(Classify(429, R"({"error":"High frequency usage"})").signal, Signal::kStartRate);
  EXPECT_EQ(Classify(429, "The service may be temporarily overloaded").signal, Signal::kOverload);
  EXPECT_EQ(Classify(400, "rate limit").signal, Signal::kClient);
  EXPECT_EQ(Classify(503, "rate limit").signal, Signal::kTransient);
  EXPECT_EQ(Classify(200, R"({"error":"Rate limit reached for requests"})").signal,
            Signal::kThrottle);
}

TEST(ClassifyTest, WordsForAWallMakeNoneWithoutItsEnd) {
  EXPECT_EQ(Classify(429, "quota exceeded").signal, Signal::kThrottle);
  EXPECT_EQ(Classify(429, "usage limit reached, reset at 2019-01-01 00:00:00").signal,
            Signal::kThrottle);
  const Verdict wall =
      Classify(429, "Usage limit reached for 5 hour. Your limit will reset at 2026-09-21 15:55:29");
  EXPECT_EQ(wall.signal, Signal::kWall);
  EXPECT_EQ(wall.window_length, absl::Hours(5));
  EXPECT_EQ(wall.reset_at, kNow + absl::Hours(2));
}

TEST(ClassifyTest, ErrorTypeStandsInForStatusUnder200) {
  EXPECT_EQ(
      Classify(200, R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})").signal,
      Signal::kOverload);
  EXPECT_EQ(
      Classify(200, R"({"type":"error","error":{"type":"invalid_request_error","message":"x"}})")
          .signal,
      Signal::kClient);
  EXPECT_EQ(Classify(200, R"({"code":403,"msg":"not yours","success":false})").signal,
            Signal::kClient);
  EXPECT_EQ(Classify(200, R"({"code":401,"msg":"token expired","success":false})").signal,
            Signal::kTerminal);
}

TEST(ClassifyTest, CompletionIsNoErrorWhateverItSays) {
  const std::string text =
      R"(MCP error -429: {\"error\":{\"code\":\"1302\",\"message\":\"rate limit, quota, 1308\"}})";
  const std::string bodies[] = {
      absl::StrCat(R"({"id":"1302","type":"message","content":[{"type":"text","text":")", text,
                   R"("}],"stop_reason":"end_turn","code":"1302","message":"[1302][x][y]"})"),
      absl::StrCat(R"({"choices":[{"finish_reason":"stop","message":{"content":")", text,
                   R"("}}],"error":null,"code":1302,"message":"x"})"),
      R"({"content":[],"error":null})",
      R"({"choices":[{"finish_reason":"network error","message":{"content":"network_error"}}]})",
      R"({"data":[{"error":{"code":"1302"}}],"object":"list"})",
      R"({"code":200,"msg":"Operation successful","success":true,"data":{"code":"1302"}})",
      "rate limit reached, 1302, quota exhausted",
      R"(["error",{"error":{"code":"1302"}}])",
      R"("{\"error\":{\"code\":\"1302\"}}")",
  };
  for (const std::string& body : bodies) {
    SCOPED_TRACE(body);
    EXPECT_EQ(Classify(200, body).signal, Signal::kNone);
    EXPECT_EQ(Classify(200, body, kAnthropic).signal, Signal::kNone);
  }
}

TEST(ClassifyTest, BrokenFinishIsTransient) {
  const absl::string_view body =
      R"({"id":"20260921135529ab","choices":[{"finish_reason":"network_error","message":{}}]})";
  const Verdict verdict = Classify(200, body);
  EXPECT_EQ(verdict.signal, Signal::kTransient);
  EXPECT_EQ(verdict.code, "network_error");
}

TEST(ClassifyTest, EventStreamIsRead) {
  const Verdict verdict =
      Classify(200, "event: error\ndata: {\"error\":{\"code\":\"1302\",\"message\":\"x\"}}\n\n");
  EXPECT_EQ(verdict.signal, Signal::kThrottle);
  const Verdict by_type = ClassifyResponse(
      kOpenAi,
      {200, FakeHeaders{{"content-type", "text/event-stream; charset=utf-8"}},
       ": hi\n\ndata: {\"error\":{\"code\":\"1305\",\"message\":\"x\"}}\n\ndata: [DONE]\n\n"},
      kNow);
  EXPECT_EQ(by_type.signal, Signal::kOverload);
  EXPECT_EQ(Classify(200, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n").signal, Signal::kNone);
}

TEST(ClassifyTest, RetryAfterIsFoundInHeadersAndJson) {
  const absl::string_view body =
      R"({"error":{"code":"1302","message":"x","retry-after":"7"},"retry-after":9})";
  EXPECT_EQ(Classify(429, body).retry_after, absl::Seconds(7));
  EXPECT_EQ(Classify(429, R"({"error":{"code":"1302","message":"x"},"retry-after":9})").retry_after,
            absl::Seconds(9));
  EXPECT_EQ(
      Classify(429, R"({"error":{"code":"1302","message":"x","retry_after_ms":1500}})").retry_after,
      absl::Milliseconds(1500));
  const FakeHeaders headers{{"retry-after", "38"}};
  EXPECT_EQ(ClassifyResponse(kOpenAi, {429, headers, body}, kNow).retry_after, absl::Seconds(38));
}

TEST(ClassifyTest, RetryAfterGivesTheEndOfAWallThatStatesNone) {
  const FakeHeaders headers{{"retry-after", "287441"}};
  const Verdict weekly = ClassifyResponse(
      kAnthropic, {429, headers, R"({"error":{"code":"1310","message":"Weekly limit exhausted"}})"},
      kNow);
  EXPECT_EQ(weekly.reset_at, kNow + absl::Seconds(287441));
  EXPECT_EQ(weekly.window_length, kWeek);
  const Verdict short_window = ClassifyResponse(
      kAnthropic, {429, headers, R"({"error":{"code":"1316","message":"x"}})"}, kNow);
  EXPECT_EQ(short_window.reset_at, std::nullopt);
}

TEST(ClassifyTest, AdviceNamesTheWrongEndpoint) {
  const Verdict verdict = Classify(429, R"({"error":{"code":"1113","message":"x"}})");
  EXPECT_NE(verdict.advice.find("/api/coding/paas/v4"), absl::string_view::npos);
}

TEST(ClassifyTest, TellsFaultsOfThePlanFromThoseOfARequest) {
  const auto is_the_plans = [](absl::string_view code) {
    return Classify(429, absl::StrCat(R"({"error":{"code":")", code, R"(","message":"x"}})")).plan;
  };
  for (const char* code : {"1309", "1311", "1314"}) EXPECT_TRUE(is_the_plans(code)) << code;
  for (const char* code : {"1113", "1315", "1000", "1112"})
    EXPECT_FALSE(is_the_plans(code)) << code;
}

TEST(ClassifyTest, TextIsBoundedAndPrintable) {
  const std::string huge(100'000, 'x');
  const Verdict verdict =
      Classify(429, absl::StrCat(R"({"error":{"code":"a)", huge, R"(","message":"a\u0007\n)", huge,
                                 R"("},)", R"("request_id":")", huge, R"("})"));
  EXPECT_EQ(verdict.code.size(), 64u);
  EXPECT_EQ(verdict.request_id.size(), 64u);
  EXPECT_EQ(verdict.message.size(), 256u);
  EXPECT_EQ(verdict.message.substr(0, 8), "a\\x07 xx");
}

TEST(ClassifyTest, DeepNestingIsText) {
  EXPECT_EQ(Classify(429, std::string(1'000'000, '[')).signal, Signal::kThrottle);
  EXPECT_EQ(Classify(200, std::string(1'000'000, '[')).signal, Signal::kNone);
}

TEST(ClassifyMcpTest, ErrorInsideAResult) {
  const absl::string_view text =
      R"(MCP error -429: {\"error\":{\"code\":\"1302\",\"message\":\"Rate limit reached\"}})";
  const std::string body =
      absl::StrCat(R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":")", text,
                   R"("}],"isError":true}})");
  const Verdict verdict = Classify(200, body, kMcp);
  EXPECT_EQ(verdict.signal, Signal::kThrottle);
  EXPECT_EQ(verdict.code, "1302");
  EXPECT_EQ(verdict.message, "Rate limit reached");
  EXPECT_EQ(Classify(200, absl::StrCat("event: message\ndata: ", body, "\n\n"), kMcp).signal,
            Signal::kThrottle);
  EXPECT_EQ(Classify(200, absl::StrReplaceAll(body, {{R"(,"isError":true)", ""}}), kMcp).signal,
            Signal::kThrottle);
}

// Whatever a page says that a tool has read.
TEST(ClassifyMcpTest, WhatIsSaidToBeNoErrorIsNone) {
  for (const char* code : {"1302", "1308", "1310", "1313", "1309"}) {
    const std::string body = absl::StrCat(
        R"({"jsonrpc":"2.0","id":1,"result":{"isError":false,"content":[{"type":"text","text":)",
        R"("MCP error -429: {\"error\":{\"code\":\")", code, R"(\",\"message\":\"5 hour\"}}"}]}})");
    EXPECT_EQ(Classify(200, body, kMcp).signal, Signal::kNone) << body;
    EXPECT_EQ(Classify(200, absl::StrCat("data: ", body, "\n\n"), kMcp).signal, Signal::kNone);
  }
}

TEST(ClassifyMcpTest, MonthlyPoolBlocksTheKind) {
  const Verdict wall = Classify(
      429,
      R"({"error":{"code":"1310","message":"Weekly/Monthly Limit Exhausted, 2026-09-24 13:55:29"}})",
      kMcp);
  EXPECT_EQ(wall.signal, Signal::kWall);
  EXPECT_EQ(wall.scope, Scope::kKind);
  EXPECT_EQ(wall.window_length, kMonth);
  EXPECT_EQ(wall.reset_at, kNow + absl::Hours(72));
}

TEST(ClassifyMcpTest, WhatAToolReturnsIsNoError) {
  const absl::string_view texts[] = {
      R"(The page says: MCP error -429: {\"error\":{\"code\":\"1302\"}})",
      R"(see MCP error -429: {\"error\":{\"code\":\"1302\"}} in the docs)",
      R"({\"error\":{\"code\":\"1302\",\"message\":\"x\"}})",
      "rate limit, quota, concurrency",
  };
  for (const absl::string_view text : texts) {
    const std::string body =
        absl::StrCat(R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":")",
                     text, R"("}]}})");
    EXPECT_EQ(Classify(200, body, kMcp).signal, Signal::kNone) << body;
  }
}

TEST(ClassifyMcpTest, RpcErrors) {
  EXPECT_EQ(
      Classify(200, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"quota"}})", kMcp)
          .signal,
      Signal::kClient);
  EXPECT_EQ(Classify(200, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"x"}})", kMcp)
                .signal,
            Signal::kTransient);
  EXPECT_EQ(Classify(200, R"({"jsonrpc":"2.0","id":1,"error":{"code":-429,"message":
      "MCP error -429: {\"error\":{\"code\":\"1308\",\"message\":\"5 hour\"}}"}})",
                     kMcp)
                .signal,
            Signal::kWall);
  EXPECT_EQ(
      Classify(200, R"({"jsonrpc":"2.0","id":1,"error":{"code":-429,"message":"x"}})", kMcp).signal,
      Signal::kThrottle);
}

}  // namespace
}  // namespace zbroker::zai
