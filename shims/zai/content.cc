#include "shims/zai/content.h"

#include "absl/strings/match.h"

namespace zbroker::zai {
namespace {

// Deeper than any answer of the protocols, so that what is odd counts as content.
constexpr int kHollowDepthMax = 16;

bool IsHollowWithin(const json_reader::Element& element, int depth) {
  if (depth == 0) return false;
  simdjson::dom::object members;
  if (element.get_object().get(members) == simdjson::SUCCESS) {
    for (const auto& member : members) {
      if (!IsHollowWithin(member.value, depth - 1)) return false;
    }
    return true;
  }
  simdjson::dom::array elements;
  if (element.get_array().get(elements) == simdjson::SUCCESS) {
    for (const json_reader::Element one : elements) {
      if (!IsHollowWithin(one, depth - 1)) return false;
    }
    return true;
  }
  if (const auto text = json_reader::Text(element)) return text->empty();
  double number = 0;
  if (element.get_double().get(number) == simdjson::SUCCESS) return number == 0;
  bool value = true;
  return element.is_null() || (element.get_bool().get(value) == simdjson::SUCCESS && !value);
}

// Of a message or a block: anything but what kind of thing it is and whose.
bool SaysSomething(const json_reader::Element& object) {
  simdjson::dom::object members;
  if (object.get_object().get(members) != simdjson::SUCCESS) return !IsHollow(object);
  for (const auto& [key, value] : members) {
    if (key == "role" || key == "type" || key == "id" || key == "status") continue;
    if (!IsHollow(value)) return true;
  }
  return false;
}

bool AnySaysSomething(const json_reader::Element& array) {
  simdjson::dom::array elements;
  if (array.get_array().get(elements) != simdjson::SUCCESS) return !IsHollow(array);
  for (const json_reader::Element one : elements) {
    if (SaysSomething(one)) return true;
  }
  return false;
}

bool ChoiceHasContent(const json_reader::Element& choice) {
  for (const char* name : {"message", "delta", "text"}) {
    const std::optional<json_reader::Element> part = json_reader::Member(choice, name);
    if (part && SaysSomething(*part)) return true;
  }
  return false;
}

bool ChoicesHaveContent(const json_reader::Element& document) {
  const std::optional<json_reader::Element> choices = json_reader::Member(document, "choices");
  simdjson::dom::array elements;
  if (!choices || choices->get_array().get(elements) != simdjson::SUCCESS) return false;
  for (const json_reader::Element choice : elements) {
    if (ChoiceHasContent(choice)) return true;
  }
  return false;
}

}  // namespace

absl::string_view EndReason(const json_reader::Element& document) {
  const auto choices = json_reader::Member(document, "choices");
  const auto choice = choices ? json_reader::First(*choices) : std::nullopt;
  if (choice) return json_reader::TextMember(*choice, "finish_reason");
  const auto delta = json_reader::Member(document, "delta");
  return json_reader::TextMember(delta.value_or(document), "stop_reason");
}

bool IsHollow(const json_reader::Element& element) {
  return IsHollowWithin(element, kHollowDepthMax);
}

bool HasContent(Protocol protocol, const json_reader::Element& document) {
  const absl::string_view type = json_reader::TextMember(document, "type");
  if (type == "content_block_start") {
    const auto block = json_reader::Member(document, "content_block");
    return block && SaysSomething(*block);
  }
  if (type == "content_block_delta") return true;
  if (protocol == Protocol::kResponses) {
    if (absl::StartsWith(type, "response.output_item.") || absl::EndsWith(type, ".delta") ||
        absl::EndsWith(type, ".done")) {
      return true;
    }
    const std::optional<json_reader::Element> response = json_reader::Member(document, "response");
    const std::optional<json_reader::Element> output =
        json_reader::Member(response.value_or(document), "output");
    return output && AnySaysSomething(*output);
  }
  const std::optional<json_reader::Element> content = json_reader::Member(document, "content");
  return (content && AnySaysSomething(*content)) || ChoicesHaveContent(document);
}

}  // namespace zbroker::zai
