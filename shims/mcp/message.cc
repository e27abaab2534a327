#include "shims/mcp/message.h"

#include <simdjson.h>

#include <optional>
#include <utility>

#include "client/base/text.h"
#include "shims/zai/printable.h"

namespace zbroker::mcp {
namespace {

using Element = simdjson::dom::element;

// Beyond it a parser gives its memory back.
constexpr size_t kKeptBytesMax = size_t{1} << 20;

std::optional<Element> Member(const Element& object, std::string_view name) {
  simdjson::dom::object members;
  Element value;
  if (object.get_object().get(members) != simdjson::SUCCESS) return std::nullopt;
  if (members.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

absl::string_view Text(const std::optional<Element>& element) {
  std::string_view text;
  if (!element || element->get_string().get(text) != simdjson::SUCCESS) return {};
  return {text.data(), text.size()};
}

std::string Json(const std::optional<Element>& element) {
  return element ? simdjson::minify(*element) : "";
}

void ReadCall(const Element& element, Message& message) {
  message.kind = Message::Kind::kCall;
  const std::optional<Element> params = Member(element, "params");
  if (!params) return;
  message.tool = zai::Printable(Text(Member(*params, "name")), kNameBytesMax);
  const std::optional<Element> meta = Member(*params, "_meta");
  if (meta) message.progress_token = Json(Member(*meta, "progressToken"));
}

Message ReadMessage(const Element& element, bool in_batch) {
  Message message;
  message.id = Json(Member(element, "id"));
  const absl::string_view method = Text(Member(element, "method"));
  if (method == "notifications/cancelled") {
    const std::optional<Element> params = Member(element, "params");
    message.id = params ? Json(Member(*params, "requestId")) : "";
    if (!message.id.empty()) message.kind = Message::Kind::kCancel;
  } else if (message.id.empty()) {
    // Nobody will answer it.
  } else if (method == "tools/call") {
    ReadCall(element, message);
  } else if (!method.empty()) {
    message.kind = Message::Kind::kRequest;
  } else {
    message.kind = Message::Kind::kAnswer;
    if (in_batch) message.text = simdjson::minify(element);
  }
  return message;
}

// The same length, with one character for each byte that is not ASCII.
std::string OnlyAscii(absl::string_view text) {
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return ascii;
}

}  // namespace

struct MessageReader::Parser {
  std::optional<Element> Parse(absl::string_view text) {
    Element document;
    // Copies, since the text has no padding behind it.
    auto error = dom.parse(text.data(), text.size(), true).get(document);
    if (error == simdjson::UTF8_ERROR) error = dom.parse(OnlyAscii(text)).get(document);
    if (error != simdjson::SUCCESS) return std::nullopt;
    return document;
  }

  simdjson::dom::parser dom;
};

MessageReader::MessageReader() : parser_(std::make_unique<Parser>()) {}
MessageReader::~MessageReader() = default;

MessageLine MessageReader::Read(absl::string_view line) {
  MessageLine read;
  if (line.find_first_not_of(" \t\r\n") == absl::string_view::npos) return read;
  if (const std::optional<Element> document = parser_->Parse(line)) {
    simdjson::dom::array batch;
    read.batch = document->get_array().get(batch) == simdjson::SUCCESS;
    if (read.batch) {
      for (const Element element : batch) read.messages.push_back(ReadMessage(element, true));
    } else {
      read.messages.push_back(ReadMessage(*document, false));
    }
  }
  if (line.size() > kKeptBytesMax) parser_ = std::make_unique<Parser>();
  return read;
}

}  // namespace zbroker::mcp
