#include "shims/zai/request.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "tests/unit/zai/headers.h"

namespace zbroker::zai {
namespace {

Inspection InspectAnthropic(absl::string_view body) {
  return InspectRequest(FindEndpoint("POST", "/api/anthropic/v1/messages"), NoHeaders, body);
}

Inspection InspectOpenAi(absl::string_view body) {
  return InspectRequest(FindEndpoint("POST", "/api/coding/paas/v4/chat/completions"), NoHeaders,
                        body);
}

Inspection InspectMcp(absl::string_view body) {
  return InspectRequest(FindEndpoint("POST", "/api/mcp/web_reader/mcp"), NoHeaders, body);
}

TEST(RequestTest, ModelAndStreamAreRead) {
  const Inspection inspection = InspectAnthropic(
      R"({"model":"glm-5.3","stream":true,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_TRUE(inspection.needs_slot);
  EXPECT_EQ(inspection.model, "glm-5.3");
  EXPECT_TRUE(inspection.stream);
  EXPECT_EQ(inspection.kind, Kind::kPrompt);
  EXPECT_FALSE(inspection.background);
}

TEST(RequestTest, OrderOfMembersDoesNotMatter) {
  const Inspection inspection = InspectAnthropic(
      R"({"messages":[{"content":"hi","role":"user"}],"stream":true,"model":"glm-5.3"})");
  EXPECT_EQ(inspection.model, "glm-5.3");
  EXPECT_TRUE(inspection.stream);
  EXPECT_EQ(inspection.kind, Kind::kPrompt);
}

TEST(RequestTest, ToolResultMakesACall) {
  EXPECT_EQ(InspectAnthropic(R"({"model":"m","messages":[
      {"role":"user","content":"hi"},
      {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"ls","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"a"},
                                {"type":"text","text":"reminder"}]}]})")
                .kind,
            Kind::kCall);
}

TEST(RequestTest, OlderToolResultsDoNotMatter) {
  EXPECT_EQ(InspectAnthropic(R"({"messages":[
      {"role":"user","content":[{"type":"tool_result","content":"a"}]},
      {"role":"assistant","content":"done"},
      {"role":"user","content":[{"type":"text","text":"and now?"}]}]})")
                .kind,
            Kind::kPrompt);
}

TEST(RequestTest, SystemMessageAtTheEndIsPassedOver) {
  EXPECT_EQ(InspectAnthropic(R"({"messages":[{"role":"user","content":"hi"},
      {"role":"system","content":"be brief"}]})")
                .kind,
            Kind::kPrompt);
  EXPECT_EQ(InspectAnthropic(R"({"messages":[
      {"role":"user","content":[{"type":"tool_result","content":"a"}]},
      {"role":"system","content":"be brief"}]})")
                .kind,
            Kind::kCall);
}

TEST(RequestTest, OpenAiToolMessageMakesACall) {
  EXPECT_EQ(InspectOpenAi(R"({"messages":[{"role":"user","content":"hi"},
      {"role":"assistant","tool_calls":[{"id":"1"}]},
      {"role":"tool","tool_call_id":"1","content":"a"}]})")
                .kind,
            Kind::kCall);
  EXPECT_EQ(InspectOpenAi(R"({"messages":[{"role":"tool","content":"a"},
      {"role":"assistant","content":"done"},{"role":"user","content":"next"}]})")
                .kind,
            Kind::kPrompt);
}

TEST(RequestTest, RequestWithoutMessagesIsACall) {
  EXPECT_EQ(InspectOpenAi(R"({"model":"embedding-3","input":"text"})").kind, Kind::kCall);
}

TEST(RequestTest, BodyThatIsNotJsonIsACallOfAnUnknownModel) {
  for (const absl::string_view body :
       {"", "hello", "{", "[]", "null", R"({"model":"glm-5.3","messages":[{"role")", "\xff\xfe",
        R"({"model" "glm-5.3"})"}) {
    SCOPED_TRACE(body);
    const Inspection inspection = InspectAnthropic(body);
    EXPECT_TRUE(inspection.needs_slot);
    EXPECT_EQ(inspection.kind, Kind::kCall);
    EXPECT_EQ(inspection.model, "");
  }
}

TEST(RequestTest, MembersOfOtherTypesArePassedOver) {
  const Inspection inspection = InspectAnthropic(
      R"({"model":7,"stream":"yes","max_tokens":"1","tools":{},"system":3,"messages":[1,null,[],
          {"role":5,"content":{"type":"text"}},{"role":"user","content":[7,{"type":8,"text":9}]}]})");
  EXPECT_TRUE(inspection.needs_slot);
  EXPECT_EQ(inspection.model, "");
  EXPECT_FALSE(inspection.stream);
  EXPECT_EQ(inspection.kind, Kind::kPrompt);
}

