#include "shims/gateway/tool_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace zbroker::gateway {
namespace {

constexpr char kReader[] = "/api/mcp/web_reader/mcp";

ToolCalls Find(absl::string_view body, absl::string_view path = kReader,
               const std::vector<std::string>& globs = {"*"}) {
  return FindToolCalls(zai::FindEndpoint("POST", path), path, {}, body, globs);
}

std::string CallOf(absl::string_view tool, absl::string_view id = R"("id":1,)") {
  return absl::StrCat("{", id, R"("method":"tools/call","params":{"name":")", tool, "\"}}");
}

TEST(ToolCallsTest, CallIsOneOfItsTool) {
  const ToolCalls calls = Find(CallOf("webReader"));
  EXPECT_TRUE(calls.readable);
  EXPECT_FALSE(calls.batch);
  EXPECT_EQ(calls.leased, 1);
  EXPECT_EQ(calls.tool, "webReader");
  ASSERT_EQ(calls.requests.size(), 1u);
  EXPECT_EQ(calls.requests[0].id, "1");
}

TEST(ToolCallsTest, OnlyCallsOfNamedToolsTakeLeases) {
  const std::string batch = absl::StrCat("[", CallOf("other"), ",", CallOf("web_a"), ",",
                                         CallOf("web_b"), R"(,{"id":2,"method":"ping"}])");
  const ToolCalls calls = Find(batch, kReader, {"web_*"});
  EXPECT_TRUE(calls.batch);
  EXPECT_EQ(calls.leased, 2);
  EXPECT_EQ(calls.tool, "web_a");
  EXPECT_EQ(calls.requests.size(), 4u);
}

TEST(ToolCallsTest, WhatWantsNoAnswerIsNoCall) {
  EXPECT_EQ(Find(CallOf("x", "")).leased, 0);
  EXPECT_EQ(Find(R"({"method":"notifications/cancelled","params":{"requestId":1}})").leased, 0);
  EXPECT_EQ(Find(R"({"id":1,"result":{}})").leased, 0);
}

TEST(ToolCallsTest, MessageThatCancelsNamesItsRequest) {
  const std::string cancel =
      R"({"method":"notifications/cancelled","params":{"requestId":"a\"1"}})";
  EXPECT_EQ(Find(cancel).cancelled, R"("a\"1")");
  EXPECT_EQ(Find(absl::StrCat("[", cancel, "]")).cancelled, "") << "a batch is not taken apart";
  EXPECT_EQ(Find(CallOf("webReader")).cancelled, "");
  EXPECT_EQ(Find(R"({"method":"notifications/cancelled","params":{}})").cancelled, "");
}

TEST(ToolCallsTest, WhatCannotBeReadSaysSo) {
  for (const char* body : {"", " ", "{", "no JSON", "\xff\xfe"}) {
    EXPECT_FALSE(Find(body).readable) << body;
    EXPECT_EQ(Find(body).leased, 0) << body;
  }
  EXPECT_TRUE(Find("[]").readable);
}

TEST(ToolCallsTest, NothingIsFoundInWhatIsNoMcp) {
  EXPECT_FALSE(Find(CallOf("x"), "/api/anthropic/v1/messages").readable);
}

TEST(ToolCallsTest, ServerIsNamedWhereItsToolsNamesDoNotTell) {
  EXPECT_EQ(Find(CallOf("read_file"), "/api/mcp/zread/mcp").tool, "zread/read_file");
  EXPECT_EQ(Find(CallOf("x"), "/api/mcp/web_search_prime/mcp").tool, "x");
  EXPECT_EQ(Find(CallOf("x"), "/mcp").tool, "x");
  EXPECT_LE(Find(CallOf(std::string(1000, 'x')), "/api/mcp/zread/mcp").tool.size(), 256u);
}

}  // namespace
}  // namespace zbroker::gateway
