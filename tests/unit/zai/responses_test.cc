// OpenAI's Responses protocol, as Codex speaks it: requests, streams, errors.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "shims/zai/classify.h"
#include "shims/zai/reply.h"
#include "shims/zai/request.h"
#include "shims/zai/stream.h"
#include "tests/unit/zai/headers.h"

namespace zbroker::zai {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1790000000);
const Endpoint kResponses = FindEndpoint("POST", "/api/v1/responses");

Inspection Inspect(absl::string_view input, HeaderLookup headers = NoHeaders) {
  return InspectRequest(kResponses, headers,
                        absl::StrCat(R"({"model":"glm-5.3","stream":true,"input":)", input, "}"));
}

constexpr absl::string_view kUser =
    R"({"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]})";

TEST(ResponsesRequestTest, UsersItemMakesAPrompt) {
  EXPECT_EQ(Inspect(absl::StrCat("[", kUser, "]")).kind, Kind::kPrompt);
  EXPECT_EQ(Inspect(R"("hi")").kind, Kind::kPrompt);
  EXPECT_EQ(Inspect(R"([{"role":"user","content":"hi"}])").kind, Kind::kPrompt);
  const Inspection inspection = Inspect(absl::StrCat("[", kUser, "]"));
  EXPECT_EQ(inspection.model, "glm-5.3");
  EXPECT_TRUE(inspection.stream);
  EXPECT_TRUE(inspection.needs_slot);
}

TEST(ResponsesRequestTest, OutputOfAnyCallMakesACall) {
  for (const absl::string_view type :
       {"function_call_output", "custom_tool_call_output", "local_shell_call_output",
        "computer_call_output", "tool_search_output"}) {
    EXPECT_EQ(Inspect(absl::StrCat("[", kUser, R"(,{"type":"function_call","name":"sh"},{"type":")",
                                   type, R"(","call_id":"1","output":"ok"}])"))
                  .kind,
              Kind::kCall)
        << type;
  }
  EXPECT_EQ(
      Inspect(absl::StrCat(R"([{"type":"function_call_output","output":"ok"},)", kUser, "]")).kind,
      Kind::kPrompt);
}

TEST(ResponsesRequestTest, WhatCodexSaysOfItsSurroundingsIsNoTurn) {
  constexpr absl::string_view kContext =
      R"({"type":"message","role":"user","content":[
          {"type":"input_text","text":"# AGENTS.md instructions for /x"},
          {"type":"input_text","text":"<environment_context>\n<cwd>/x</cwd></environment_context>"}]})";
  EXPECT_EQ(Inspect(absl::StrCat("[", kContext, ",", kUser, "]")).kind, Kind::kPrompt);
  EXPECT_EQ(Inspect(absl::StrCat("[", kUser, R"(,{"type":"function_call_output","output":"ok"},)",
                                 kContext, "]"))
                .kind,
            Kind::kCall);
}

TEST(ResponsesRequestTest, CompactionIsAStepAndATitleIsBackground) {
  const Inspection compaction = Inspect(
      R"([{"role":"user","content":"You are performing a CONTEXT CHECKPOINT COMPACTION. Create"}])");
  EXPECT_EQ(compaction.kind, Kind::kCall);
  EXPECT_FALSE(compaction.background);
  const Inspection title = Inspect(
      R"([{"role":"user","content":"Generate a concise, single-line task title of at most 36"}])");
  EXPECT_EQ(title.kind, Kind::kCall);
  EXPECT_TRUE(title.background);
}

TEST(ResponsesRequestTest, HeaderSaysWhatATurnIsFor) {
  const Inspection title =
      Inspect(absl::StrCat("[", kUser, "]"),
              FakeHeaders{{"x-codex-turn-metadata", R"({"thread_source":"thread_title"})"}});
  EXPECT_TRUE(title.background);
  EXPECT_EQ(title.kind, Kind::kCall);
  const Inspection user =
      Inspect(absl::StrCat("[", kUser, "]"),
              FakeHeaders{{"x-codex-turn-metadata", R"({"thread_source":"user"})"}});
  EXPECT_FALSE(user.background);
  EXPECT_EQ(user.kind, Kind::kPrompt);
  EXPECT_EQ(Inspect("\"hi\"", FakeHeaders{{"x-codex-turn-metadata", "{"}}).kind, Kind::kPrompt);
}

