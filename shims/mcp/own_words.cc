#include "shims/mcp/own_words.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"
#include "client/broker/refusal.h"
#include "shims/zai/json_text.h"

namespace zbroker::mcp {
namespace {

// JSON-RPC leaves these numbers to servers.
constexpr int kRefusedCode = -32000;

constexpr absl::string_view kNotRun = "zbroker did not run this tool call: ";

std::string ResultOf(const Message& request, absl::string_view text) {
  if (request.kind == Message::Kind::kCall) {
    return absl::StrCat("\"result\":{\"content\":[{\"type\":\"text\",\"text\":",
                        zai::JsonString(text), "}],\"isError\":true}");
  }
  return absl::StrCat("\"error\":{\"code\":", kRefusedCode, ",\"message\":", zai::JsonString(text),
                      "}");
}

std::string AnswerTo(const Message& request, absl::string_view text) {
  return absl::StrCat("{\"jsonrpc\":\"2.0\",\"id\":", request.id, ",", ResultOf(request, text),
                      "}");
}

// What a refusal that no wall is the cause of calls for.
absl::string_view AdviceOn(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return "Calling again does not help; tell the user.";
    case absl::StatusCode::kUnavailable:
      return "Tell the user, who can look with `zctl status`; it may work again in a minute.";
    default:
      return "Call again in a minute, with fewer calls at once.";
  }
}

}  // namespace

std::string RefusalWords(const absl::Status& refusal, absl::TimeZone zone) {
  const std::optional<v1::Block> block = broker::BlockOf(refusal);
  if (!block) return absl::StrCat(kNotRun, refusal.message(), ". ", AdviceOn(refusal.code()));
  if (!block->has_until()) {
    return absl::StrCat(kNotRun, refusal.message(),
                        ". Don't call again before the user says so; go on without it.");
  }
  const std::string until = absl::FormatTime("%Y-%m-%d %H:%M", FromProtoTime(block->until()), zone);
  return absl::StrCat(kNotRun, refusal.message(), ". Don't call again before ", until,
                      "; go on without it, or tell the user.");
}

std::string PatienceWords(absl::Duration patience, absl::string_view state) {
  return absl::StrCat(kNotRun, "it waited for ", zbroker::FormatDuration(patience),
                      state.empty() ? "" : ", ", state,
                      ". Call again in a minute, with fewer calls at once; "
                      "`zctl queue` shows who is before it.");
}

std::string RefusalLine(bool batch, const std::vector<Message>& requests, absl::string_view text) {
  std::string line = batch ? "[" : "";
  for (const Message& request : requests) {
    absl::StrAppend(&line, &request == &requests.front() ? "" : ",", AnswerTo(request, text));
  }
  return absl::StrCat(line, batch ? "]\n" : "\n");
}

std::string ProgressLine(absl::string_view token, int number, absl::string_view text) {
  return absl::StrCat(
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
      "\"progressToken\":",
      token, ",\"progress\":", absl::StrFormat("%.9g", -1.0 / number),
      ",\"message\":", zai::JsonString(text), "}}\n");
}

}  // namespace zbroker::mcp
