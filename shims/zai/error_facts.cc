#include "shims/zai/error_facts.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "shims/zai/content.h"
#include "shims/zai/error_text.h"
#include "shims/zai/mcp.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

constexpr size_t kCodeBytesMax = 64;
constexpr size_t kTextBytesMax = 2048;
// How far errors are looked for inside of errors.
constexpr int kDepthMax = 4;
constexpr size_t kWrappedBytesMax = 16 * 1024;

bool IsNumber(absl::string_view text) {
  int number = 0;
  return absl::SimpleAtoi(text, &number);
}

std::string Bounded(absl::string_view text) { return std::string(CutUtf8(text, kTextBytesMax)); }

// A string or a whole number as text; empty for anything else.
std::string Scalar(const json_reader::Element& object, absl::string_view name) {
  const std::optional<json_reader::Element> member = json_reader::Member(object, name);
  if (!member) return "";
  if (const auto number = json_reader::Integer(*member)) return absl::StrCat(*number);
  return Printable(json_reader::Text(*member).value_or(absl::string_view()), kCodeBytesMax);
}

std::string FirstScalar(const json_reader::Element& object, absl::string_view name,
                        absl::string_view other_name) {
  std::string value = Scalar(object, name);
  return value.empty() ? Scalar(object, other_name) : value;
}

// A code that is known beats one that is not, and then the earlier one the later.
void OfferCode(absl::string_view code, ErrorFacts* facts) {
  if (code.empty() || facts->row != nullptr) return;
  const ErrorRow* row = FindErrorRow(code);
  if (row == nullptr && !facts->code.empty()) return;
  facts->code = Printable(code, kCodeBytesMax);
  facts->row = row;
}

void OfferBracketed(const Bracketed& parts, ErrorFacts* facts) {
  OfferCode(parts.code, facts);
  facts->message = Bounded(parts.message);
  if (facts->request_id.empty()) facts->request_id = Printable(parts.request_id, kCodeBytesMax);
}

void ReadDocument(const json_reader::Element& document, int depth, ErrorFacts* facts);

// A relay's text around an error of the upstream: in brackets, as JSON, or as its language prints
// such a thing.
void ReadWrapped(absl::string_view text, int depth, ErrorFacts* facts) {
  if (facts->row != nullptr || depth == 0) return;
  if (const auto parts = FindBracketed(text)) return OfferBracketed(*parts, facts);
  json_reader::Parser parser;
  if (const std::optional<json_reader::Element> inner = parser.Parse(FindBraced(text))) {
    ErrorFacts wrapped;
    ReadDocument(*inner, depth - 1, &wrapped);
    // Its text holds the inner one, for phrases and times.
    wrapped.text = facts->text;
    if (wrapped.row != nullptr) *facts = std::move(wrapped);
  }
  if (facts->row == nullptr) OfferCode(FindNamedCode(text), facts);
}

void OfferMessage(absl::string_view text, int depth, ErrorFacts* facts) {
  if (text.empty() || !facts->text.empty()) return;
  facts->text = Bounded(text);
  facts->message = facts->text;
  if (const std::optional<Bracketed> parts = ParseBracketed(text)) {
    OfferBracketed(*parts, facts);
  } else {
    ReadWrapped(text.substr(0, kWrappedBytesMax), depth, facts);
  }
}

absl::string_view MessageOf(const json_reader::Element& object) {
  const absl::string_view message = json_reader::TextMember(object, "message");
  return message.empty() ? json_reader::TextMember(object, "msg") : message;
}

// Where relays put the error that they were given.
constexpr const char* kWrappers[] = {"error",   "errors",  "metadata", "raw",  "detail",
                                     "details", "cause",   "response", "body", "upstream",
                                     "data",    "failure", "Error"};
// Those of them by which something that was not refused may say that it is an error.
constexpr const char* kConfessions[] = {"errors", "failure", "Error"};

// The error that is wrapped in a member of an error, unless one with a code that is known was
// found.
void ReadMembers(const json_reader::Element& error, absl::Span<const char* const> names, int depth,
                 ErrorFacts* facts) {
  for (const char* name : names) {
    if (facts->row != nullptr || depth == 0) return;
    const std::optional<json_reader::Element> inner = json_reader::Member(error, name);
    if (!inner) continue;
    ErrorFacts wrapped;
    ReadDocument(*inner, depth - 1, &wrapped);
    if (wrapped.row != nullptr || (facts->text.empty() && !wrapped.text.empty())) {
      *facts = std::move(wrapped);
    }
  }
}

