// What was seen on the wire in the field: bytes in, verdict and bytes out. The folders of `cases`
// hold requests and answers as they were captured (`*.http` whole messages, `*.json` bodies, `sse*`
// streams without a frame); /TOKEN stands for the gateway's.
//
//   kind                                     folders
//   a path that is not there                 soft-404-under-200, typo-path-500, spring-404
//   a window is used up                      wall-1316-past-5-hours, wall-1318-spend-limit,
//                                            1310-six-days, compressed-error-body
//   nothing helps before a person acts       1113-gen-c, 1309-fullwidth-stop
//   the request's own fault                  1210-context-numbers, 1210-flat, 1214-tools-index,
//                                            1211-suffix-1m
//   a fault that passes                      1234-new-wording, sse-network-error-empty
//   a throttle, and what its client hears    codex-429-fatal, malformed-retry-after,
//                                            sse-no-space-crlf, sse-glued-frames
//   MCP                                      mcp-401-plain-text, mcp-initialized-empty-200,
//                                            mcp-error-inside-model-stream
//   streams that are to pass untouched       sse-split-utf8, anthropic-then-done, sse-glued-frames,
//                                            pings-then-error
//   the Responses protocol                   responses-stream, responses-route, codex-zstd-request
//   nobody's model request                   websocket-upgrade, head-probes, telemetry-post,
//                                            models-discovery, count-tokens-beta
//   the provider's meter                     meter-sums-dont-add-up, meter-team-empty
//
// Each answer is tried again without its Content-Type, and compressed: what it is does not depend
// on that. Kinds that bytes alone don't show are in field_test: connections that die, silence,
// pings, repeats, bodies in chunks, walls that are lifted.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/gateway/case_files.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// What happened to one case.
struct Seen {
  HttpAnswer answer;
  std::vector<RawUpstream::Request> upstream;
  std::vector<v1::LedgerRow> rows;
  v1::AccountStatus account;
  std::string log;
};

struct Case {
  const char* name;
  const char* request;  // a file; ending in .json: a body for `path`; empty: a plain prompt
  const char* path;
  const char* answer;                             // a file; empty: an ordinary message
  int status;                                     // that the client gets
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;  // of the one lease; unspecified: there is none
  std::function<void(const Seen&)> check = nullptr;
};

class CaseTest : public GatewayTest, public ::testing::WithParamInterface<Case> {
 protected:
  std::string RequestOf(const Case& one) const {
    const absl::string_view file = one.request;
    if (file.empty()) {
      const bool stream = absl::StrContains(one.answer, "/sse");
      return Post(stream ? kStreamPrompt : kPrompt, "", one.path);
    }
    const std::string bytes = ReadCase(one.request);
    if (absl::EndsWith(file, ".json")) return Post(bytes, "", one.path);
    return absl::StrReplaceAll(bytes, {{"/TOKEN", gateway_->path()}});
  }

  static std::string AnswerOf(const Case& one, size_t piece) {
    const absl::string_view file = one.answer;
    if (file.empty()) return Answer(200, kMessage);
    const std::string bytes = ReadCase(one.answer);
    if (absl::EndsWith(file, ".http")) return bytes;
    std::string answer = kStreamHead;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      answer += Chunk(absl::string_view(bytes).substr(at, piece));
    }
    return answer + kLastChunk;
  }

  Seen Play(const Case& one, size_t piece = 4096) { return Play(one, AnswerOf(one, piece)); }

  // Without retries, so that every answer is seen.
  Seen Play(const Case& one, const std::string& answer) {
    RawUpstream upstream([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
      return peer.Send(answer);
    });
    Start(absl::StrCat(upstream.url(), "/api/anthropic"), {"--retries", "0"});
    const std::string request = RequestOf(one);
    HttpConnection client = Connect();
    client.Send(request);
    Seen seen;
    seen.answer = client.Read(absl::StartsWith(request, "HEAD "));
    seen.rows = SettledRows();
    seen.upstream = upstream.requests();
    seen.account = daemon_.Status().accounts(0);
    seen.log = gateway_->process().Err();
    return seen;
  }
};

std::string PathOf(const RawUpstream::Request& request) {
  const size_t begin = request.head.find(' ') + 1;
  return request.head.substr(begin, request.head.find(' ', begin) - begin);
}

std::string NameOf(const ::testing::TestParamInfo<Case>& item) { return item.param.name; }

