#include "client/config/table_reader.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/config/describe.h"
#include "client/config/toml_library.h"
#include "client/config/words.h"

namespace zbroker::config {
namespace {

// Of dates of purchase and the like.
constexpr int kYearFirst = 2000;
constexpr int kYearLast = 2199;
constexpr size_t kShortNameBytesMax = 64;
constexpr absl::string_view kNameExpected = "1 to 64 of a-z, A-Z, 0-9, '.', '-' and '_'";

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

Place ToPlace(const toml::source_region& region) {
  return {.line = region.begin.line, .column = region.begin.column};
}

bool IsName(absl::string_view text) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= kShortNameBytesMax && std::ranges::all_of(text, fits);
}

std::optional<double> ToNumber(const toml::node& node) {
  if (const auto* whole = node.as_integer()) return static_cast<double>(whole->get());
  if (const auto* value = node.as_floating_point()) return value->get();
  return std::nullopt;
}

// A text stands for a list of one.
std::optional<std::vector<std::string>> ToTexts(const toml::node& node) {
  if (const auto* text = node.as_string()) return std::vector<std::string>{text->get()};
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return std::nullopt;
    texts.push_back(text->get());
  }
  return texts;
}

std::optional<DateTime> ToDateTime(const toml::node& node) {
  toml::date_time value{};
  if (const auto* date = node.as_date()) {
    value.date = date->get();
  } else if (const auto* date_time = node.as_date_time()) {
    value = date_time->get();
  } else {
    return std::nullopt;
  }
  DateTime read{.civil = absl::CivilSecond(value.date.year, value.date.month, value.date.day,
                                           value.time.hour, value.time.minute, value.time.second)};
  if (value.offset.has_value()) read.zone = absl::FixedTimeZone(value.offset->minutes * 60);
  return read;
}

}  // namespace

TableReader::TableReader(const toml::table& root, FirstError& errors)
    : TableReader(root, Place(), "", "", errors) {}

TableReader::TableReader(const toml::table& table, Place place, std::string key, std::string path,
                         FirstError& errors)
    : table_(&table),
      place_(place),
      key_(std::move(key)),
      path_(std::move(path)),
      errors_(&errors) {}

template <typename Convert>
auto TableReader::Read(absl::string_view key, Presence presence, absl::string_view expected,
                       Convert convert) -> std::invoke_result_t<Convert, const toml::node&> {
  known_keys_.emplace_back(key);
  const toml::node* node = table_->get(ToStd(key));
  if (node == nullptr) {
    if (presence == Presence::kRequired) {
      RejectKey(key, absl::StrCat("missing; expected ", expected));
    }
    return std::nullopt;
  }
  auto value = convert(*node);
  if (!value.has_value()) {
    RejectKey(key, absl::StrCat("found ", Describe(*node), "; expected ", expected));
  }
  return value;
}

std::optional<std::string> TableReader::Name(absl::string_view key, Presence presence) {
  const std::string expected = absl::StrCat("a name: ", kNameExpected);
  return Read(key, presence, expected, [](const toml::node& node) -> std::optional<std::string> {
    const auto* text = node.as_string();
    if (text == nullptr || !IsName(text->get())) return std::nullopt;
    return text->get();
  });
}

std::optional<bool> TableReader::Boolean(absl::string_view key) {
  return Read(key, Presence::kOptional, "true or false",
              [](const toml::node& node) -> std::optional<bool> {
                const auto* value = node.as_boolean();
                if (value == nullptr) return std::nullopt;
                return value->get();
              });
}

std::optional<int> TableReader::Integer(absl::string_view key, int smallest, int largest,
                                        Presence presence) {
  const std::string expected = absl::StrCat("an integer from ", smallest, " to ", largest);
  return Read(key, presence, expected, [&](const toml::node& node) -> std::optional<int> {
    const auto* value = node.as_integer();
    if (value == nullptr) return std::nullopt;
    if (value->get() < smallest || value->get() > largest) return std::nullopt;
    return static_cast<int>(value->get());
  });
}

std::optional<double> TableReader::Number(absl::string_view key, double largest,
                                          Presence presence) {
  const std::string expected = absl::StrFormat("a number from 0 to %.0f", largest);
  return Read(key, presence, expected, [&](const toml::node& node) -> std::optional<double> {
    const std::optional<double> value = ToNumber(node);
    if (!value || !(*value >= 0 && *value <= largest)) return std::nullopt;
    return value;
  });
}

std::optional<absl::Duration> TableReader::Duration(absl::string_view key, absl::Duration smallest,
                                                    absl::Duration largest, Presence presence) {
  const std::string expected = absl::StrCat("a duration from \"", DescribeBound(smallest),
                                            "\" to \"", DescribeBound(largest), "\"");
  return Read(key, presence, expected,
              [&](const toml::node& node) -> std::optional<absl::Duration> {
                const auto* text = node.as_string();
                if (text == nullptr) return std::nullopt;
                const absl::StatusOr<absl::Duration> length = ParseDuration(text->get());
                if (!length.ok() || *length < smallest || *length > largest) return std::nullopt;
                return *length;
              });
}

