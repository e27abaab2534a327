#include "shims/zai/error_facts.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shims/zai/mcp.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

constexpr size_t kCodeBytesMax = 64;
constexpr size_t kTextBytesMax = 2048;

bool IsNumber(absl::string_view text) {
  int number = 0;
  return absl::SimpleAtoi(text, &number);
}

std::string Bounded(absl::string_view text) { return std::string(CutUtf8(text, kTextBytesMax)); }

// A string or a whole number as text; empty for anything else.
std::string Scalar(const json::Element& object, absl::string_view name) {
  const std::optional<json::Element> member = json::Member(object, name);
  if (!member) return "";
  if (const auto number = json::Integer(*member)) return absl::StrCat(*number);
  return Printable(json::Text(*member).value_or(absl::string_view()), kCodeBytesMax);
}

std::string FirstScalar(const json::Element& object, absl::string_view name,
                        absl::string_view other_name) {
  std::string value = Scalar(object, name);
  return value.empty() ? Scalar(object, other_name) : value;
}

// "[1302][Rate limit reached for requests][202609211355…]"; the last part may be missing.
struct Bracketed {
  absl::string_view code;
  absl::string_view message;
  absl::string_view request_id;
};

std::optional<Bracketed> ParseBracketed(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&text, "[") || !absl::ConsumeSuffix(&text, "]")) return std::nullopt;
  Bracketed parts;
  const size_t code_end = text.find("][");
  if (code_end == absl::string_view::npos) return std::nullopt;
  parts.code = text.substr(0, code_end);
  if (!IsNumber(parts.code)) return std::nullopt;
  parts.message = text.substr(code_end + 2);
  const size_t message_end = parts.message.rfind("][");
  if (message_end != absl::string_view::npos) {
    parts.request_id = parts.message.substr(message_end + 2);
    parts.message = parts.message.substr(0, message_end);
  }
  return parts;
}

// A code that is known beats one that is not, and then the earlier one the later.
void OfferCode(absl::string_view code, ErrorFacts* facts) {
  if (code.empty() || facts->row != nullptr) return;
  const ErrorRow* row = FindErrorRow(code);
  if (row == nullptr && !facts->code.empty()) return;
  facts->code = Printable(code, kCodeBytesMax);
  facts->row = row;
}

void OfferMessage(absl::string_view text, ErrorFacts* facts) {
  if (text.empty() || !facts->text.empty()) return;
  facts->text = Bounded(text);
  facts->message = facts->text;
  const std::optional<Bracketed> parts = ParseBracketed(text);
  if (!parts) return;
  OfferCode(parts->code, facts);
  facts->message = Bounded(parts->message);
  if (facts->request_id.empty()) facts->request_id = Printable(parts->request_id, kCodeBytesMax);
}

absl::string_view MessageOf(const json::Element& object) {
  const absl::string_view message = json::TextMember(object, "message");
  return message.empty() ? json::TextMember(object, "msg") : message;
}

// What may stand in the error object or beside it.
void ReadSurroundings(const json::Element& object, ErrorFacts* facts) {
  if (facts->request_id.empty()) facts->request_id = FirstScalar(object, "request_id", "requestId");
  if (facts->retry_after.empty()) {
    facts->retry_after = FirstScalar(object, "retry-after", "retry_after");
  }
  if (facts->retry_after_ms.empty()) {
    facts->retry_after_ms = FirstScalar(object, "retry-after-ms", "retry_after_ms");
  }
}

void ReadErrorObject(const json::Element& error, ErrorFacts* facts) {
  const std::string type = Scalar(error, "type");
  OfferCode(Scalar(error, "code"), facts);
  if (IsNumber(type)) OfferCode(type, facts);
  facts->status = StatusOfErrorType(type);
  ReadSurroundings(error, facts);
  OfferMessage(MessageOf(error), facts);
}

// Codes that are HTTP statuses, as in {"code":401,"msg":"token expired","success":false}.
void ReadStatusCode(ErrorFacts* facts) {
  int status = 0;
  if (facts->row == nullptr && facts->status == 0 && absl::SimpleAtoi(facts->code, &status) &&
      status >= 400 && status <= 599) {
    facts->status = status;
  }
}

// Whether an answer is what was asked for, so that members beside it are no error.
bool IsCompletion(const json::Element& document) {
  return json::Member(document, "choices") || json::Member(document, "content");
}

// {"code":"1302","message":"…"}, and {"message":"[1302][…][…]"}.
std::optional<ErrorFacts> FindFlatError(const json::Element& document, bool refused) {
  if (IsCompletion(document) || json::IsTrue(document, "success")) return std::nullopt;
  ErrorFacts facts;
  OfferCode(Scalar(document, "code"), &facts);
  OfferMessage(MessageOf(document), &facts);
  if (facts.text.empty()) return std::nullopt;
  if (!refused && facts.row == nullptr && !json::IsFalse(document, "success")) return std::nullopt;
  return facts;
}