// What may stand in the error object or beside it.
void ReadSurroundings(const json_reader::Element& object, ErrorFacts* facts) {
  if (facts->request_id.empty()) facts->request_id = FirstScalar(object, "request_id", "requestId");
  if (facts->retry_after.empty()) {
    facts->retry_after = FirstScalar(object, "retry-after", "retry_after");
  }
  if (facts->retry_after_ms.empty()) {
    facts->retry_after_ms = FirstScalar(object, "retry-after-ms", "retry_after_ms");
  }
  if (facts->reset.empty()) facts->reset = FirstScalar(object, "resets_at", "reset_at");
}

void ReadErrorObject(const json_reader::Element& error, int depth, ErrorFacts* facts) {
  const std::string type = Scalar(error, "type");
  const std::string code = Scalar(error, "code");
  OfferCode(code, facts);
  if (IsNumber(type)) OfferCode(type, facts);
  facts->status = StatusOfErrorType(type);
  if (facts->status == 0) facts->status = StatusOfErrorType(code);
  facts->typed = facts->status != 0;
  ReadSurroundings(error, facts);
  OfferMessage(MessageOf(error), depth, facts);
  ReadMembers(error, kWrappers, depth, facts);
}

// An HTTP status that the error names: as its code, {"code":403,"msg":"…","success":false}, or as
// Spring and others do, {"status":404,"error":"Not Found"}.
void ReadStatus(const json_reader::Element& document, ErrorFacts* facts) {
  for (const std::string& text : {facts->code, Scalar(document, "status")}) {
    int status = 0;
    if (facts->row == nullptr && facts->status == 0 && absl::SimpleAtoi(text, &status) &&
        status >= 400 && status <= 599) {
      facts->status = status;
    }
  }
}

// Whether an answer is what was asked for, so that members beside it are no error.
bool IsCompletion(const json_reader::Element& document) {
  return json_reader::Member(document, "choices") || json_reader::Member(document, "content") ||
         json_reader::Member(document, "output");
}

// {"code":"1302","message":"…"}, and {"message":"[1302][…][…]"}.
std::optional<ErrorFacts> FindFlatError(const json_reader::Element& document, bool refused) {
  if (!refused && (IsCompletion(document) || json_reader::IsTrue(document, "success"))) {
    return std::nullopt;
  }
  ErrorFacts facts;
  OfferCode(Scalar(document, "code"), &facts);
  OfferMessage(MessageOf(document), kDepthMax, &facts);
  if (facts.text.empty()) return std::nullopt;
  if (!refused && facts.row == nullptr && !json_reader::IsFalse(document, "success"))
    return std::nullopt;
  facts.status = StatusOfErrorType(facts.code);
  facts.typed = facts.status != 0;
  return facts;
}

// Whether there is anything beside the error, so that one in which every member is empty says that
// there is none.
bool SaysMore(const json_reader::Element& document) {
  simdjson::dom::object members;
  if (document.get_object().get(members) != simdjson::SUCCESS) return false;
  for (const auto& [key, value] : members) {
    if (key == "error" || key == "type" || key == "request_id") continue;
    if (!IsHollow(value)) return true;
  }
  return false;
}

std::optional<ErrorFacts> FindNestedError(const json_reader::Element& document, int depth) {
  const std::optional<json_reader::Element> error = json_reader::Member(document, "error");
  if (!error || (IsHollow(*error) && SaysMore(document))) return std::nullopt;
  ErrorFacts facts;
  if (json_reader::IsObject(*error)) {
    ReadErrorObject(*error, depth, &facts);
  } else if (const std::optional<absl::string_view> text = json_reader::Text(*error);
             text && !text->empty()) {
    // Beside a message it is only the name of a status: "Internal Server Error".
    OfferMessage(MessageOf(document), depth, &facts);
    if (facts.text.empty()) {
      OfferMessage(*text, depth, &facts);
    } else {
      absl::StrAppend(&facts.text, " ", Bounded(*text));
    }
  } else {
    return std::nullopt;
  }
  OfferCode(Scalar(document, "code"), &facts);
  OfferMessage(MessageOf(document), depth, &facts);
  return facts;
}

