#include "shims/zai/stream.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker::zai {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1790000000);

class StreamWatcherTest : public ::testing::Test {
 protected:
  void Feed(absl::string_view bytes) { anthropic_.Feed(bytes, kNow); }
  void FeedOpenAi(absl::string_view bytes) { openai_.Feed(bytes, kNow); }

  StreamWatcher anthropic_{FindEndpoint("POST", "/v1/messages")};
  StreamWatcher openai_{FindEndpoint("POST", "/chat/completions")};
  StreamWatcher mcp_{FindEndpoint("POST", "/api/mcp/zread/mcp")};
};

TEST_F(StreamWatcherTest, CommentsAndPingsDecideNothing) {
  Feed(
      ": hello\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\ndata: {\"type\": "
      "\"ping\"}\n\ndata:\n\n");
  EXPECT_FALSE(anthropic_.decided());
  Feed("event: message_start\ndata: {\"type\":\"message_start\"}\n");
  EXPECT_FALSE(anthropic_.decided());
  Feed("\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}\n");
  EXPECT_FALSE(anthropic_.decided());
  Feed("\n");
  EXPECT_TRUE(anthropic_.decided());
  EXPECT_FALSE(anthropic_.complete());
  EXPECT_FALSE(anthropic_.error());
}

TEST_F(StreamWatcherTest, BeginningOfAMessageDecidesNothing) {
  Feed(R"(data: {"type":"message_start","message":{"content":[],"usage":{"input_tokens":7}}})"
       "\n\n"
       R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
       "\n\n"
       R"(data: {"type":"content_block_start","content_block":{"type":"thinking","thinking":"",)"
       R"("signature":""}})"
       "\n\n");
  EXPECT_FALSE(anthropic_.decided());
  EXPECT_EQ(anthropic_.usage().input, 7);
  Feed("event: error\ndata: {\"error\":{\"code\":\"1234\",\"message\":\"Network error\"}}\n\n");
  ASSERT_TRUE(anthropic_.error());
  EXPECT_TRUE(anthropic_.error()->worth_another_try);
}

TEST_F(StreamWatcherTest, BeginningWithContentDecides) {
  for (const char* event :
       {R"({"type":"message_start","message":{"content":[{"type":"text","text":"a"}]}})",
        R"({"type":"content_block_start","content_block":{"type":"tool_use","name":"ls"}})",
        R"({"type":"content_block_start","content_block":{"type":"text","text":"a"}})",
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"}) {
    StreamWatcher watcher(FindEndpoint("POST", "/v1/messages"));
    watcher.Feed(absl::StrCat("data: ", event, "\n\n"), kNow);
    EXPECT_TRUE(watcher.decided()) << event;
  }
}

TEST_F(StreamWatcherTest, ErrorAsFirstEvent) {
  Feed(
      "event: error\ndata: {\"error\":{\"code\":\"1302\",\"message\":\"Rate limit\"},"
      "\"request_id\":\"r\"}\n\ndata: [DONE]\n\n");
  EXPECT_TRUE(anthropic_.decided());
  ASSERT_TRUE(anthropic_.error());
  EXPECT_EQ(anthropic_.error()->signal, Signal::kThrottle);
  EXPECT_EQ(anthropic_.error()->code, "1302");
  EXPECT_EQ(anthropic_.error()->request_id, "r");
}

TEST_F(StreamWatcherTest, ErrorInMidStream) {
  FeedOpenAi("data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n");
  EXPECT_FALSE(openai_.error());
  FeedOpenAi("data: {\"error\":{\"code\":1234,\"message\":\"Network error\"}}\n\n");
  ASSERT_TRUE(openai_.error());
  EXPECT_EQ(openai_.error()->signal, Signal::kTransient);
}

TEST_F(StreamWatcherTest, FirstErrorIsKept) {
  FeedOpenAi(
      "data: {\"error\":{\"code\":\"1302\",\"message\":\"x\"}}\n\n"
      "data: {\"error\":{\"code\":\"1305\",\"message\":\"x\"}}\n\n");
  ASSERT_TRUE(openai_.error());
  EXPECT_EQ(openai_.error()->code, "1302");
}

TEST_F(StreamWatcherTest, ErrorTypeWithoutCode) {
  Feed(
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
      "\"message\":\"Overloaded\"}}\n\n");
  ASSERT_TRUE(anthropic_.error());
  EXPECT_EQ(anthropic_.error()->signal, Signal::kOverload);
}

TEST_F(StreamWatcherTest, NamedErrorNeedsNoJson) {
  Feed("event: error\ndata: Rate limit reached for requests\n\n");
  ASSERT_TRUE(anthropic_.error());
  EXPECT_EQ(anthropic_.error()->signal, Signal::kThrottle);
  FeedOpenAi("event: error\n\n");
  ASSERT_TRUE(openai_.error());
  EXPECT_EQ(openai_.error()->signal, Signal::kTransient);
}

TEST_F(StreamWatcherTest, BrokenFinishIsTransient) {
  FeedOpenAi(
      "data: {\"choices\":[{\"finish_reason\":\"network_error\",\"delta\":{}}]}\n\n"
      "data: [DONE]\n\n");
  ASSERT_TRUE(openai_.error());
  EXPECT_EQ(openai_.error()->signal, Signal::kTransient);
}

TEST_F(StreamWatcherTest, BrokenFinishIsKnownInEveryProtocol) {
  const Endpoint endpoints[] = {FindEndpoint("POST", "/v1/messages"),
                                FindEndpoint("POST", "/chat/completions"),
                                FindEndpoint("POST", "/somewhere/else")};
  for (const Endpoint& endpoint : endpoints) {
    for (const absl::string_view event :
         {R"({"choices":[{"finish_reason":"network_error","delta":{}}]})",
          R"({"type":"message_delta","delta":{"stop_reason":"network_error"}})"}) {
      StreamWatcher watcher(endpoint);
      watcher.Feed(absl::StrCat("data: ", event, "\n\n"), kNow);
      ASSERT_TRUE(watcher.error()) << event;
      EXPECT_EQ(watcher.error()->signal, Signal::kTransient);
      EXPECT_TRUE(watcher.error()->worth_another_try);
    }
  }
}

TEST_F(StreamWatcherTest, ContentIsNoErrorWhateverItSays) {
  FeedOpenAi(R"(data: {"choices":[{"delta":{"content":"event: error\ndata: {\"error\":1302}"}}]})"
             "\n\ndata: rate limit reached, 1302\n\n");
  Feed(R"(data: {"type":"content_block_delta","delta":{"text":"{\"error\":{\"code\":\"1302\"}}"}})"
       "\n\n");
  EXPECT_FALSE(openai_.error());
  EXPECT_FALSE(anthropic_.error());
}

