#include "daemon/config/windows.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/duration.h"
#include "client/config/globs.h"
#include "daemon/config/hours.h"

namespace zbroker::config {
namespace {

constexpr absl::Duration kShortest = absl::Seconds(1);
constexpr absl::Duration kLongest = absl::Hours(24 * 366);
constexpr int kMonthsMax = 12;

constexpr std::pair<absl::string_view, core::Unit> kUnits[] = {{"prompts", core::Unit::kPrompts},
                                                               {"calls", core::Unit::kCalls},
                                                               {"mcp_calls", core::Unit::kMcpCalls},
                                                               {"tokens", core::Unit::kTokens},
                                                               {"credits", core::Unit::kCredits}};
constexpr std::pair<absl::string_view, core::Enforce> kEnforces[] = {
    {"hard", core::Enforce::kHard}, {"probe", core::Enforce::kProbe}, {"off", core::Enforce::kOff}};
constexpr std::pair<absl::string_view, core::WindowKind> kKinds[] = {
    {"rolling", core::WindowKind::kRolling}, {"anchored", core::WindowKind::kAnchored}};

// Real time, or months by the calendar.
struct Length {
  absl::Duration real;
  int months = 0;
};

std::optional<Length> ParseLength(absl::string_view text) {
  if (text == "month") return Length{.months = 1};
  absl::string_view number = text;
  int months = 0;
  if (absl::ConsumeSuffix(&number, " months") || absl::ConsumeSuffix(&number, " month")) {
    if (!absl::SimpleAtoi(number, &months) || months < 1 || months > kMonthsMax) {
      return std::nullopt;
    }
    return Length{.months = months};
  }
  const absl::StatusOr<absl::Duration> real = ParseDuration(text);
  if (!real.ok() || *real < kShortest || *real > kLongest) return std::nullopt;
  return Length{.real = *real};
}

void ReadAnchor(TableReader& reader, core::WindowConfig& window) {
  // A misspelt "anchored" leaves "rolling" in place: then that is what to tell, not this.
  const bool kind_is_known = reader.ok();
  const std::optional<DateTime> anchor = reader.Date("anchor");
  const std::optional<absl::TimeZone> zone = ReadZone(reader);
  if (window.kind == core::WindowKind::kRolling) {
    constexpr absl::string_view kOnly =
        "a rolling window has no resets; expected kind = \"anchored\"";
    if (anchor.has_value() && kind_is_known) reader.RejectKey("anchor", kOnly);
    if (zone.has_value() && kind_is_known) reader.RejectKey("tz", kOnly);
    return;
  }
  window.zone = zone.value_or(ProviderZone());
  if (!anchor.has_value()) return;
  window.anchor = anchor->civil;
  if (!anchor->zone.has_value()) return;
  if (zone.has_value()) {
    window.anchor = absl::ToCivilSecond(absl::FromCivil(anchor->civil, *anchor->zone), *zone);
  } else {
    window.zone = *anchor->zone;
  }
}

// Rounded to the nearest millionth.
std::optional<core::Amount> ReadAmount(TableReader& reader, absl::string_view key) {
  const std::optional<double> value = reader.Number(key, core::Amount::kLargest);
  return value.has_value() ? core::Amount::FromDouble(*value) : std::nullopt;
}

void ReadPace(TableReader& reader, core::WindowConfig& window) {
  const bool rest_is_known = reader.ok();
  window.pace = reader.Boolean("pace").value_or(false);
  if (!window.pace || !rest_is_known) return;
  const bool is_long = window.months > 0 || window.length >= absl::Hours(24);
  if (window.kind != core::WindowKind::kAnchored || !is_long) {
    reader.RejectKey(
        "pace",
        "what has no reset, or one each day or sooner, needs no pace; expected it in a "
        "window of kind = \"anchored\" and a length of \"1d\" or more");
  } else if (window.limit == core::Amount()) {
    reader.RejectKey("pace", "there is none without a limit; expected a limit above 0");
  }
}

core::WindowConfig ReadWindow(TableReader& reader) {
  core::WindowConfig window;
  window.name = reader.Name("name", Presence::kRequired).value_or("");
  window.unit = reader.Choice("unit", kUnits).value_or(window.unit);
  const Length length =
      reader
          .Parsed("length", "a duration from \"1s\" to \"366d\", or \"1 month\" to \"12 months\"",
                  ParseLength, Presence::kRequired)
          .value_or(Length());
  window.length = length.real;
  window.months = length.months;
  const std::optional<core::Amount> limit = ReadAmount(reader, "limit");
  window.limit = limit.value_or(core::Amount());
  window.kind = reader.Choice("kind", kKinds).value_or(window.kind);
  window.enforce = reader.Choice("enforce", kEnforces).value_or(window.enforce);

  // A misspelt "off" leaves "hard" in place: then that is what to tell, not this.
  const bool limited = window.limit > core::Amount() || window.enforce == core::Enforce::kOff;
  if (!limited && reader.ok()) {
    reader.RejectKey("limit", absl::StrCat(limit.has_value() ? "zero" : "missing",
                                           "; expected a number above 0, or enforce = \"off\""));
  }
  if (window.months > 0 && window.kind == core::WindowKind::kRolling && reader.ok()) {
    reader.RejectKey("length", "months differ in length; expected kind = \"anchored\"");
  }
  ReadAnchor(reader, window);
  ReadPace(reader, window);
  window.models = ReadGlobs(reader, "models", Presence::kOptional);
  reader.RejectOtherKeys();
  return window;
}

}  // namespace

std::vector<core::WindowConfig> ReadWindows(TableReader& account,
                                            std::vector<core::WindowConfig> of_plan) {
  constexpr size_t kMost = core::AccountConfig::kWindowsMax;
  std::vector<core::WindowConfig> windows = std::move(of_plan);
  std::map<std::string, uint32_t> lines;
  for (TableReader& reader : account.Tables("window")) {
    const core::WindowConfig window = ReadWindow(reader);
    const auto [first, is_new] = lines.emplace(window.name, reader.PlaceOf("name").line);
    if (!window.name.empty() && !is_new) {
      reader.RejectKey("name", absl::StrCat("\"", window.name, "\" is also the window on line ",
                                            first->second, "; expected a name of its own"));
    }
    const auto same = std::ranges::find(windows, window.name, &core::WindowConfig::name);
    if (is_new && same != windows.end()) {
      *same = window;
      continue;
    }
    if (windows.size() == kMost) {
      reader.Reject(absl::StrCat("one window too many; expected at most ", kMost));
    }
    windows.push_back(window);
  }
  if (windows.empty()) return core::BrokerConfig::Defaults().accounts.front().windows;
  return windows;
}

}  // namespace zbroker::config