// Only with a code that is known. Events of a stream say what they are by their type.
std::optional<ErrorFacts> FindConfession(const json_reader::Element& document) {
  if (IsCompletion(document) || json_reader::Member(document, "type")) return std::nullopt;
  ErrorFacts facts;
  ReadMembers(document, kConfessions, kDepthMax, &facts);
  if (facts.row == nullptr) return std::nullopt;
  return facts;
}

std::optional<ErrorFacts> FindError(const json_reader::Element& document, bool refused) {
  if (const std::optional<json_reader::Element> first = json_reader::First(document)) {
    return FindError(*first, refused);
  }
  if (!json_reader::IsObject(document)) return std::nullopt;
  std::optional<ErrorFacts> facts = FindNestedError(document, kDepthMax);
  if (!facts) facts = FindFlatError(document, refused);
  if (!facts && refused) {
    ErrorFacts wrapped;
    ReadMembers(document, kWrappers, kDepthMax, &wrapped);
    if (!wrapped.text.empty()) facts = std::move(wrapped);
  }
  if (!facts && !refused) facts = FindConfession(document);
  if (!facts) return std::nullopt;
  ReadSurroundings(document, &*facts);
  ReadStatus(document, &*facts);
  return facts;
}

// What a relay has wrapped, which is known to be an error: any shape.
void ReadDocument(const json_reader::Element& document, int depth, ErrorFacts* facts) {
  if (const std::optional<json_reader::Element> first = json_reader::First(document)) {
    if (depth > 0) ReadDocument(*first, depth - 1, facts);
  } else if (const std::optional<absl::string_view> text = json_reader::Text(document)) {
    OfferMessage(*text, depth, facts);
  } else if (std::optional<ErrorFacts> nested = FindNestedError(document, depth)) {
    *facts = *std::move(nested);
    ReadSurroundings(document, facts);
  } else if (json_reader::IsObject(document)) {
    ReadErrorObject(document, depth, facts);
  }
}

// JSON-RPC reserves -32768 to -32000 for itself; of these only -32603 is the server's own fault.
// Others are HTTP statuses, mostly negative.
int StatusOfRpcCode(int64_t code) {
  if (code == -32603) return 500;
  const int64_t status = code < 0 ? -code : code;
  return status >= 400 && status <= 599 ? static_cast<int>(status) : 400;
}

// What the text of an MCP error holds: JSON of any shape, else words.
ErrorFacts ReadMcpErrorText(const McpErrorText& text) {
  json_reader::Parser parser;
  std::optional<ErrorFacts> facts;
  if (const std::optional<json_reader::Element> inner = parser.Parse(text.inner)) {
    facts = FindError(*inner, /*refused=*/true);
  }
  if (!facts) facts = ReadErrorText(text.inner);
  OfferCode(absl::StrCat(text.code), &*facts);
  if (facts->status == 0) facts->status = StatusOfRpcCode(text.code);
  return *facts;
}

// The text of a result that consists of one text; the first of one that is marked as an error.
absl::string_view ErrorTextOf(const json_reader::Element& result) {
  const std::optional<json_reader::Element> content = json_reader::Member(result, "content");
  simdjson::dom::array parts;
  if (!content || content->get_array().get(parts) != simdjson::SUCCESS || parts.size() == 0 ||
      (parts.size() > 1 && !json_reader::IsTrue(result, "isError"))) {
    return {};
  }
  return json_reader::TextMember(*parts.begin(), "text");
}

// A tool's failure is one of the request, and no limit, whatever it says; but the upstream's own
// errors come as a tool's text, too.
std::optional<ErrorFacts> FindMcpResultError(const json_reader::Element& result) {
  absl::string_view text = ErrorTextOf(result);
  json_reader::Parser parser;
  const std::optional<json_reader::Element> quoted =
      absl::StartsWith(text, "\"") ? parser.Parse(text) : std::nullopt;
  if (quoted) text = json_reader::Text(*quoted).value_or(text);
  const std::optional<McpErrorText> error = ParseMcpErrorText(text);
  // What says that it is no error is believed, to the letter: a page that a tool has read could
  // stop an account else.
  if (error && !json_reader::IsFalse(result, "isError")) return ReadMcpErrorText(*error);
  if (!json_reader::IsTrue(result, "isError")) return std::nullopt;
  ErrorFacts facts;
  facts.status = 400;
  facts.message = Bounded(text);
  return facts;
}

