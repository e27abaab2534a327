#include "shims/tools/json_settings.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace zbroker::tools {
namespace {

using simdjson::dom::element;

constexpr size_t kDepthMax = 64;

std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

// The last member with the key; null if the element is not an object or has none.
std::optional<element> Member(const element& parent, absl::string_view key) {
  simdjson::dom::object object;
  if (parent.get(object) != simdjson::SUCCESS) return std::nullopt;
  std::optional<element> found;
  for (const auto& [name, value] : object) {
    if (name == ToStd(key)) found = value;
  }
  return found;
}

// Recursion ends at kDepthMax, which the parser has seen to.
std::string Merge(const element& base, const element& patch) {
  simdjson::dom::object old_members;
  simdjson::dom::object new_members;
  if (base.get(old_members) != simdjson::SUCCESS || patch.get(new_members) != simdjson::SUCCESS) {
    return simdjson::to_string(patch);
  }
  std::string text = "{";
  const auto add = [&](std::string_view key, const std::string& value) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "",
                    JsonQuote(absl::string_view(key.data(), key.size())), ":", value);
  };
  for (const auto& [key, value] : old_members) {
    const auto change = Member(patch, absl::string_view(key.data(), key.size()));
    add(key, change ? Merge(value, *change) : simdjson::to_string(value));
  }
  for (const auto& [key, value] : new_members) {
    if (!Member(base, absl::string_view(key.data(), key.size()))) {
      add(key, simdjson::to_string(value));
    }
  }
  return text + "}";
}

// Recursion ends at kDepthMax, as above.
std::string Sorted(const element& value) {
  std::vector<std::string> parts;
  simdjson::dom::object members;
  simdjson::dom::array elements;
  if (value.get(members) == simdjson::SUCCESS) {
    for (const auto& [key, member] : members) {
      parts.push_back(
          absl::StrCat(JsonQuote(absl::string_view(key.data(), key.size())), ":", Sorted(member)));
    }
    std::ranges::sort(parts);
    return absl::StrCat("{", absl::StrJoin(parts, ","), "}");
  }
  if (value.get(elements) == simdjson::SUCCESS) {
    for (const element& one : elements) parts.push_back(Sorted(one));
    return absl::StrCat("[", absl::StrJoin(parts, ","), "]");
  }
  return simdjson::to_string(value);
}

// Recursion ends at kDepthMax, as above.
bool HasText(const element& value, absl::string_view part) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return text.find(ToStd(part)) != text.npos;
  simdjson::dom::object members;
  simdjson::dom::array elements;
  if (value.get(members) == simdjson::SUCCESS) {
    return std::any_of(members.begin(), members.end(),
                       [&](const auto& member) { return HasText(member.value, part); });
  }
  if (value.get(elements) != simdjson::SUCCESS) return false;
  return std::any_of(elements.begin(), elements.end(),
                     [&](const element& one) { return HasText(one, part); });
}

}  // namespace

struct JsonObject::Tree {
  simdjson::dom::parser parser;
  element root;

  std::optional<element> At(JsonPath path) const {
    std::optional<element> at = root;
    for (const absl::string_view key : path) {
      at = Member(*at, key);
      if (!at) break;
    }
    return at;
  }
};

JsonObject::JsonObject(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

absl::StatusOr<JsonObject> JsonObject::Parse(absl::string_view text) {
  // Editors of Windows put it there, and the tools pass over it.
  constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
  absl::ConsumePrefix(&text, kByteOrderMark);
  // simdjson copies the text, and a null pointer must not be copied from.
  if (text.empty()) return absl::InvalidArgumentError("is empty, not JSON");
  auto tree = std::make_unique<Tree>();
  simdjson::error_code error = tree->parser.allocate(std::max<size_t>(text.size(), 64), kDepthMax);
  if (error == simdjson::SUCCESS) {
    error = tree->parser.parse(text.data(), text.size()).get(tree->root);
  }
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("is not JSON: ", simdjson::error_message(error)));
  }
  if (!tree->root.is_object()) return absl::InvalidArgumentError("is JSON, but not an object");
  return JsonObject(std::move(tree));
}

std::optional<std::string> JsonObject::String(JsonPath path) const {
  const auto at = tree_->At(path);
  std::string_view value;
  if (!at || at->get(value) != simdjson::SUCCESS) return std::nullopt;
  return std::string(value);
}

std::vector<std::string> JsonObject::Strings(JsonPath path) const {
  std::vector<std::string> strings;
  const auto at = tree_->At(path);
  simdjson::dom::array array;
  if (!at || at->get(array) != simdjson::SUCCESS) return strings;
  for (const element& value : array) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) strings.emplace_back(text);
  }
  return strings;
}

std::optional<std::vector<std::string>> JsonObject::OnlyStrings(JsonPath path) const {
  const auto at = tree_->At(path);
  simdjson::dom::array array;
  if (!at || at->get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string> strings = Strings(path);
  if (strings.size() != array.size()) return std::nullopt;
  return strings;
}

std::vector<std::string> JsonObject::Keys(JsonPath path) const {
  std::vector<std::string> keys;
  const auto at = tree_->At(path);
  simdjson::dom::object object;
  if (!at || at->get(object) != simdjson::SUCCESS) return keys;
  for (const auto& member : object) keys.emplace_back(member.key);
  return keys;
}

bool JsonObject::Has(JsonPath path) const { return tree_->At(path).has_value(); }

bool JsonObject::Mentions(JsonPath path, absl::string_view part) const {
  const auto at = tree_->At(path);
  return at && HasText(*at, part);
}

std::string JsonObject::MergedWith(const JsonObject& patch) const {
  return Merge(tree_->root, patch.tree_->root);
}

std::string JsonObject::Canonical() const { return Sorted(tree_->root); }

std::string JsonQuote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    if (byte < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

size_t EndOfString(absl::string_view text, size_t at) {
  // Histories are made of long ones.
  for (size_t end = text.find('"', at + 1); end != text.npos; end = text.find('"', end + 1)) {
    size_t slashes = 0;
    while (text[end - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) return end + 1;
  }
  return text.size();
}

std::string BlankComments(absl::string_view text) {
  std::string plain(text);
  const auto blank = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) {
      if (plain[i] != '\n' && plain[i] != '\r') plain[i] = ' ';
    }
  };
  size_t at = 0;
  while (at < plain.size()) {
    const absl::string_view rest = text.substr(at);
    size_t end = at + 1;
    if (rest[0] == '"') {
      end = EndOfString(text, at);
    } else if (absl::StartsWith(rest, "//")) {
      end = std::min(text.find('\n', at), text.size());
      blank(at, end);
    } else if (absl::StartsWith(rest, "/*")) {
      const size_t close = text.find("*/", at + 2);
      end = close == absl::string_view::npos ? text.size() : close + 2;
      blank(at, end);
    }
    at = end;
  }
  return plain;
}

std::string BlankTrailingCommas(absl::string_view text) {
  std::string plain(text);
  std::optional<size_t> comma;  // with only blanks after it so far
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) continue;
    if ((c == '}' || c == ']') && comma) plain[*comma] = ' ';
    comma = c == ',' ? std::optional(at) : std::nullopt;
    if (c == '"') at = EndOfString(text, at) - 1;
  }
  return plain;
}

std::string PlainJson(absl::string_view text) { return BlankTrailingCommas(BlankComments(text)); }

}  // namespace zbroker::tools
