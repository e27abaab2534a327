#include "shims/zai/reply.h"

#include <gtest/gtest.h>

#include "shims/zai/classify.h"
#include "shims/zai/stream.h"

namespace zbroker::zai {
namespace {

const ErrorReply kWall = {429, "1308", "Usage limit \"5 hour\"\n", "20260921135529", "7"};

TEST(ReplyTest, Anthropic) {
  EXPECT_EQ(ErrorBody(Protocol::kAnthropic, kWall),
            R"({"type":"error","error":{"type":"rate_limit_error","code":"1308",)"
            R"("message":"Usage limit \"5 hour\"\n"},"request_id":"20260921135529"})");
  EXPECT_EQ(ErrorBody(Protocol::kAnthropic, {503, "", "no daemon"}),
            R"({"type":"error","error":{"type":"api_error","message":"no daemon"}})");
}

TEST(ReplyTest, OpenAi) {
  EXPECT_EQ(ErrorBody(Protocol::kOpenAi, kWall),
            R"({"error":{"message":"Usage limit \"5 hour\"\n","type":"rate_limit_error",)"
            R"("code":"1308"},"request_id":"20260921135529"})");
  EXPECT_EQ(ErrorBody(Protocol::kNone, {404, "", "no such path"}),
            R"({"error":{"message":"no such path","type":"not_found_error"}})");
}

TEST(ReplyTest, Mcp) {
  EXPECT_EQ(ErrorBody(Protocol::kMcp, kWall),
            R"({"jsonrpc":"2.0","id":7,"error":{"code":-429,)"
            R"("message":"Usage limit \"5 hour\"\n","data":{"code":"1308"}}})");
}

TEST(ReplyTest, EventEndsAStreamWithoutCompletingIt) {
  for (const absl::string_view path : {"/v1/messages", "/chat/completions"}) {
    const Endpoint endpoint = FindEndpoint("POST", path);
    StreamWatcher watcher(endpoint);
    watcher.Feed(ErrorEvent(endpoint.protocol, kWall), absl::UnixEpoch());
    ASSERT_TRUE(watcher.error()) << path;
    EXPECT_EQ(watcher.error()->code, "1308");
    EXPECT_FALSE(watcher.complete());
  }
  EXPECT_EQ(ErrorEvent(Protocol::kAnthropic, {500, "", "x"}),
            "event: error\n"
            R"(data: {"type":"error","error":{"type":"api_error","message":"x"}})"
            "\n\n");
}

TEST(ReplyTest, PingDecidesNothing) {
  for (const absl::string_view path : {"/v1/messages", "/chat/completions", "/api/mcp/x/mcp"}) {
    const Endpoint endpoint = FindEndpoint("POST", path);
    StreamWatcher watcher(endpoint);
    watcher.Feed(PingEvent(endpoint.protocol), absl::UnixEpoch());
    EXPECT_FALSE(watcher.decided()) << path;
  }
}

TEST(ReplyTest, AnyBytesGiveJson) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  const std::string body = ErrorBody(Protocol::kOpenAi, {429, "1302", all, all});
  const Verdict verdict = ClassifyResponse(FindEndpoint("POST", "/chat/completions"),
                                           {200, NoHeaders, body}, absl::UnixEpoch());
  EXPECT_EQ(verdict.code, "1302");
}

}  // namespace
}  // namespace zbroker::zai
