#include "tests/fuzz/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

constexpr absl::string_view kRequests[] = {
    R"({"model":"glm-5.3","max_tokens":4096,"stream":true,"tools":[{"name":"Bash"}],
        "system":[{"type":"text","text":"You are Claude Code"}],
        "messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},
          {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"Bash","input":{"a":1}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"ok"}]},
          {"role":"system","content":"be brief"}]})",
    R"({"model":"glm-4.7","messages":[{"role":"system","content":"You are a title generator."},
        {"role":"user","content":"Generate a title for this conversation:\n"},
        {"role":"tool","tool_call_id":"1","content":"x"}],"max_completion_tokens":1})",
    R"({"messages":[{"role":"user","content":"[SUGGESTION MODE: x]"}],"model":"模型\u0007"})",
    R"({"model":"glm-5.3","stream":true,"instructions":"x","input":[{"type":"message","role":"user",
        "content":[{"type":"input_text","text":"<environment_context>"}]},
        {"type":"function_call_output","output":"ok"}],"max_output_tokens":1})",
    R"([{"jsonrpc":"2.0","id":"a\"b","method":"tools/call","params":{"name":"read"}},{"id":7}])",
    R"({"jsonrpc":"2.0","id":-9,"method":"initialize"})",
};

constexpr absl::string_view kAnswers[] = {
    R"({"error":{"code":"1302","message":"Rate limit reached for requests"}})",
    R"({"error":{"code":1308,"message":"Usage limit reached for 5 hour. Your limit will reset at )"
    R"(2026-09-21 23:55:29"},"request_id":"20260921221320abcd"})",
    R"({"code":"1302","message":"[1302][Rate limit reached][20260921221320]","retry-after":"38"})",
    R"({"type":"error","error":{"type":"1310","message":"Weekly/Monthly Limit Exhausted. Your )"
    R"(limit will reset at 2026-09-24 13:55:29"},"request_id":"20260921221320abcd"})",
    R"({"type":"error","error":{"type":"overloaded_error","code":"1305","message":"[1305][x][y]"}})",
    R"({"message":"已达到 5 小时 的使用上限。您的限额将在 2026-09-21 23:55:29 重置"})",
    R"({"error":"too many requests"})",
    "Your GLM Coding Plan package has expired",
    R"({"error":{"message":"429 {\"error\":{\"code\":\"1316\",\"message\":\"Usage limit\"}}",)"
    R"("metadata":{"raw":"[1302][x][y]"}}})",
    R"([{"detail":{"errors":[{"code":"1302","message":"Error code: 429 - {'code': '1302'}"}]}}])",
    R"({"code":500,"msg":"404 NOT_FOUND","success":false})",
    R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"MCP error -429: )"
    R"({\"error\":{\"code\":\"1302\",\"message\":\"x\"}}"}],"isError":true}})",
    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"MCP error -429: quota"}})",
    R"({"id":"m","type":"message","content":[{"type":"text","text":"1302 rate limit"}],)"
    R"("usage":{"input_tokens":5,"output_tokens":7,"cache_read_input_tokens":9}})",
    R"({"choices":[{"finish_reason":"network_error","message":{"content":"x"}}],)"
    R"("usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":3}}})",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "287441",
};

constexpr absl::string_view kStreams[] = {
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
    "{\"input_tokens\":5}}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: "
    "content_block_delta\n"
    "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"hi\"}}\n\nevent: message_delta\n"
    "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":7}}\n\nevent: message_stop\n"
    "data: {\"type\":\"message_stop\"}\n\n",
    ": comment\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}]}"
    "\r\n\r\ndata: "
    "{\"choices\":[{\"finish_reason\":\"network_error\"}],\"usage\":{\"prompt_tokens\":5}}"
    "\r\n\r\ndata: [DONE]\r\n\r\n",
    "event: error\ndata: {\"error\":{\"code\":\"1302\",\"message\":\"x\"},\"request_id\":\"r\"}\n\n"
    "data: [DONE]\n\n",
    "data: {\"error\":{\"code\":1234,\"message\":\"Network error\"}}\r\rdata: [DONE]",
    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\ndata: "
    "\"result\":{\"content\":[{\"text\":"
    "\"MCP error -429: {\\\"error\\\":{\\\"code\\\":\\\"1302\\\"}}\"}]}}\n\n",
    "event: error\ndata: rate limit\n\n",
    "data: {\"type\":\"response.created\",\"response\":{\"status\":\"queued\"}}\n\ndata: "
    "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":"
    "\"1302\",\"message\":\"x\"}}}\n\n",
    "data: {\"type\":\"response.incomplete\",\"response\":{\"status\":\"incomplete\","
    "\"incomplete_details\":{\"reason\":\"max_output_tokens\"}}}\n\n",
};

constexpr absl::string_view kTexts[] = {
    "Usage limit reached for 5 hour. Your limit will reset at 2026-09-21 23:55:29",
    "已达到 7 天 的使用上限。您的限额将在 2026-09-22T18:55:29.123+08:00 重置",
    "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-09-24 13:55:29 (UTC+8)",
    "20260921221320a1b2c3d4e5f6",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "0.5",
    "287441",
};