TEST(RequestTest, ModelIsPrintableAndBounded) {
  const std::string odd = InspectAnthropic(R"({"model":"a\u0007b\u001b[31m"})").model;
  EXPECT_EQ(odd, "a\\x07b\\x1b[31m");
  const std::string long_name(1000, 'x');
  EXPECT_EQ(InspectAnthropic(absl::StrCat(R"({"model":")", long_name, R"("})")).model.size(), 256u);
  std::string wide;
  for (int i = 0; i < 300; ++i) wide += "模";
  const std::string model = InspectAnthropic(absl::StrCat(R"({"model":")", wide, R"("})")).model;
  EXPECT_LE(model.size(), 256u);
  EXPECT_TRUE(IsValidUtf8(model));
}

TEST(RequestTest, DeepNestingIsPassedOver) {
  const std::string deep(200'000, '[');
  const std::string closed(200'000, ']');
  const Inspection inspection = InspectAnthropic(absl::StrCat(
      R"({"metadata":)", deep, closed,
      R"(,"model":"glm-5.3","messages":[{"role":"user","content":)", deep, closed, "}]}"));
  EXPECT_EQ(inspection.model, "glm-5.3");
  EXPECT_TRUE(InspectAnthropic(absl::StrCat(R"({"messages":)", deep)).needs_slot);
}

TEST(RequestTest, LargeBodyIsRead) {
  const std::string text(32 << 20, 'x');
  const Inspection inspection = InspectAnthropic(absl::StrCat(
      R"({"messages":[{"role":"user","content":")", text, R"("}],"model":"glm-5.3"})"));
  EXPECT_EQ(inspection.model, "glm-5.3");
  EXPECT_EQ(inspection.kind, Kind::kPrompt);
}

TEST(RequestTest, SessionIsTheFirstHeaderPresent) {
  const Endpoint endpoint = FindEndpoint("POST", "/v1/messages");
  const FakeHeaders both{{"x-session-id", "ses_1"}, {"x-claude-code-session-id", "c0ffee"}};
  EXPECT_EQ(InspectRequest(endpoint, both, "{}").session, "c0ffee");
  const FakeHeaders opencode{{"x-session-affinity", "ses_2"}, {"x-session-id", "ses_1"}};
  EXPECT_EQ(InspectRequest(endpoint, opencode, "{}").session, "ses_1");
  EXPECT_EQ(InspectRequest(endpoint, FakeHeaders{{"x-session-affinity", "ses_2"}}, "{}").session,
            "ses_2");
  EXPECT_EQ(InspectRequest(endpoint, NoHeaders, "{}").session, "");
  EXPECT_EQ(InspectRequest(endpoint, FakeHeaders{{"x-session-id", "a\x01"}}, "{}").session,
            "a\\x01");
}

TEST(RequestTest, FreeEndpointsNeedNoSlot) {
  EXPECT_FALSE(InspectRequest(FindEndpoint("POST", "/v1/messages/count_tokens"), NoHeaders,
                              R"({"model":"glm-5.3","messages":[]})")
                   .needs_slot);
  EXPECT_FALSE(InspectRequest(FindEndpoint("HEAD", "/api/anthropic"), NoHeaders, "").needs_slot);
}

TEST(McpRequestTest, OnlyToolCallsNeedASlot) {
  const Inspection call =
      InspectMcp(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"read"}})");
  EXPECT_TRUE(call.needs_slot);
  EXPECT_EQ(call.kind, Kind::kMcp);
  EXPECT_EQ(call.rpc_id, "7");
  EXPECT_FALSE(InspectMcp(R"({"jsonrpc":"2.0","id":1,"method":"initialize"})").needs_slot);
  EXPECT_FALSE(InspectMcp(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").needs_slot);
  EXPECT_TRUE(
      InspectMcp(R"([{"method":"ping","id":1},{"method":"tools/call","id":2}])").needs_slot);
  EXPECT_TRUE(InspectMcp("what is this").needs_slot);
}

TEST(McpRequestTest, IdIsJson) {
  EXPECT_EQ(InspectMcp(R"({"id":"a\"b","method":"tools/call"})").rpc_id, R"("a\"b")");
  EXPECT_EQ(InspectMcp(R"({"id":null,"method":"tools/call"})").rpc_id, "null");
  EXPECT_EQ(InspectMcp(R"({"id":{"x":1},"method":"tools/call"})").rpc_id, "null");
  EXPECT_EQ(InspectMcp(absl::StrCat(R"({"id":")", std::string(300, 'x'), R"("})")).rpc_id, "null");
}

}  // namespace
}  // namespace zbroker::zai
