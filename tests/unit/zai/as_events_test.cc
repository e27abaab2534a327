#include "shims/zai/as_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "shims/zai/stream.h"

namespace zbroker::zai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1790000000);

constexpr char kMessage[] = R"({"id":"m","type":"message","role":"assistant","model":"glm-4.7",
    "content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"h\u00e9\n"},
    {"type":"tool_use","id":"t","name":"ls","input":{"path":"/x"}},{"type":"odd","data":[1]}],
    "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":5}})";
constexpr char kCompletion[] = R"({"id":"c","object":"chat.completion","model":"glm-4.7","choices":[
    {"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"hi","tool_calls":[
    {"id":"a","function":{"name":"ls"}},{"id":"b","function":{"name":"cat"}}]}}],
    "usage":{"prompt_tokens":3,"completion_tokens":5}})";
constexpr char kResponse[] =
    R"({"id":"r","object":"response","status":"completed","model":"glm-4.7",
    "output":[{"type":"message","content":[{"type":"output_text","text":"hi"}]}],
    "usage":{"input_tokens":3,"output_tokens":5}})";

const Endpoint kMessages = FindEndpoint("POST", "/v1/messages");
const Endpoint kChat = FindEndpoint("POST", "/chat/completions");
const Endpoint kResponses = FindEndpoint("POST", "/api/v1/responses");

std::vector<std::string> DataOf(absl::string_view events) {
  std::vector<std::string> data;
  EventReader reader;
  reader.Feed(events, [&](const Event& event) { data.emplace_back(event.data); });
  return data;
}

// Which is what the gateway itself makes of it.
TEST(AsEventsTest, StreamIsWholeAndSaysWhatTheAnswerSays) {
  const std::pair<const Endpoint&, const char*> answers[] = {
      {kMessages, kMessage}, {kChat, kCompletion}, {kResponses, kResponse}};
  for (const auto& [endpoint, body] : answers) {
    const std::string events = EventsOf(endpoint.protocol, body);
    StreamWatcher watcher(endpoint);
    watcher.Feed(events, kNow);
    EXPECT_TRUE(watcher.complete()) << events;
    EXPECT_FALSE(watcher.error()) << events;
    EXPECT_FALSE(watcher.empty());
    EXPECT_EQ(watcher.usage().input, 3);
    EXPECT_EQ(watcher.usage().output, 5);
    EXPECT_EQ(watcher.served().model, "glm-4.7");
  }
}

TEST(AsEventsTest, BlocksOfAMessageComeInParts) {
  EXPECT_THAT(
      DataOf(EventsOf(Protocol::kAnthropic, kMessage)),
      ElementsAre(
          R"({"type":"message_start","message":{"content":[],"stop_reason":null,"stop_sequence":null,)"
          R"("id":"m","type":"message","role":"assistant","model":"glm-4.7",)"
          R"("usage":{"input_tokens":3,"output_tokens":5}}})",
          R"({"type":"content_block_start","index":0,"content_block":)"
          R"({"type":"thinking","thinking":"","signature":""}})",
          R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
          R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})",
          R"({"type":"content_block_stop","index":0})",
          R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
          "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\","
          "\"text\":"
          "\"h\xc3\xa9\\n\"}}",
          R"({"type":"content_block_stop","index":1})",
          R"({"type":"content_block_start","index":2,"content_block":)"
          R"({"type":"tool_use","id":"t","name":"ls","input":{}}})",
          R"({"type":"content_block_delta","index":2,"delta":)"
          R"({"type":"input_json_delta","partial_json":"{\"path\":\"/x\"}"}})",
          R"({"type":"content_block_stop","index":2})",
          R"({"type":"content_block_start","index":3,"content_block":{"type":"odd","data":[1]}})",
          R"({"type":"content_block_stop","index":3})",
          R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},)"
          R"("usage":{"input_tokens":3,"output_tokens":5}})",
          R"({"type":"message_stop"})"));
}

TEST(AsEventsTest, CallsOfToolsAreNumbered) {
  EXPECT_THAT(
      DataOf(EventsOf(Protocol::kOpenAi, kCompletion)),
      ElementsAre(
          R"({"object":"chat.completion.chunk","id":"c","model":"glm-4.7","choices":[{"index":0,)"
          R"("delta":{"role":"assistant","content":"hi","tool_calls":[)"
          R"({"index":0,"id":"a","function":{"name":"ls"}},)"
          R"({"index":1,"id":"b","function":{"name":"cat"}}]},"finish_reason":null}]})",
          R"({"object":"chat.completion.chunk","id":"c","model":"glm-4.7","choices":[{"index":0,)"
          R"("delta":{},"finish_reason":"tool_calls"}],)"
          R"("usage":{"prompt_tokens":3,"completion_tokens":5}})",
          "[DONE]"));
}

TEST(AsEventsTest, ItemsOfAResponseComeBeforeItsEnd) {
  const std::vector<std::string> data = DataOf(EventsOf(Protocol::kResponses, kResponse));
  ASSERT_EQ(data.size(), 3u);
  EXPECT_THAT(data[0], HasSubstr(R"("status":"in_progress","output":[])"));
  EXPECT_THAT(data[1], HasSubstr(R"("output_index":0,"item":{"type":"message")"));
  EXPECT_THAT(data[2], HasSubstr(R"("response":{"id":"r")"));
}

TEST(AsEventsTest, WhatIsNoCompletionGivesNone) {
  for (const Protocol protocol :
       {Protocol::kAnthropic, Protocol::kOpenAi, Protocol::kResponses, Protocol::kMcp}) {
    for (const char* body : {"", "{}", "[]", "x", R"({"content":"x","choices":{},"output":7})"}) {
      EXPECT_EQ(EventsOf(protocol, body), "") << body;
    }
  }
  EXPECT_EQ(EventsOf(Protocol::kMcp, kMessage), "");
  for (const char* odd :
       {R"({"content":[7,{},{"type":"tool_use"},{"type":"text"}]})",
        R"({"choices":[7,{},{"message":{"tool_calls":[7]}}]})", R"({"output":[7]})"}) {
    for (const Protocol protocol :
         {Protocol::kAnthropic, Protocol::kOpenAi, Protocol::kResponses}) {
      for (const std::string& data : DataOf(EventsOf(protocol, odd))) {
        EXPECT_TRUE(data == "[DONE]" || data[0] == '{') << data;
      }
    }
  }
}

}  // namespace
}  // namespace zbroker::zai