std::optional<DateTime> TableReader::Date(absl::string_view key) {
  const std::string expected = absl::StrCat(
      "a date without quotes, such as 2026-11-20 or 2026-11-20T09:30:00, of a year from ",
      kYearFirst, " to ", kYearLast);
  return Read(key, Presence::kOptional, expected, [](const toml::node& node) {
    std::optional<DateTime> value = ToDateTime(node);
    const bool fits =
        value && value->civil.year() >= kYearFirst && value->civil.year() <= kYearLast;
    return fits ? value : std::nullopt;
  });
}

bool TableReader::ReadText(absl::string_view key, Presence presence, absl::string_view expected,
                           absl::FunctionRef<bool(const std::string&)> take) {
  return Read(key, presence, expected,
              [&](const toml::node& node) -> std::optional<bool> {
                const auto* text = node.as_string();
                if (text == nullptr || !take(text->get())) return std::nullopt;
                return true;
              })
      .has_value();
}

bool TableReader::ReadTexts(absl::string_view key, Presence presence, absl::string_view expected,
                            absl::FunctionRef<bool(const std::vector<std::string>&)> take) {
  return Read(key, presence, expected,
              [&](const toml::node& node) -> std::optional<bool> {
                const auto texts = ToTexts(node);
                if (!texts.has_value() || !take(*texts)) return std::nullopt;
                return true;
              })
      .has_value();
}

std::optional<zbroker::Url> TableReader::Url(absl::string_view key) {
  std::optional<zbroker::Url> read;
  ReadText(key, Presence::kOptional, "a URL: http://HOST/PATH or https://HOST/PATH",
           [&](const std::string& text) {
             absl::StatusOr<zbroker::Url> url = ParseUrl("a URL", text);
             if (url.ok()) {
               read = *std::move(url);
             } else {
               // Its words, as it knows what in the text may be a password.
               RejectKey(key, absl::StripPrefix(url.status().message(), "a URL: "));
             }
             return true;
           });
  return read;
}

std::optional<size_t> TableReader::ChoiceIndex(absl::string_view key,
                                               const std::vector<std::string>& texts,
                                               Presence presence) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) quoted.push_back(Quote(text));
  return Read(key, presence, OrList(quoted), [&](const toml::node& node) -> std::optional<size_t> {
    const auto* text = node.as_string();
    if (text == nullptr) return std::nullopt;
    const auto found = std::ranges::find(texts, text->get());
    if (found == texts.end()) return std::nullopt;
    return found - texts.begin();
  });
}

std::optional<TableReader> TableReader::Table(absl::string_view key) {
  const std::string expected = absl::StrCat("a table, [", PathOf(key), "]");
  return Read(key, Presence::kOptional, expected,
              [&](const toml::node& node) -> std::optional<TableReader> {
                const toml::table* table = node.as_table();
                if (table == nullptr) return std::nullopt;
                return Child(*table, PlaceOf(key), key);
              });
}

std::vector<TableReader> TableReader::Tables(absl::string_view key) {
  const std::string expected = absl::StrCat("an array of tables, [[", PathOf(key), "]]");
  const auto convert = [&](const toml::node& node) -> std::optional<std::vector<TableReader>> {
    const toml::array* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<TableReader> readers;
    for (const toml::node& element : *array) {
      const toml::table* table = element.as_table();
      if (table == nullptr) return std::nullopt;
      readers.push_back(Child(*table, ToPlace(element.source()), key));
    }
    return readers;
  };
  return Read(key, Presence::kOptional, expected, convert).value_or(std::vector<TableReader>());
}

std::vector<TableReader> TableReader::Members() {
  std::vector<TableReader> readers;
  for (const auto& [toml_key, node] : *table_) {
    const absl::string_view key = ToAbsl(toml_key.str());
    if (!IsName(key)) {
      RejectKey(key, absl::StrCat("not a name; expected ", kNameExpected));
    }
    if (std::optional<TableReader> member = Table(key)) readers.push_back(*std::move(member));
  }
  // toml++ sorts by key.
  std::ranges::sort(readers, {}, &TableReader::place);
  return readers;
}

void TableReader::Reject(absl::string_view problem) {
  ok_ = false;
  errors_->Report(place_, path_, problem);
}

void TableReader::RejectKey(absl::string_view key, absl::string_view problem) {
  ok_ = false;
  errors_->Report(PlaceOf(key), PathOf(key), problem);
}

void TableReader::RejectOtherKeys() {
  for (const auto& [toml_key, node] : *table_) {
    const absl::string_view key = ToAbsl(toml_key.str());
    if (std::ranges::find(known_keys_, key) != known_keys_.end()) continue;
    const std::optional<std::string> meant = NearestWord(key, known_keys_);
    RejectKey(key, meant.has_value() ? absl::StrCat("unknown key; did you mean \"", *meant, "\"?")
                                     : absl::StrCat("unknown key; expected ", OrList(known_keys_)));
  }
}

Place TableReader::PlaceOf(absl::string_view key) const {
  const auto found = table_->find(ToStd(key));
  return found == table_->end() ? place_ : ToPlace(found->first.source());
}

TableReader TableReader::Child(const toml::table& table, Place place, absl::string_view key) const {
  return TableReader(table, place, std::string(key), PathOf(key), *errors_);
}

std::string TableReader::PathOf(absl::string_view key) const {
  const auto is_bare = [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; };
  const bool bare = !key.empty() && std::ranges::all_of(key, is_bare);
  return absl::StrCat(path_, path_.empty() ? "" : ".",
                      bare ? Ellipsize(key, kShownColumnsMax) : Quote(key));
}

}  // namespace zbroker::config