TEST(ResponsesRequestTest, SessionComesBeforeThread) {
  EXPECT_EQ(Inspect("\"\"", FakeHeaders{{"session-id", "s"}, {"thread-id", "t"}}).session, "s");
  EXPECT_EQ(Inspect("\"\"", FakeHeaders{{"thread-id", "t"}}).session, "t");
}

TEST(ResponsesRequestTest, InputOfOtherProtocolsIsNoPrompt) {
  EXPECT_EQ(InspectRequest(FindEndpoint("POST", "/embeddings"), NoHeaders,
                           R"({"model":"embedding-3","input":"text"})")
                .kind,
            Kind::kCall);
}

TEST(FingerprintTest, SaysWhatIsAskedAndNotHow) {
  const auto of = [](absl::string_view body) {
    return FingerprintRequest(FindEndpoint("POST", "/v1/messages"), NoHeaders, body);
  };
  const uint64_t stream = of(R"({"model":"m","messages":[{"role":"user","content":"hi"}],
      "max_tokens":64000,"stream":true})");
  EXPECT_NE(stream, 0u);
  EXPECT_EQ(of(R"({"max_tokens":21333,"messages":[{"role":"user","content":"hi"}],"model":"m"})"),
            stream);
  EXPECT_NE(of(R"({"model":"m","messages":[{"role":"user","content":"ho"}]})"), stream);
  EXPECT_NE(of(R"({"model":"n","messages":[{"role":"user","content":"hi"}]})"), stream);
}

class ResponsesStreamTest : public ::testing::Test {
 protected:
  void Feed(absl::string_view type, absl::string_view rest = "") {
    const std::string line = absl::StrReplaceAll(rest, {{"\n", ""}});
    watcher_.Feed(absl::StrCat("event: ", type, "\ndata: {\"type\":\"", type, "\"", line, "}\n\n"),
                  kNow);
  }
  StreamWatcher watcher_{kResponses};
};

TEST_F(ResponsesStreamTest, BeginningDecidesNothing) {
  Feed("response.created", R"(,"response":{"status":"queued","output":[],"error":null})");
  Feed("response.in_progress", R"(,"response":{"status":"in_progress","output":[]})");
  EXPECT_FALSE(watcher_.decided());
  Feed("response.output_item.added", R"(,"item":{"type":"reasoning","status":"in_progress"})");
  EXPECT_TRUE(watcher_.decided());
  EXPECT_FALSE(watcher_.error());
}

TEST_F(ResponsesStreamTest, CompletedIsTheEndAndHasTheFigures) {
  Feed("response.output_text.delta", R"(,"delta":"hi")");
  EXPECT_FALSE(watcher_.complete());
  Feed("response.completed", R"(,"response":{"status":"completed","model":"glm-5.3","usage":{
      "input_tokens":100,"input_tokens_details":{"cached_tokens":40},"output_tokens":8}})");
  EXPECT_TRUE(watcher_.complete());
  EXPECT_FALSE(watcher_.error());
  EXPECT_FALSE(watcher_.empty());
  EXPECT_EQ(watcher_.usage().input, 60);
  EXPECT_EQ(watcher_.usage().cached, 40);
  EXPECT_EQ(watcher_.usage().output, 8);
  EXPECT_EQ(watcher_.served().model, "glm-5.3");
}

TEST_F(ResponsesStreamTest, FailureIsAnErrorByItsCode) {
  Feed("response.created");
  Feed("response.failed", R"(,"response":{"status":"failed","error":{"code":"1302",
      "message":"Rate limit reached for requests"}})");
  ASSERT_TRUE(watcher_.error());
  EXPECT_EQ(watcher_.error()->signal, Signal::kThrottle);
}

