#include "shims/zai/json_reader.h"

#include <cmath>

#include "absl/strings/strip.h"
#include "shims/zai/look.h"

namespace zbroker::zai::json_reader {
namespace {

std::optional<bool> Bool(const Element& object, absl::string_view name) {
  bool value = false;
  const std::optional<Element> member = Member(object, name);
  if (!member || member->get_bool().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Element> Parser::Parse(absl::string_view text) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  if (text.empty()) return std::nullopt;
  Element document;
  // Copies, since the text has no padding behind it.
  if (parser_.parse(text.data(), text.size(), true).get(document) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return document;
}

std::optional<Element> Member(const Element& object, absl::string_view name) {
  simdjson::dom::object members;
  Element value;
  if (object.get_object().get(members) != simdjson::SUCCESS ||
      members.at_key({name.data(), name.size()}).get(value) != simdjson::SUCCESS ||
      value.is_null()) {
    return std::nullopt;
  }
  return value;
}

std::optional<absl::string_view> Text(const Element& element) {
  std::string_view text;
  if (element.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return absl::string_view(text.data(), text.size());
}

std::optional<int64_t> Integer(const Element& element) {
  int64_t number = 0;
  if (element.get_int64().get(number) == simdjson::SUCCESS) return number;
  double value = 0;
  constexpr double kMost = 1e15;  // beyond, the next whole number is no neighbour
  if (element.get_double().get(value) != simdjson::SUCCESS || std::abs(value) > kMost ||
      value != std::floor(value)) {
    return std::nullopt;
  }
  return static_cast<int64_t>(value);
}

absl::string_view TextMember(const Element& object, absl::string_view name) {
  const std::optional<Element> member = Member(object, name);
  if (!member) return {};
  return Text(*member).value_or(absl::string_view());
}

bool IsTrue(const Element& object, absl::string_view name) {
  return Bool(object, name).value_or(false);
}

bool IsFalse(const Element& object, absl::string_view name) {
  return !Bool(object, name).value_or(true);
}

bool IsObject(const Element& element) { return element.is_object(); }

std::optional<Element> First(const Element& array) {
  simdjson::dom::array elements;
  if (array.get_array().get(elements) != simdjson::SUCCESS || elements.size() == 0) {
    return std::nullopt;
  }
  return *elements.begin();
}

}  // namespace zbroker::zai::json_reader
