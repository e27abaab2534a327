#include "client/config/given.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/config/describe.h"
#include "client/config/toml_library.h"

namespace zbroker::config {
namespace {

std::string DateText(const toml::date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year, date.month, date.day);
}

std::string TimeText(const toml::time& time) {
  return absl::StrFormat("%02d:%02d:%02d", time.hour, time.minute, time.second);
}

std::string OffsetText(const toml::time_offset& offset) {
  const int minutes = std::abs(offset.minutes);
  return absl::StrFormat("%c%02d:%02d", offset.minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string ValueText(const toml::node& node) {
  if (const auto* text = node.as_string()) return TomlString(text->get());
  if (const auto* date = node.as_date()) return DateText(date->get());
  if (const auto* time = node.as_time()) return TimeText(time->get());
  if (const auto* both = node.as_date_time()) {
    const toml::date_time& value = both->get();
    return absl::StrCat(DateText(value.date), "T", TimeText(value.time),
                        value.offset ? OffsetText(*value.offset) : "");
  }
  if (const toml::array* array = node.as_array()) {
    std::vector<std::string> elements;
    for (const toml::node& element : *array) elements.push_back(ValueText(element));
    return absl::StrCat("[", absl::StrJoin(elements, ", "), "]");
  }
  return Describe(node);
}

bool IsListOfTables(const toml::node& node) {
  const toml::array* array = node.as_array();
  return array != nullptr && !array->empty() &&
         std::all_of(array->begin(), array->end(),
                     [](const toml::node& element) { return element.is_table(); });
}

// Nesting is bounded: see Document::Parse.
void CollectGiven(const toml::table& table, const std::string& path, std::vector<GivenKey>* keys) {
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    const std::string at = Dotted(path, {name.data(), name.size()});
    if (const toml::table* inner = node.as_table()) {
      CollectGiven(*inner, at, keys);
    } else if (IsListOfTables(node)) {
      size_t i = 0;
      for (const toml::node& element : *node.as_array()) {
        CollectGiven(*element.as_table(), absl::StrCat(at, "[", i++, "]"), keys);
      }
    } else {
      keys->push_back({at, ValueText(node), key.source().begin.line});
    }
  }
}

}  // namespace

std::vector<GivenKey> KeysGiven(const Document& document) {
  std::vector<GivenKey> keys;
  CollectGiven(document.root(), "", &keys);
  std::ranges::stable_sort(keys, {}, &GivenKey::line);
  return keys;
}

std::string TomlString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", std::string(1, c));
    } else if (absl::ascii_iscntrl(c)) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string TomlKey(absl::string_view key) {
  const auto is_bare = [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; };
  return !key.empty() && std::ranges::all_of(key, is_bare) ? std::string(key) : TomlString(key);
}

std::string Dotted(absl::string_view path, absl::string_view key) {
  return absl::StrCat(path, path.empty() ? "" : ".", TomlKey(key));
}

}  // namespace zbroker::config
