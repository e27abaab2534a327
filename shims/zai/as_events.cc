#include "shims/zai/as_events.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "shims/zai/json_reader.h"
#include "shims/zai/json_text.h"

namespace zbroker::zai {
namespace {

using json_reader::Element;

std::string JsonOf(const Element& element) { return simdjson::minify(element); }

// The member as JSON, and null where there is none.
std::string MemberOrNull(const Element& object, absl::string_view name) {
  const std::optional<Element> member = json_reader::Member(object, name);
  return member ? JsonOf(*member) : "null";
}

// `,"name":value` of each member but those.
std::string MembersBut(const Element& element, std::initializer_list<std::string_view> without) {
  simdjson::dom::object object;
  std::string members;
  if (element.get_object().get(object) != simdjson::SUCCESS) return members;
  for (const auto& [key, value] : object) {
    if (std::find(without.begin(), without.end(), key) != without.end()) continue;
    absl::StrAppend(&members, ",", JsonString({key.data(), key.size()}), ":", JsonOf(value));
  }
  return members;
}

// Calls `visit` with the number of each element and it; false: it is no array.
template <typename Visit>
bool ForEach(const std::optional<Element>& element, const Visit& visit) {
  simdjson::dom::array array;
  if (!element || element->get_array().get(array) != simdjson::SUCCESS) return false;
  size_t index = 0;
  for (const Element one : array) visit(index++, one);
  return true;
}

void AddEvent(absl::string_view type, absl::string_view members, std::string* events) {
  absl::StrAppend(events, "event: ", type, "\ndata: {\"type\":\"", type, "\"", members, "}\n\n");
}

// In a stream, each call of a tool says which one it is.
std::string DeltaOf(const Element& message) {
  std::string delta = MembersBut(message, {"tool_calls"});
  std::string calls;
  const bool any =
      ForEach(json_reader::Member(message, "tool_calls"), [&](size_t index, const Element& call) {
        absl::StrAppend(&calls, index == 0 ? "" : ",", "{\"index\":", index,
                        MembersBut(call, {"index"}), "}");
      });
  if (any) absl::StrAppend(&delta, ",\"tool_calls\":[", calls, "]");
  return absl::StrCat("{", delta.empty() ? delta : delta.substr(1), "}");
}

std::string ChatEvents(const Element& document) {
  std::string deltas;
  std::string ends;
  const bool any = ForEach(json_reader::Member(document, "choices"), [&](size_t index,
                                                                         const Element& choice) {
    const std::optional<Element> message = json_reader::Member(choice, "message");
    const std::string begin = absl::StrCat(index == 0 ? "" : ",", "{\"index\":", index);
    absl::StrAppend(&deltas, begin, ",\"delta\":", message ? DeltaOf(*message) : "{}",
                    ",\"finish_reason\":null}");
    absl::StrAppend(&ends, begin,
                    ",\"delta\":{},\"finish_reason\":", MemberOrNull(choice, "finish_reason"), "}");
  });
  if (!any) return "";
  const std::string begin = absl::StrCat("data: {\"object\":\"chat.completion.chunk\"",
                                         MembersBut(document, {"object", "choices", "usage"}));
  return absl::StrCat(begin, ",\"choices\":[", deltas, "]}\n\n", begin, ",\"choices\":[", ends,
                      "],\"usage\":", MemberOrNull(document, "usage"), "}\n\ndata: [DONE]\n\n");
}

// One part of a block's content; none if the block has no such member.
void AddDelta(absl::string_view at, absl::string_view type, const Element& block,
              absl::string_view name, std::string* events) {
  const std::optional<Element> part = json_reader::Member(block, name);
  if (!part) return;
  AddEvent(
      "content_block_delta",
      absl::StrCat(at, ",\"delta\":{\"type\":\"", type, "\",\"", name, "\":", JsonOf(*part), "}"),
      events);
}

void AddBlock(size_t index, const Element& block, std::string* events) {
  const std::string at = absl::StrCat(",\"index\":", index);
  const auto start = [&](absl::string_view members) {
    AddEvent("content_block_start", absl::StrCat(at, ",\"content_block\":{", members, "}"), events);
  };
  const absl::string_view type = json_reader::TextMember(block, "type");
  if (type == "text") {
    start(R"("type":"text","text":"")");
    AddDelta(at, "text_delta", block, "text", events);
  } else if (type == "thinking") {
    start(R"("type":"thinking","thinking":"","signature":"")");
    AddDelta(at, "thinking_delta", block, "thinking", events);
    AddDelta(at, "signature_delta", block, "signature", events);
  } else if (type == "tool_use") {
    start(absl::StrCat(MembersBut(block, {"input"}).substr(1), ",\"input\":{}"));
    AddEvent("content_block_delta",
             absl::StrCat(at, R"(,"delta":{"type":"input_json_delta","partial_json":)",
                          JsonString(MemberOrNull(block, "input")), "}"),
             events);
  } else {
    const std::string members = MembersBut(block, {});
    start(members.empty() ? members : members.substr(1));
  }
  AddEvent("content_block_stop", at, events);
}

std::string MessageEvents(const Element& document) {
  std::string blocks;
  const bool any =
      ForEach(json_reader::Member(document, "content"),
              [&](size_t index, const Element& block) { AddBlock(index, block, &blocks); });
  if (!any) return "";
  std::string events;
  AddEvent("message_start",
           absl::StrCat(",\"message\":{\"content\":[],\"stop_reason\":null,\"stop_sequence\":null",
                        MembersBut(document, {"content", "stop_reason", "stop_sequence"}), "}"),
           &events);
  events += blocks;
  AddEvent("message_delta",
           absl::StrCat(",\"delta\":{\"stop_reason\":", MemberOrNull(document, "stop_reason"),
                        ",\"stop_sequence\":", MemberOrNull(document, "stop_sequence"),
                        "},\"usage\":", MemberOrNull(document, "usage")),
           &events);
  AddEvent("message_stop", "", &events);
  return events;
}

std::string ResponseEvents(const Element& document) {
  std::string items;
  size_t number = 1;
  const bool any =
      ForEach(json_reader::Member(document, "output"), [&](size_t index, const Element& item) {
        AddEvent("response.output_item.done",
                 absl::StrCat(",\"sequence_number\":", number++, ",\"output_index\":", index,
                              ",\"item\":", JsonOf(item)),
                 &items);
      });
  if (!any) return "";
  std::string events;
  AddEvent("response.created",
           absl::StrCat(",\"sequence_number\":0,\"response\":{\"status\":\"in_progress\"",
                        ",\"output\":[]", MembersBut(document, {"status", "output", "usage"}), "}"),
           &events);
  events += items;
  const bool incomplete = json_reader::TextMember(document, "status") == "incomplete";
  AddEvent(incomplete ? "response.incomplete" : "response.completed",
           absl::StrCat(",\"sequence_number\":", number, ",\"response\":", JsonOf(document)),
           &events);
  return events;
}

}  // namespace

std::string EventsOf(Protocol protocol, absl::string_view json_body) {
  json_reader::Parser parser;
  const std::optional<Element> document = parser.Parse(json_body);
  if (!document) return "";
  switch (protocol) {
    case Protocol::kAnthropic:
      return MessageEvents(*document);
    case Protocol::kOpenAi:
      return ChatEvents(*document);
    case Protocol::kResponses:
      return ResponseEvents(*document);
    case Protocol::kMcp:
    case Protocol::kNone:
      break;
  }
  return "";
}

}  // namespace zbroker::zai
