#include "shims/zai/content.h"

#include "absl/strings/match.h"

namespace zbroker::zai {
namespace {

// Deeper than any answer of the protocols, so that what is odd counts as content.
constexpr int kHollowDepthMax = 16;

bool IsHollowWithin(const json::Element& element, int depth) {
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
    for (const json::Element one : elements) {
      if (!IsHollowWithin(one, depth - 1)) return false;
    }
    return true;
  }
  if (const auto text = json::Text(element)) return text->empty();
  double number = 0;
  if (element.get_double().get(number) == simdjson::SUCCESS) return number == 0;
  bool value = true;
  return element.is_null() || (element.get_bool().get(value) == simdjson::SUCCESS && !value);
}

// Of a message or a block: anything but what kind of thing it is and whose.
bool SaysSomething(const json::Element& object) {
  simdjson::dom::object members;
  if (object.get_object().get(members) != simdjson::SUCCESS) return !IsHollow(object);
  for (const auto& [key, value] : members) {
    if (key == "role" || key == "type" || key == "id" || key == "status") continue;
    if (!IsHollow(value)) return true;
  }
  return false;
}

bool AnySaysSomething(const json::Element& array) {
  simdjson::dom::array elements;
  if (array.get_array().get(elements) != simdjson::SUCCESS) return !IsHollow(array);
  for (const json::Element one : elements) {
    if (SaysSomething(one)) return true;
  }
  return false;
}

bool ChoiceHasContent(const json::Element& choice) {
  for (const char* name : {"message", "delta", "text"}) {
    const std::optional<json::Element> part = json::Member(choice, name);
    if (part && SaysSomething(*part)) return true;
  }
  return false;
}

bool ChoicesHaveContent(const json::Element& document) {
  const std::optional<json::Element> choices = json::Member(document, "choices");
  simdjson::dom::array elements;
  if (!choices || choices->get_array().get(elements) != simdjson::SUCCESS) return false;
  for (const json::Element choice : elements) {
    if (ChoiceHasContent(choice)) return true;
  }
  return false;
}

}  // namespace

bool IsHollow(const json::Element& element) { return IsHollowWithin(element, kHollowDepthMax); }

bool HasContent(Protocol protocol, const json::Element& document) {
  const absl::string_view type = json::TextMember(document, "type");
  if (absl::StartsWith(type, "content_block_") && type != "content_block_stop") return true;
  if (protocol == Protocol::kResponses) {
    if (absl::StartsWith(type, "response.output_item.") || absl::EndsWith(type, ".delta") ||
        absl::EndsWith(type, ".done")) {
      return true;
    }
    const std::optional<json::Element> response = json::Member(document, "response");
    const std::optional<json::Element> output = json::Member(response.value_or(document), "output");
    return output && AnySaysSomething(*output);
  }
  const std::optional<json::Element> content = json::Member(document, "content");
  return (content && AnySaysSomething(*content)) || ChoicesHaveContent(document);
}

}  // namespace zbroker::zai