// The bytes of an answer's body, which reach the client as they came.
std::string BytesOf(const Case& one) {
  const std::string bytes = ReadCase(one.answer);
  return absl::EndsWith(one.answer, ".http") ? WithoutChunks(BodyOf(bytes)) : bytes;
}

TEST_P(CaseTest, IsTakenForWhatItIs) {
  const Case& one = GetParam();
  const Seen seen = Play(one);
  EXPECT_EQ(seen.answer.status, one.status) << seen.answer.head << seen.answer.body;
  if (one.outcome == v1::OUTCOME_UNSPECIFIED) {
    EXPECT_EQ(seen.rows.size(), 0u);
  } else if (seen.rows.size() != 1) {
    ADD_FAILURE() << seen.rows.size() << " leases";
  } else {
    EXPECT_EQ(v1::Outcome_Name(seen.rows[0].outcome()), v1::Outcome_Name(one.outcome));
  }
  EXPECT_LE(seen.upstream.size(), 1u);
  EXPECT_EQ(seen.account.slots().limit(), 3u);
  if (*one.answer != '\0') {
    EXPECT_EQ(seen.answer.body, BytesOf(one));
  }
  if (one.check) one.check(seen);
}

void ExpectTheSame(const Case& one, const Seen& seen) {
  EXPECT_EQ(seen.answer.status, one.status) << seen.answer.head << seen.answer.body;
  const size_t leases = one.outcome == v1::OUTCOME_UNSPECIFIED ? 0 : 1;
  ASSERT_EQ(seen.rows.size(), leases);
  if (leases == 0) return;
  EXPECT_EQ(v1::Outcome_Name(seen.rows[0].outcome()), v1::Outcome_Name(one.outcome));
}

TEST_P(CaseTest, IsTheSameCompressedAndWithoutAContentType) {
  const std::string answer = AnswerOf(GetParam(), 1 << 20);
  // That is any, is compressed, or has nothing to be.
  if (*GetParam().answer == '\0' || absl::StrContains(answer, "Content-Encoding") ||
      BodyOf(answer).empty()) {
    return;
  }
  ExpectTheSame(GetParam(), Play(GetParam(), WithoutType(Compressed(answer))));
}

TEST_P(CaseTest, PassesUntouchedHoweverItIsCut) {
  const Case& one = GetParam();
  if (!absl::StrContains(one.answer, "/sse") || one.outcome != v1::OUTCOME_OK) return;
  for (const size_t piece : {1, 7}) EXPECT_EQ(Play(one, piece).answer.body, BytesOf(one));
}

std::function<void(const Seen&)> Kind(v1::Kind kind, const std::string& model) {
  return [=](const Seen& seen) {
    ASSERT_EQ(seen.rows.size(), 1u);
    EXPECT_EQ(v1::Kind_Name(seen.rows[0].kind()), v1::Kind_Name(kind));
    EXPECT_EQ(seen.rows[0].model(), model);
  };
}

std::function<void(const Seen&)> Upstream(const std::string& path) {
  return [=](const Seen& seen) {
    ASSERT_EQ(seen.upstream.size(), 1u);
    EXPECT_EQ(PathOf(seen.upstream[0]), path);
  };
}

std::function<void(const Seen&)> RetryAfter(const std::string& value) {
  return [=](const Seen& seen) { EXPECT_EQ(seen.answer.Field("retry-after"), value); };
}

void IsAnsweredHere(const Seen& seen) { EXPECT_EQ(seen.upstream.size(), 0u); }

void TellsClientNotToRetry(const Seen& seen) {
  EXPECT_EQ(seen.answer.Field("x-should-retry"), "false");
  EXPECT_EQ(seen.answer.Field("retry-after"), "");
  EXPECT_FALSE(seen.account.slots().has_cool_down_until());
}

// The log says which path, and a prompt that nobody worked on costs nothing.
void IsAWrongPath(const Seen& seen) {
  ASSERT_EQ(seen.upstream.size(), 1u);
  EXPECT_THAT(seen.log, HasSubstr(PathOf(seen.upstream[0]).substr(0, 20)));
  EXPECT_THAT(seen.log, HasSubstr("a base URL is wrong"));
  for (const v1::WindowStatus& window : seen.account.windows())
    EXPECT_EQ(window.used(), 0) << window.name();
}

