// Takes values out of a TOML table, and says precisely what is wrong with those that don't fit.
#ifndef ZBROKER_CLIENT_CONFIG_TABLE_READER_H_
#define ZBROKER_CLIENT_CONFIG_TABLE_READER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/base/url.h"
#include "client/config/first_error.h"
#include "client/config/toml_fwd.h"

namespace zbroker::config {

enum class Presence { kOptional, kRequired };

// A date of TOML, with a time of day or at midnight. The zone is set if the file has an offset.
struct DateTime {
  absl::CivilSecond civil;
  std::optional<absl::TimeZone> zone;
};

// Reads one table key by key and remembers which keys it was asked for, so that in the end all
// others are known to be mistakes. A reading function returns nothing when the key is absent or
// its value does not fit; it reports the latter, and a missing key that is required, with the line,
// the key's full path, what was found and what was expected. Bounds are inclusive.
//
// The document and the FirstError must outlive it. Move-only. Not thread-safe.
class TableReader {
 public:
  TableReader(const toml::table& root, FirstError& errors);
  TableReader(TableReader&&) = default;
  TableReader& operator=(TableReader&&) = default;

  // A string of 1 to 64 bytes of ASCII letters, digits, '.', '-' and '_'.
  std::optional<std::string> Name(absl::string_view key, Presence presence = Presence::kOptional);
  std::optional<bool> Boolean(absl::string_view key);
  std::optional<int> Integer(absl::string_view key, int smallest, int largest,
                             Presence presence = Presence::kOptional);
  // An integer or a float, from 0.
  std::optional<double> Number(absl::string_view key, double largest,
                               Presence presence = Presence::kOptional);
  // A string that ParseDuration takes.
  std::optional<absl::Duration> Duration(absl::string_view key, absl::Duration smallest,
                                         absl::Duration largest,
                                         Presence presence = Presence::kOptional);
  // A date of the years 2000 to 2199; fractions of a second are cut off.
  std::optional<DateTime> Date(absl::string_view key);
  // What `parse` makes of a string, which returns an empty optional for one that does not fit.
  template <typename T>
  std::optional<T> Parsed(absl::string_view key, absl::string_view expected,
                          std::optional<T> (*parse)(absl::string_view),
                          Presence presence = Presence::kOptional);
  // The same for an array of strings; a string alone is one of one.
  template <typename T>
  std::optional<T> ParsedList(absl::string_view key, absl::string_view expected,
                              std::optional<T> (*parse)(const std::vector<std::string>&),
                              Presence presence = Presence::kOptional);
  // A string that ParseUrl takes.
  std::optional<zbroker::Url> Url(absl::string_view key);
  // The value that `choices` gives to the string found.
  template <typename T, size_t count>
  std::optional<T> Choice(absl::string_view key,
                          const std::pair<absl::string_view, T> (&choices)[count],
                          Presence presence = Presence::kOptional);

  std::optional<TableReader> Table(absl::string_view key);
  // The elements of an array of tables, [[key]] in the file.
  std::vector<TableReader> Tables(absl::string_view key);
  // For a table whose keys are names that the user chose, each of a table: all of them, in the
  // order of the file. Reports keys that Name() would not take.
  std::vector<TableReader> Members();

  // For what the caller finds wrong: with the table as such, or with a key. A key that is absent
  // has the place of the table.
  void Reject(absl::string_view problem);
  void RejectKey(absl::string_view key, absl::string_view problem);
  // Reports every key that was not asked for. To be called last.
  void RejectOtherKeys();

  // Nothing in this table was reported; tables inside it do not count.
  bool ok() const { return ok_; }
  // The last part of the table's path: the user's name for one that Members() returned.
  const std::string& key() const { return key_; }
  // Where the file first mentions the table.
  Place place() const { return place_; }
  // The place of the key, of the table if the key is absent.
  Place PlaceOf(absl::string_view key) const;

 private:
  TableReader(const toml::table& table, Place place, std::string key, std::string path,
              FirstError& errors);

  TableReader Child(const toml::table& table, Place place, absl::string_view key) const;
  // The key's value as `convert` has it, which returns an empty optional for one that does not fit.
  template <typename Convert>
  auto Read(absl::string_view key, Presence presence, absl::string_view expected, Convert convert)
      -> std::invoke_result_t<Convert, const toml::node&>;
  // Hands the value to `take`, which returns whether it fits. Returns whether there is one that
  // does.
  bool ReadText(absl::string_view key, Presence presence, absl::string_view expected,
                absl::FunctionRef<bool(const std::string&)> take);
  bool ReadTexts(absl::string_view key, Presence presence, absl::string_view expected,
                 absl::FunctionRef<bool(const std::vector<std::string>&)> take);
  std::optional<size_t> ChoiceIndex(absl::string_view key, const std::vector<std::string>& texts,
                                    Presence presence);
  std::string PathOf(absl::string_view key) const;

  const toml::table* table_;
  Place place_;
  std::string key_;
  std::string path_;  // dotted, as a header of the file would have it; empty for the root
  FirstError* errors_;
  std::vector<std::string> known_keys_;
  bool ok_ = true;
};

template <typename T>
std::optional<T> TableReader::Parsed(absl::string_view key, absl::string_view expected,
                                     std::optional<T> (*parse)(absl::string_view),
                                     Presence presence) {
  std::optional<T> value;
  ReadText(key, presence, expected, [&](const std::string& text) {
    value = parse(text);
    return value.has_value();
  });
  return value;
}

template <typename T>
std::optional<T> TableReader::ParsedList(absl::string_view key, absl::string_view expected,
                                         std::optional<T> (*parse)(const std::vector<std::string>&),
                                         Presence presence) {
  std::optional<T> value;
  ReadTexts(key, presence, expected, [&](const std::vector<std::string>& texts) {
    value = parse(texts);
    return value.has_value();
  });
  return value;
}

template <typename T, size_t count>
std::optional<T> TableReader::Choice(absl::string_view key,
                                     const std::pair<absl::string_view, T> (&choices)[count],
                                     Presence presence) {
  std::vector<std::string> texts;
  for (const auto& [text, value] : choices) texts.emplace_back(text);
  const std::optional<size_t> index = ChoiceIndex(key, texts, presence);
  if (!index.has_value()) return std::nullopt;
  return choices[*index].second;
}

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_TABLE_READER_H_