TEST_F(StreamWatcherTest, ToolThatFailsWithinAResponseIsNoErrorOfIt) {
  StreamWatcher responses(FindEndpoint("POST", "/api/v1/responses"));
  responses.Feed(
      R"(data: {"type":"response.mcp_call.failed","error":{"code":"1313","message":"x"}})"
      "\n\n",
      kNow);
  EXPECT_FALSE(responses.error());
  responses.Feed(R"(data: {"type":"response.failed","error":{"code":"1302","message":"x"}})"
                 "\n\n",
                 kNow);
  EXPECT_TRUE(responses.error());
}

TEST_F(StreamWatcherTest, EndIsTheProtocolsOwn) {
  Feed("data: [DONE]\n\n");
  EXPECT_FALSE(anthropic_.complete());
  Feed("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  EXPECT_TRUE(anthropic_.complete());

  FeedOpenAi("data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n");
  EXPECT_FALSE(openai_.complete());
  FeedOpenAi("data: [DONE]\n\n");
  EXPECT_TRUE(openai_.complete());

  mcp_.Feed("data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n", kNow);
  EXPECT_FALSE(mcp_.complete());
  mcp_.Feed("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n", kNow);
  EXPECT_TRUE(mcp_.complete());
}

TEST_F(StreamWatcherTest, EndWithoutItsEmptyLineCountsOnceTheStreamEnds) {
  FeedOpenAi("data: [DONE]\n");
  EXPECT_FALSE(openai_.complete());
  openai_.Finish(kNow);
  EXPECT_TRUE(openai_.complete());
}

TEST_F(StreamWatcherTest, HalfAnEventIsNoEnd) {
  Feed("data: {\"type\":\"message_st");
  anthropic_.Finish(kNow);
  EXPECT_FALSE(anthropic_.complete());
}

TEST_F(StreamWatcherTest, UsageOfAnthropicIsTheLatest) {
  Feed(
      "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":0,"
      "\"output_tokens\":0}}}\n\n");
  EXPECT_FALSE(anthropic_.usage().reported);
  Feed(
      "data: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":100,\"output_tokens\":20,"
      "\"cache_read_input_tokens\":900}}\n\n");
  EXPECT_TRUE(anthropic_.usage().reported);
  EXPECT_EQ(anthropic_.usage().input, 100);
  EXPECT_EQ(anthropic_.usage().cached, 900);
  EXPECT_EQ(anthropic_.usage().output, 20);
}

TEST_F(StreamWatcherTest, UsageThatLaterEventsLeaveOutStays) {
  Feed(
      "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":100,"
      "\"output_tokens\":1}}}\n\ndata: {\"type\":\"message_delta\",\"usage\":"
      "{\"output_tokens\":20}}\n\n");
  EXPECT_EQ(anthropic_.usage().input, 100);
  EXPECT_EQ(anthropic_.usage().output, 20);
}

TEST_F(StreamWatcherTest, UsageOfOpenAi) {
  FeedOpenAi(
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":20,"
      "\"prompt_tokens_details\":{\"cached_tokens\":900}}}\n\n");
  EXPECT_EQ(openai_.usage().input, 100);
  EXPECT_EQ(openai_.usage().cached, 900);
  EXPECT_EQ(openai_.usage().output, 20);
}

TEST_F(StreamWatcherTest, HugeLineDecidesBeforeItEnds) {
  Feed("data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"");
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(anthropic_.decided(), i > 63);
    Feed(std::string(4096, 'x'));
  }
  EXPECT_TRUE(anthropic_.decided());
  Feed("\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n");
  EXPECT_TRUE(anthropic_.complete());
  EXPECT_FALSE(anthropic_.error());
}

}  // namespace
}  // namespace zbroker::zai