// Of a window of that length, and over after about so long.
std::function<void(const Seen&)> Wall(absl::Duration length) {
  return [=](const Seen& seen) {
    TellsClientNotToRetry(seen);
    ASSERT_TRUE(seen.account.has_blocked());
    EXPECT_EQ(seen.account.blocked().reason(), "wall");
    const absl::Time until = absl::FromUnixSeconds(seen.account.blocked().until().seconds());
    EXPECT_LT(absl::AbsDuration(until - absl::Now() - length), absl::Minutes(1));
  };
}

void IsServed(const Seen& seen) {
  ASSERT_EQ(seen.rows.size(), 1u);
  EXPECT_EQ(seen.rows[0].kind(), v1::KIND_PROMPT);
  EXPECT_EQ(seen.rows[0].model(), "glm-5.3-flash");
  EXPECT_EQ(seen.rows[0].served_model(), "glm-5.3-flash");
  EXPECT_EQ(seen.rows[0].usage().input_tokens(), 10);
  EXPECT_EQ(seen.rows[0].usage().output_tokens(), 20);
  Upstream("/api/v1/responses")(seen);
}

// Understood, and sent on as it came.
void IsCompressed(const Seen& seen) {
  ASSERT_EQ(seen.upstream.size(), 1u);
  EXPECT_EQ(seen.upstream[0].body, BodyOf(ReadCase("codex-zstd-request/request.http")));
  EXPECT_THAT(seen.upstream[0].head, HasSubstr("Content-Encoding: zstd\r\n"));
  EXPECT_THAT(seen.upstream[0].head, HasSubstr(" /api/v1/responses "));
  ASSERT_EQ(seen.rows.size(), 1u);
  EXPECT_EQ(seen.rows[0].kind(), v1::KIND_PROMPT);
  EXPECT_NE(seen.rows[0].model(), "");
}

const Case kPaths[] = {
    {"Soft404", "soft-404-under-200/request.http", "", "soft-404-under-200/response.http", 404,
     v1::OUTCOME_FAILED, IsAWrongPath},
    {"Spelling", "", "/api/coding/pass/v4/chat/completions", "typo-path-500/response.http", 500,
     v1::OUTCOME_FAILED, IsAWrongPath},
    {"Spring404", "", "/api/coding/paas/v4/v1/messages", "spring-404/response.http", 404,
     v1::OUTCOME_FAILED, IsAWrongPath},
};
INSTANTIATE_TEST_SUITE_P(Path, CaseTest, ::testing::ValuesIn(kPaths), NameOf);

const Case kWalls[] = {
    {"Code1316", "", "/v1/messages", "wall-1316-past-5-hours/response.http", 429, v1::OUTCOME_WALL,
     Wall(absl::Hours(2))},
    {"Code1318", "", "/v1/messages", "wall-1318-spend-limit/response.http", 429, v1::OUTCOME_WALL,
     Wall(absl::Hours(2))},
    // The time that it states is past, and it has none of its own to measure that by.
    {"Code1318Uncoded", "", "/v1/messages", "wall-1318-spend-limit/no-code.http", 429,
     v1::OUTCOME_WALL, Wall(absl::Minutes(5))},
    {"SixDays", "", "/v1/messages", "1310-six-days/response.http", 429, v1::OUTCOME_WALL,
     Wall(absl::Hours(5 * 24 + 12))},
    {"Compressed", "", "/v1/messages", "compressed-error-body/response.http", 429, v1::OUTCOME_WALL,
     [](const Seen& seen) {
       EXPECT_EQ(seen.answer.Field("content-encoding"), "gzip");
       TellsClientNotToRetry(seen);
     }},
};
INSTANTIATE_TEST_SUITE_P(Wall, CaseTest, ::testing::ValuesIn(kWalls), NameOf);

const Case kTerminal[] = {
    {"NoMoney", "1113-gen-c/request.http", "", "1113-gen-c/response.http", 429,
     v1::OUTCOME_TERMINAL, TellsClientNotToRetry},
    {"Expired", "", "/v1/messages", "1309-fullwidth-stop/response.http", 429, v1::OUTCOME_TERMINAL,
     TellsClientNotToRetry},
};
INSTANTIATE_TEST_SUITE_P(Terminal, CaseTest, ::testing::ValuesIn(kTerminal), NameOf);