TEST_F(ResponsesStreamTest, FailureHasOpenAisCodesToo) {
  const std::pair<const char*, Signal> codes[] = {{"rate_limit_exceeded", Signal::kThrottle},
                                                  {"server_is_overloaded", Signal::kOverload},
                                                  {"server_error", Signal::kTransient},
                                                  {"context_length_exceeded", Signal::kClient},
                                                  {"never_heard_of", Signal::kTransient}};
  for (const auto& [code, signal] : codes) {
    StreamWatcher watcher(kResponses);
    watcher.Feed(absl::StrCat(R"(data: {"type":"response.failed","response":{"status":"failed",)",
                              R"("error":{"code":")", code, R"(","message":"x"}}})", "\n\n"),
                 kNow);
    ASSERT_TRUE(watcher.error()) << code;
    EXPECT_EQ(watcher.error()->signal, signal) << code;
  }
}

TEST_F(ResponsesStreamTest, IncompleteIsTheRequestsOwnIfItSaysWhy) {
  Feed("response.incomplete", R"(,"response":{"status":"incomplete",
      "incomplete_details":{"reason":"max_output_tokens"}})");
  ASSERT_TRUE(watcher_.error());
  EXPECT_EQ(watcher_.error()->signal, Signal::kClient);
  EXPECT_TRUE(watcher_.complete());
}

TEST_F(ResponsesStreamTest, ErrorEventIsFlat) {
  Feed("error", R"(,"code":"1305","message":"busy","param":null,"sequence_number":1)");
  ASSERT_TRUE(watcher_.error());
  EXPECT_EQ(watcher_.error()->signal, Signal::kOverload);
  StreamWatcher unnamed(kResponses);
  unnamed.Feed("data: {\"type\":\"error\",\"message\":\"no more\"}\n\n", kNow);
  ASSERT_TRUE(unnamed.error());
  EXPECT_EQ(unnamed.error()->signal, Signal::kTransient);
}

TEST_F(ResponsesStreamTest, ContentIsNoErrorWhateverItSays) {
  Feed("response.output_text.delta", R"(,"delta":"{\"type\":\"error\",\"code\":\"1302\"}")");
  Feed(
      "response.output_item.done",
      R"(,"item":{"type":"message","status":"incomplete","content":[{"text":"1302 rate limit"}]})");
  EXPECT_FALSE(watcher_.error());
}

TEST(ResponsesAnswerTest, PlainAnswersAreReadLikeStreams) {
  const auto classify = [](absl::string_view body) {
    return ClassifyResponse(kResponses, {200, NoHeaders, body}, kNow).signal;
  };
  EXPECT_EQ(classify(R"({"object":"response","status":"completed","error":null,"output":[]})"),
            Signal::kNone);
  EXPECT_EQ(classify(R"({"object":"response","status":"failed","error":{"code":"1302",
      "message":"x"}})"),
            Signal::kThrottle);
  EXPECT_EQ(classify(R"({"object":"response","status":"incomplete"})"), Signal::kTransient);
  const Served served = ReadServed(kResponses, R"({"model":"glm-5.3","usage":{"input_tokens":100,
      "input_tokens_details":{"cached_tokens":40},"output_tokens":8}})");
  EXPECT_EQ(served.usage.input, 60);
  EXPECT_EQ(served.usage.cached, 40);
  EXPECT_EQ(served.model, "glm-5.3");
}

TEST(ResponsesReplyTest, WallIsInCodexWords) {
  EXPECT_EQ(ErrorBody(Protocol::kResponses, {.http_status = 429,
                                             .code = "1308",
                                             .message = "used up",
                                             .used_up = true,
                                             .resets_at = kNow}),
            R"({"error":{"message":"used up","type":"usage_limit_reached","code":"1308",)"
            R"("param":null,"resets_at":1790000000}})");
  EXPECT_EQ(ErrorBody(Protocol::kResponses, {503, "", "no daemon"}),
            R"({"error":{"message":"no daemon","type":"api_error","param":null}})");
}

TEST(ResponsesReplyTest, EventIsAFailureOfTheResponse) {
  StreamWatcher watcher(kResponses);
  watcher.Feed(ErrorEvent(Protocol::kResponses, {429, "1302", "too many"}), kNow);
  ASSERT_TRUE(watcher.error());
  EXPECT_EQ(watcher.error()->signal, Signal::kThrottle);
  StreamWatcher pinged(kResponses);
  pinged.Feed(PingEvent(Protocol::kResponses), kNow);
  EXPECT_FALSE(pinged.decided());
}

}  // namespace
}  // namespace zbroker::zai