std::optional<ErrorFacts> FindNestedError(const json::Element& document) {
  const std::optional<json::Element> error = json::Member(document, "error");
  if (!error) return std::nullopt;
  ErrorFacts facts;
  if (json::IsObject(*error)) {
    ReadErrorObject(*error, &facts);
  } else if (const std::optional<absl::string_view> text = json::Text(*error);
             text && !text->empty()) {
    OfferMessage(*text, &facts);
  } else {
    return std::nullopt;
  }
  OfferCode(Scalar(document, "code"), &facts);
  OfferMessage(MessageOf(document), &facts);
  return facts;
}

std::optional<ErrorFacts> FindError(const json::Element& document, bool refused) {
  if (!json::IsObject(document)) return std::nullopt;
  std::optional<ErrorFacts> facts = FindNestedError(document);
  if (!facts) facts = FindFlatError(document, refused);
  if (!facts) return std::nullopt;
  ReadSurroundings(document, &*facts);
  ReadStatusCode(&*facts);
  return facts;
}

// What the text of an MCP error holds: JSON of any shape, else words.
ErrorFacts ReadMcpErrorText(const McpErrorText& text) {
  json::Parser parser;
  std::optional<ErrorFacts> facts;
  if (const std::optional<json::Element> inner = parser.Parse(text.inner)) {
    facts = FindError(*inner, /*refused=*/true);
  }
  if (!facts) facts = ReadErrorText(text.inner);
  OfferCode(absl::StrCat(text.code), &*facts);
  if (facts->status == 0 && text.code <= -400 && text.code >= -599) facts->status = -text.code;
  return *facts;
}

// JSON-RPC reserves -32768 to -32000 for itself; of these only -32603 is the server's own fault.
int StatusOfRpcCode(int64_t code) {
  if (code == -32603) return 500;
  if (code <= -400 && code >= -599) return static_cast<int>(-code);
  return 400;
}

// The text of a result that consists of one text.
absl::string_view OnlyText(const json::Element& result) {
  const std::optional<json::Element> content = json::Member(result, "content");
  simdjson::dom::array parts;
  if (!content || content->get_array().get(parts) != simdjson::SUCCESS || parts.size() != 1) {
    return {};
  }
  return json::TextMember(*parts.begin(), "text");
}

std::optional<ErrorFacts> FindMcpError(const json::Element& document) {
  if (const std::optional<json::Element> result = json::Member(document, "result")) {
    if (json::IsFalse(*result, "isError")) return std::nullopt;
    const std::optional<McpErrorText> text = ParseMcpErrorText(OnlyText(*result));
    // The JSON is asked for, since a tool may have been told to fetch a page about such errors.
    if (!text || !absl::StartsWith(text->inner, "{") || !absl::EndsWith(text->inner, "}")) {
      return std::nullopt;
    }
    return ReadMcpErrorText(*text);
  }
  const std::optional<json::Element> error = json::Member(document, "error");
  if (!error || !json::Member(document, "jsonrpc") || !json::IsObject(*error)) {
    return FindError(document, /*refused=*/false);
  }
  if (const auto text = ParseMcpErrorText(MessageOf(*error))) return ReadMcpErrorText(*text);
  ErrorFacts facts;
  ReadErrorObject(*error, &facts);
  const std::optional<json::Element> code = json::Member(*error, "code");
  if (facts.row == nullptr && code) {
    facts.status = StatusOfRpcCode(json::Integer(*code).value_or(0));
  }
  return facts;
}

std::optional<ErrorFacts> FindBrokenFinish(const json::Element& document) {
  const std::optional<json::Element> choices = json::Member(document, "choices");
  const std::optional<json::Element> choice = choices ? json::First(*choices) : std::nullopt;
  if (!choice || json::TextMember(*choice, "finish_reason") != "network_error") return std::nullopt;
  ErrorFacts facts;
  facts.code = "network_error";
  facts.status = 500;
  facts.message = "the upstream lost its connection to the model";
  facts.request_id = FirstScalar(document, "request_id", "id");
  return facts;
}

}  // namespace

std::optional<ErrorFacts> FindAnswerError(Protocol protocol, const json::Element& document,
                                          bool refused) {
  std::optional<ErrorFacts> facts;
  if (protocol == Protocol::kMcp) facts = FindMcpError(document);
  if (!facts) facts = FindError(document, refused);
  if (!facts && !refused) facts = FindBrokenFinish(document);
  return facts;
}

std::optional<ErrorFacts> FindEventError(Protocol protocol, const Event& event,
                                         const std::optional<json::Element>& document) {
  const bool named = event.name == "error";
  std::optional<ErrorFacts> facts;
  if (document) facts = FindAnswerError(protocol, *document, named);
  if (!facts && named) facts = ReadErrorText(document ? absl::string_view() : event.data);
  return facts;
}

ErrorFacts ReadErrorText(absl::string_view text) {
  ErrorFacts facts;
  OfferMessage(absl::StripAsciiWhitespace(CutUtf8(text, kTextBytesMax)), &facts);
  return facts;
}

}  // namespace zbroker::zai