const Case kClients[] = {
    {"ContextTooLong", "", "/v1/messages", "1210-context-numbers/response.http", 400,
     v1::OUTCOME_FAILED},
    {"Flat", "", "/api/coding/paas/v4/chat/completions", "1210-flat/response.http", 400,
     v1::OUTCOME_FAILED},
    {"ToolOfAnUnknownKind", "", "/api/coding/paas/v4/chat/completions",
     "1214-tools-index/response.http", 400, v1::OUTCOME_FAILED},
    {"EmptyPart", "", "/api/coding/paas/v4/chat/completions", "1214-tools-index/chinese.http", 400,
     v1::OUTCOME_FAILED},
    {"ModelWithSuffix", "1211-suffix-1m/request.json", "/v1/messages",
     "1211-suffix-1m/response.http", 400, v1::OUTCOME_FAILED, Kind(v1::KIND_PROMPT, "glm-5.3[1m]")},
};
INSTANTIATE_TEST_SUITE_P(Client, CaseTest, ::testing::ValuesIn(kClients), NameOf);

const Case kFaults[] = {
    {"Code1234", "", "/api/coding/paas/v4/chat/completions", "1234-new-wording/response.http", 500,
     v1::OUTCOME_TRANSIENT},
    {"Code1234Older", "", "/api/coding/paas/v4/chat/completions", "1234-new-wording/older.http",
     500, v1::OUTCOME_TRANSIENT},
    {"EmptyNetworkError", "", "/api/coding/paas/v4/chat/completions", "sse-network-error-empty/sse",
     200, v1::OUTCOME_TRANSIENT},
};
INSTANTIATE_TEST_SUITE_P(Fault, CaseTest, ::testing::ValuesIn(kFaults), NameOf);

const Case kThrottles[] = {
    {"Responses", "", "/api/v1/responses", "codex-429-fatal/response.http", 429,
     v1::OUTCOME_THROTTLE, RetryAfter("3")},
    {"Date", "", "/v1/messages", "malformed-retry-after/date.http", 429, v1::OUTCOME_THROTTLE,
     RetryAfter("60")},
    {"Decimal", "", "/v1/messages", "malformed-retry-after/decimal.http", 429, v1::OUTCOME_THROTTLE,
     RetryAfter("2")},
    {"Junk", "", "/v1/messages", "malformed-retry-after/junk.http", 429, v1::OUTCOME_THROTTLE,
     RetryAfter("")},
    {"NoDate", "", "/v1/messages", "malformed-retry-after/baddate.http", 429, v1::OUTCOME_THROTTLE,
     RetryAfter("")},
    {"EventWithoutSpaces", "", "/v1/messages", "sse-no-space-crlf/sse", 200, v1::OUTCOME_THROTTLE},
    {"EventBehindAGluedOne", "", "/api/coding/paas/v4/chat/completions", "sse-glued-frames/sse",
     200, v1::OUTCOME_THROTTLE},
};
INSTANTIATE_TEST_SUITE_P(Throttle, CaseTest, ::testing::ValuesIn(kThrottles), NameOf);

const Case kMcp[] = {
    {"WordsForAnError", "mcp-401-plain-text/request.http", "", "mcp-401-plain-text/response.http",
     200, v1::OUTCOME_FAILED, Kind(v1::KIND_MCP, "web_search_prime")},
    {"Notification", "mcp-initialized-empty-200/request.http", "",
     "mcp-initialized-empty-200/response.http", 200, v1::OUTCOME_UNSPECIFIED,
     [](const Seen& seen) {
       EXPECT_EQ(seen.answer.Field("content-length"), "0");
       EXPECT_EQ(seen.answer.Field("content-type"), "");
     }},
    {"ErrorInWhatAToolReturned", "", "/v1/messages", "mcp-error-inside-model-stream/sse", 200,
     v1::OUTCOME_OK},
};
INSTANTIATE_TEST_SUITE_P(Mcp, CaseTest, ::testing::ValuesIn(kMcp), NameOf);

const Case kStreams[] = {
    {"CutCharacters", "", "/api/coding/paas/v4/chat/completions", "sse-split-utf8/sse", 200,
     v1::OUTCOME_OK},
    {"DoneAfterTheEnd", "", "/v1/messages", "anthropic-then-done/sse", 200, v1::OUTCOME_OK},
    {"PingsThenError", "", "/v1/messages", "pings-then-error/sse", 200, v1::OUTCOME_TRANSIENT},
    {"GluedFrames", "", "/api/coding/paas/v4/chat/completions", "sse-glued-frames/sse-clean", 200,
     v1::OUTCOME_OK},
};
INSTANTIATE_TEST_SUITE_P(Stream, CaseTest, ::testing::ValuesIn(kStreams), NameOf);