constexpr absl::string_view kMeters[] = {
    R"({"code":200,"msg":"Operation successful","success":true,"data":{"level":"pro","limits":[
        {"type":"TIME_LIMIT","unit":5,"number":1,"usage":1000,"currentValue":28,"remaining":972,
         "percentage":2.8,"nextResetTime":1771661559241,"usageDetails":[{"modelCode":"x"}]},
        {"type":"TOKENS_LIMIT","unit":3,"number":5,"percentage":1,"nextResetTime":1771073559241},
        {"type":"CREDIT_LIMIT","unit":6,"number":1,"usage":"60000","currentValue":5184}]}})",
    R"({"code":401,"msg":"token expired or incorrect","success":false})",
    R"({"code":500,"msg":"当前用户不存在coding plan","success":false})",
    R"({"code":200,"data":{"limits":[],"level":"pro"},"success":true})",
    "<html>502 Bad Gateway</html>",
};

constexpr size_t kRoutes = 7;  // of TakeEndpoint

using Bodies = std::vector<std::string>;

// What the folders of cases have in files whose names begin so: bodies, without the head of a
// message.
Bodies CasesOf(absl::string_view prefix) {
  Bodies bodies;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(ZBROKER_CASES)) {
    if (!absl::StartsWith(entry.path().filename().string(), prefix)) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    const std::string text = bytes.str();
    const size_t head = entry.path().extension() == ".http" ? text.find("\r\n\r\n") + 4 : 0;
    bodies.push_back(text.substr(head));
  }
  std::sort(bodies.begin(), bodies.end());  // folders have no order
  return bodies;
}

Bodies Both(Bodies bodies, const absl::string_view* first, const absl::string_view* last) {
  for (; first != last; ++first) bodies.emplace_back(*first);
  return bodies;
}

// Prefixes for what a target chooses by bytes.
Bodies WithChoices(const Bodies& bodies, int choices) {
  Bodies corpus;
  for (const std::string& body : bodies) {
    for (size_t endpoint = 0; endpoint < kRoutes; ++endpoint) {
      const std::string prefix(1, static_cast<char>(endpoint));
      if (choices == 0) corpus.push_back(absl::StrCat(prefix, body));
      for (char choice = 0; choice < choices; ++choice) {
        corpus.push_back(absl::StrCat(prefix, std::string(1, choice), body));
      }
    }
  }
  return corpus;
}

}  // namespace

Bodies InspectCorpus() {
  return WithChoices(Both(CasesOf("request"), std::begin(kRequests), std::end(kRequests)), 0);
}

Bodies ClassifyCorpus() {
  return WithChoices(Both(CasesOf("response"), std::begin(kAnswers), std::end(kAnswers)), 10);
}

Bodies StreamCorpus() {
  return WithChoices(Both(CasesOf("sse"), std::begin(kStreams), std::end(kStreams)), 3);
}

// The encodings by their number, and what is encoded so.
Bodies DecodeCorpus() {
  Bodies corpus;
  for (const absl::string_view prefix : {"request", "response"}) {
    for (const std::string& body : CasesOf(prefix)) {
      for (char encoding = 0; encoding < 4; ++encoding) {
        corpus.push_back(absl::StrCat(std::string(1, encoding), "a", body));
      }
    }
  }
  return corpus;
}

Bodies MeterCorpus() {
  Bodies corpus;
  for (const std::string& body : Both(CasesOf("meter-"), std::begin(kMeters), std::end(kMeters))) {
    for (char status = 0; status < 3; ++status) {
      corpus.push_back(absl::StrCat(std::string(1, status), body));
    }
  }
  return corpus;
}

Bodies McpCorpus() {
  const auto call = [](absl::string_view id, Then then) {
    return TurnOf(true, then,
                  absl::StrCat(R"({"id":)", id, R"(,"method":"tools/call","params":{"name":"x",)",
                               R"("_meta":{"progressToken":1}}})", "\n"));
  };
  const auto answer = [](absl::string_view id) {
    return TurnOf(
        false, Then::kNothing,
        absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"result":{"content":[]}})", "\n"));
  };
  const std::string cancel =
      TurnOf(true, Then::kNothing,
             R"({"method":"notifications/cancelled","params":{"requestId":1}})"
             "\n");
  const std::string batch = TurnOf(true, Then::kGrant,
                                   R"([{"id":1,"method":"tools/call"},{"id":2,"method":"ping"},)"
                                   R"({"id":3,"method":"tools/call"}])"
                                   "\n");
  const std::string limit =
      TurnOf(false, Then::kNothing,
             R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"MCP error -429: {\"error\":)"
             R"({\"code\":\"1308\",\"message\":\"m\"}}"}]}})"
             "\n");
  const std::string part = TurnOf(false, Then::kTime, std::string(200, 'x'));
  return {call("1", Then::kGrant) + answer("1") + answer("1"),
          call("1", Then::kNothing) + call("\"1\"", Then::kTime) + cancel + answer("\"1\""),
          call("1", Then::kGrant) + cancel + limit,
          call("1", Then::kRefusal) + batch + answer("3") + limit,
          call("1", Then::kGrant) + call("2", Then::kTime) + part + part + answer("1"),
          TurnOf(true, Then::kNothing, std::string(200, 'y')) + call("4", Then::kGrant) + cancel};
}

Bodies ResetTimeCorpus() { return {std::begin(kTexts), std::end(kTexts)}; }

}  // namespace zbroker::fuzz