std::optional<ErrorFacts> FindMcpError(const json_reader::Element& document) {
  if (const auto first = json_reader::First(document)) return FindMcpError(*first);
  if (const std::optional<json_reader::Element> result = json_reader::Member(document, "result")) {
    return FindMcpResultError(*result);
  }
  const std::optional<json_reader::Element> error = json_reader::Member(document, "error");
  if (!error || !json_reader::Member(document, "jsonrpc") || !json_reader::IsObject(*error)) {
    return FindError(document, /*refused=*/false);
  }
  if (const auto text = ParseMcpErrorText(MessageOf(*error))) return ReadMcpErrorText(*text);
  ErrorFacts facts;
  ReadErrorObject(*error, kDepthMax, &facts);
  const std::optional<json_reader::Element> code = json_reader::Member(*error, "code");
  if (facts.row == nullptr && code) {
    facts.status = StatusOfRpcCode(json_reader::Integer(*code).value_or(0));
  }
  return facts;
}

std::optional<ErrorFacts> FindBrokenFinish(Protocol protocol,
                                           const json_reader::Element& document) {
  if (EndReason(document) != kBrokenFinish) return std::nullopt;
  ErrorFacts facts;
  facts.code = std::string(kBrokenFinish);
  facts.status = 500;
  facts.message = "the upstream lost its connection to the model";
  facts.request_id = FirstScalar(document, "request_id", "id");
  facts.has_content = HasContent(protocol, document);
  return facts;
}

// A Responses object that did not come to its end, alone or in an event.
std::optional<ErrorFacts> FindUnfinishedResponse(const json_reader::Element& document) {
  const std::optional<json_reader::Element> inner = json_reader::Member(document, "response");
  const json_reader::Element& response = inner ? *inner : document;
  const absl::string_view status = json_reader::TextMember(response, "status");
  std::optional<ErrorFacts> facts;
  if (status == "failed") {
    facts = FindNestedError(response, kDepthMax);
    if (!facts) facts = ReadErrorText("the response failed");
    ReadStatus(response, &*facts);
  } else if (status == "incomplete") {
    const auto details = json_reader::Member(response, "incomplete_details");
    facts.emplace();
    facts->code = details ? Scalar(*details, "reason") : "";
    facts->message = absl::StrCat("the response is incomplete: ", facts->code);
    // Its own bounds end it, or nobody says what.
    facts->status = facts->code.empty() ? 500 : 400;
  }
  if (facts) facts->has_content = HasContent(Protocol::kResponses, document);
  return facts;
}

// An event that tells of a part of a response, whose error is that of a tool.
bool IsStep(const json_reader::Element& document) {
  absl::string_view type = json_reader::TextMember(document, "type");
  return absl::ConsumePrefix(&type, "response.") && type != "failed" && type != "error";
}

}  // namespace

std::optional<ErrorFacts> FindAnswerError(Protocol protocol, const json_reader::Element& document,
                                          bool refused) {
  std::optional<ErrorFacts> facts;
  if (protocol == Protocol::kMcp) facts = FindMcpError(document);
  if (!facts && protocol == Protocol::kResponses) facts = FindUnfinishedResponse(document);
  if (!facts && (refused || !IsStep(document))) facts = FindError(document, refused);
  if (!facts && !refused) facts = FindBrokenFinish(protocol, document);
  if (facts && !facts->reset.empty()) absl::StrAppend(&facts->text, " ", facts->reset);
  return facts;
}

std::optional<ErrorFacts> FindEventError(Protocol protocol, const Event& event,
                                         const std::optional<json_reader::Element>& document) {
  const bool named =
      event.name == "error" || (document && json_reader::TextMember(*document, "type") == "error");
  std::optional<ErrorFacts> facts;
  if (document) facts = FindAnswerError(protocol, *document, named);
  if (!facts && named) facts = ReadErrorText(document ? absl::string_view() : event.data);
  return facts;
}

ErrorFacts ReadErrorText(absl::string_view text) {
  ErrorFacts facts;
  OfferMessage(absl::StripAsciiWhitespace(CutUtf8(text, kTextBytesMax)), kDepthMax, &facts);
  return facts;
}

}  // namespace zbroker::zai
