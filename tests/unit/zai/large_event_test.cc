#include "shims/zai/large_event.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "shims/zai/stream.h"

namespace zbroker::zai {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1790000000);

const std::string& Huge() {
  static const std::string huge(EventReader::kEventBytesMax + 5000, 'x');
  return huge;
}

class LargeEventTest : public ::testing::Test {
 protected:
  void Feed(absl::string_view name, absl::string_view data) {
    for (StreamWatcher* watcher : {&responses_, &openai_, &anthropic_}) {
      const std::string stream = absl::StrCat(
          name.empty() ? "" : absl::StrCat("event: ", name, "\n"), "data: ", data, "\n\n");
      for (size_t at = 0; at < stream.size(); at += 9001) {
        watcher->Feed(absl::string_view(stream).substr(at, 9001), kNow);
      }
    }
  }

  StreamWatcher responses_{FindEndpoint("POST", "/api/v1/responses")};
  StreamWatcher openai_{FindEndpoint("POST", "/chat/completions")};
  StreamWatcher anthropic_{FindEndpoint("POST", "/v1/messages")};
};

constexpr char kUsage[] =
    R"("usage" : {"input_tokens":100,"input_tokens_details":{"cached_tokens":40},"output_tokens":8})";

TEST_F(LargeEventTest, EndOfAResponseIsItsEndAndHasTheFigures) {
  for (const bool named : {true, false}) {
    StreamWatcher watcher(FindEndpoint("POST", "/api/v1/responses"));
    watcher.Feed(
        absl::StrCat(named ? "event: response.completed\n" : "",
                     R"(data: {"sequence_number":7,"type":"response.completed","response":{)",
                     R"("output":[{"type":"message","content":[{"text":")", Huge(), R"("}]}],)",
                     kUsage, R"(,"metadata":{}}})", "\n\n"),
        kNow);
    EXPECT_TRUE(watcher.decided());
    EXPECT_TRUE(watcher.complete());
    EXPECT_FALSE(watcher.empty());
    EXPECT_FALSE(watcher.error());
    EXPECT_EQ(watcher.usage().input, 60);
    EXPECT_EQ(watcher.usage().cached, 40);
    EXPECT_EQ(watcher.usage().output, 8);
  }
}

TEST_F(LargeEventTest, NameAloneIsEnough) {
  Feed("response.completed", absl::StrCat(R"({"response":{"output":")", Huge(), R"("}})"));
  EXPECT_TRUE(responses_.complete());
  EXPECT_FALSE(anthropic_.complete());
}

TEST_F(LargeEventTest, FailureIsOneByItsCodeWhereverThatStands) {
  const std::string error = R"("error":{"code":"1302","message":"Rate limit reached"})";
  const std::string failures[] = {
      absl::StrCat(R"({"type":"response.failed","response":{"instructions":")", Huge(), "\",",
                   error, "}}"),
      absl::StrCat(R"({"type":"response.failed","response":{)", error, R"(,"instructions":")",
                   Huge(), "\"}}"),
      absl::StrCat(R"({"type":"error",)", error, R"(,"more":")", Huge(), "\"}"),
      absl::StrCat(R"({"error":{"code":"1302","message":")", Huge(), "\"}}"),
      absl::StrCat(R"({"error":{"message":")", Huge(), R"(","code":"1302"}})"),
  };
  for (const std::string& failure : failures) {
    SCOPED_TRACE(failure.substr(0, 60));
    StreamWatcher watcher(FindEndpoint("POST", "/api/v1/responses"));
    watcher.Feed(absl::StrCat("data: ", failure, "\n\n"), kNow);
    ASSERT_TRUE(watcher.error());
    EXPECT_EQ(watcher.error()->signal, Signal::kThrottle);
    EXPECT_EQ(watcher.error()->code, "1302");
  }
}

TEST_F(LargeEventTest, WhatAModelWroteIsNeitherAnErrorNorAnEndNorAFigure) {
  const std::string text = absl::StrCat(
      R"({\"type\":\"response.completed\",\"error\":{\"code\":\"1313\"}} )", Huge(),
      R"( ,\"error\":{\"code\":\"1313\",\"message\":\"x\"},\"usage\":{\"output_tokens\":99}}\\)");
  Feed("content_block_delta",
       absl::StrCat(R"({"type":"content_block_delta","delta":{"text":")", text, R"("}})"));
  Feed("", absl::StrCat(R"({"choices":[{"delta":{"content":")", text, R"("}}]})"));
  Feed("response.output_text.delta",
       absl::StrCat(R"({"type":"response.output_text.delta","delta":")", text, R"("})"));
  for (const StreamWatcher* watcher : {&responses_, &openai_, &anthropic_}) {
    EXPECT_FALSE(watcher->error());
    EXPECT_FALSE(watcher->complete());
    EXPECT_EQ(watcher->usage().output, 0);
  }
}

TEST_F(LargeEventTest, NonsenseIsContent) {
  for (const std::string& data :
       {Huge(), absl::StrCat("{", Huge()), absl::StrCat("{\"type\":\"", Huge()),
        absl::StrCat("{\"a\":1,", Huge(), ",\"usage\":{\"output_tokens\":"),
        absl::StrCat(Huge(), "\"usage\""), absl::StrCat(Huge(), ",\"usage\":{{{{")}) {
    Feed("", data);
  }
  EXPECT_FALSE(responses_.error());
  EXPECT_FALSE(responses_.complete());
  EXPECT_TRUE(responses_.decided());
}

// A beginning that quotes all of the tools is one all the same.
TEST_F(LargeEventTest, BeginningIsNoContent) {
  Feed("response.created",
       absl::StrCat(R"({"type":"response.created","response":{"tools":")", Huge(), R"("}})"));
  Feed("response.completed",
       R"({"type":"response.completed","response":{"status":"completed","output":[]}})");
  EXPECT_TRUE(responses_.empty());
}

}  // namespace
}  // namespace zbroker::zai