const Case kResponses[] = {
    {"Stream", "responses-stream/request.http", "", "responses-stream/sse", 200, v1::OUTCOME_OK,
     IsServed},
    {"StreamWithoutDone", "responses-stream/request.http", "", "responses-stream/sse-no-done", 200,
     v1::OUTCOME_OK, IsServed},
    {"Prompt", "responses-route/request-prompt.json", "/api/v1/responses", "responses-stream/sse",
     200, v1::OUTCOME_OK, Kind(v1::KIND_PROMPT, "glm-5.3")},
    {"Call", "responses-route/request-call.json", "/api/v1/responses", "responses-stream/sse", 200,
     v1::OUTCOME_OK, Kind(v1::KIND_CALL, "glm-5.3")},
    {"CompressedRequest", "codex-zstd-request/request.http", "", "responses-stream/sse", 200,
     v1::OUTCOME_OK, IsCompressed},
};
INSTANTIATE_TEST_SUITE_P(Responses, CaseTest, ::testing::ValuesIn(kResponses), NameOf);

const Case kNobodys[] = {
    {"WebSocket", "websocket-upgrade/request.http", "", "", 426, v1::OUTCOME_UNSPECIFIED,
     IsAnsweredHere},
    {"HelloProbe", "head-probes/request.http", "", "", 200, v1::OUTCOME_UNSPECIFIED,
     IsAnsweredHere},
    {"BaseProbe", "head-probes/request-root.http", "", "", 200, v1::OUTCOME_UNSPECIFIED,
     IsAnsweredHere},
    {"Telemetry", "telemetry-post/request.http", "", "", 200, v1::OUTCOME_UNSPECIFIED,
     IsAnsweredHere},
    {"TelemetryAnew", "telemetry-post/request-v2.http", "", "", 200, v1::OUTCOME_UNSPECIFIED,
     IsAnsweredHere},
    {"Discovery", "models-discovery/request.http", "", "", 200, v1::OUTCOME_UNSPECIFIED,
     Upstream("/api/anthropic/v1/models?limit=1000")},
    {"CountTokens", "count-tokens-beta/request.http", "", "", 200, v1::OUTCOME_UNSPECIFIED,
     Upstream("/api/anthropic/v1/messages/count_tokens?beta=true")},
};
INSTANTIATE_TEST_SUITE_P(Nobodys, CaseTest, ::testing::ValuesIn(kNobodys), NameOf);

// Whoever asks gets it as it came, and what it says is nobody's refusal.
void IsTheMeters(const Seen& seen) {
  ASSERT_EQ(seen.upstream.size(), 1u);
  EXPECT_THAT(PathOf(seen.upstream[0]), StartsWith("/api/monitor/usage/quota/limit"));
  EXPECT_FALSE(seen.account.has_blocked());
  EXPECT_FALSE(seen.account.slots().has_cool_down_until());
  EXPECT_EQ(seen.log.find("upstream answered"), seen.log.npos) << seen.log;
}

constexpr char kSums[] = "meter-sums-dont-add-up/request.http";
constexpr char kTeam[] = "meter-team-empty/request.http";
const Case kMeter[] = {
    {"PartsThatDontAddUp", kSums, "", "meter-sums-dont-add-up/response.http", 200,
     v1::OUTCOME_UNSPECIFIED, IsTheMeters},
    {"PartsOfALargerPlan", kSums, "", "meter-sums-dont-add-up/max.http", 200,
     v1::OUTCOME_UNSPECIFIED, IsTheMeters},
    {"NoLimits", kTeam, "", "meter-team-empty/response.http", 200, v1::OUTCOME_UNSPECIFIED,
     IsTheMeters},
    {"NoPlan", kTeam, "", "meter-team-empty/personal.http", 200, v1::OUTCOME_UNSPECIFIED,
     IsTheMeters},
    {"NothingAtAll", kTeam, "", "meter-team-empty/type3.http", 200, v1::OUTCOME_UNSPECIFIED,
     IsTheMeters},
};
INSTANTIATE_TEST_SUITE_P(Meter, CaseTest, ::testing::ValuesIn(kMeter), NameOf);

}  // namespace
}  // namespace zbroker::testing
