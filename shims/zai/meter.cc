#include "shims/zai/meter.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "shims/zai/json_reader.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

using json_reader::Element;
using json_reader::Member;

constexpr size_t kMeterWordsMax = 200;
constexpr size_t kMeterLevelMax = 40;
constexpr double kMeterFigureMost = 1e9;
// By how much a percentage that is cut off, and figures that are a moment older, may differ.
constexpr double kPointsApart = 5;
constexpr int64_t kMeterNumberMax = 1000;
// A reset outside of these is no instant in milliseconds.
constexpr double kEarliestMs = 1.5e12;
constexpr double kLatestMs = 4.1e12;

// The lengths that limits are counted in, by the provider's numbers for them.
struct UnitRow {
  int64_t number;
  absl::Duration length;  // zero: a month
};
constexpr UnitRow kMeterUnits[] = {
    {3, absl::Hours(1)}, {4, absl::Hours(24)}, {5, absl::ZeroDuration()}, {6, absl::Hours(7 * 24)}};

struct TypeRow {
  absl::string_view name;
  MeterLimit::Counts counts;
};
constexpr TypeRow kMeterTypes[] = {{"TOKENS_LIMIT", MeterLimit::Counts::kTokens},
                                   {"CREDIT_LIMIT", MeterLimit::Counts::kCredits},
                                   {"TIME_LIMIT", MeterLimit::Counts::kToolCalls}};

// A number, or one written as a text; not one that is less than nothing.
std::optional<double> NumberOf(const Element& object, absl::string_view name) {
  const std::optional<Element> member = Member(object, name);
  if (!member) return std::nullopt;
  double value = 0;
  if (const auto text = json_reader::Text(*member)) {
    if (!absl::SimpleAtod(*text, &value)) return std::nullopt;
  } else if (member->get_double().get(value) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  if (!std::isfinite(value) || value < 0) return std::nullopt;
  return value;
}

std::optional<int64_t> WholeNumber(const Element& object, absl::string_view name) {
  const std::optional<double> value = NumberOf(object, name);
  if (!value || *value > kMeterNumberMax || *value != std::floor(*value)) return std::nullopt;
  return static_cast<int64_t>(*value);
}

bool TakeMeterName(const Element& row, MeterLimit& limit) {
  const absl::string_view type = json_reader::TextMember(row, "type");
  const auto known = std::find_if(std::begin(kMeterTypes), std::end(kMeterTypes),
                                  [&](const TypeRow& one) { return one.name == type; });
  const auto unit = WholeNumber(row, "unit");
  const auto number = WholeNumber(row, "number");
  if (known == std::end(kMeterTypes) || !unit || number.value_or(0) < 1) return false;
  const auto length = std::find_if(std::begin(kMeterUnits), std::end(kMeterUnits),
                                   [&](const UnitRow& one) { return one.number == *unit; });
  if (length == std::end(kMeterUnits)) return false;
  limit.counts = known->counts;
  limit.length = length->length * *number;
  if (limit.length == absl::ZeroDuration()) limit.months = static_cast<int>(*number);
  return limit.length <= kMeterLengthMax && limit.months <= kMeterMonthsMax;
}

bool TakeMeterFigures(const Element& row, MeterLimit& limit) {
  const double percent = NumberOf(row, "percentage").value_or(-1);
  const bool said = percent >= 0 && percent <= kMeterPercentMax;
  const double allowed = NumberOf(row, "usage").value_or(0);
  double used = NumberOf(row, "currentValue").value_or(-1);
  if (used < 0) used = allowed - NumberOf(row, "remaining").value_or(allowed + 1);
  if (used >= 0 && allowed > 0) {
    const double share = 100 * used / allowed;
    if (share <= kMeterPercentMax && (!said || std::abs(share - percent) <= kPointsApart)) {
      limit.percent = share;
      if (allowed <= kMeterFigureMost && used <= kMeterFigureMost) {
        limit.used = used;
        limit.allowed = allowed;
      }
      return true;
    }
  }
  if (said) limit.percent = percent;
  return said;
}

std::optional<MeterLimit> ReadLimit(const Element& row) {
  MeterLimit limit;
  if (!TakeMeterName(row, limit) || !TakeMeterFigures(row, limit)) return std::nullopt;
  const std::optional<double> reset = NumberOf(row, "nextResetTime");
  if (reset && *reset >= kEarliestMs && *reset <= kLatestMs) {
    limit.reset = absl::FromUnixMillis(static_cast<int64_t>(*reset));
  }
  return limit;
}

MeterAnswer Without(MeterAnswer::State state, std::string trouble) {
  return {.state = state, .trouble = std::move(trouble)};
}

std::string HttpWords(int status) {
  const bool leads_elsewhere = status >= 300 && status < 400;
  return absl::StrCat("it answered HTTP ", status,
                      leads_elsewhere
                          ? ", which leads elsewhere, and the key goes to no other host: is the "
                            "account's `upstream` right?"
                          : "");
}

// What the envelope says against its having limits; empty: nothing.
std::optional<MeterAnswer> Objection(int http_status, const Element& document) {
  const std::string words = Printable(json_reader::TextMember(document, "msg"), kMeterWordsMax);
  const std::optional<double> code = NumberOf(document, "code");
  if (http_status == 401 || code == 401) {
    return Without(MeterAnswer::State::kRefused,
                   absl::StrCat("the key is refused", words.empty() ? "" : ": ", words));
  }
  const bool failed =
      http_status != 200 || (code && *code != 200) || json_reader::IsFalse(document, "success");
  if (!failed) return std::nullopt;
  return Without(MeterAnswer::State::kTrouble,
                 absl::StrCat(HttpWords(http_status), code ? absl::StrCat(", code ", *code) : "",
                              words.empty() ? "" : ": ", words));
}

MeterAnswer ReadLimits(const Element& document) {
  const std::optional<Element> data = Member(document, "data");
  const std::optional<Element> rows = data ? Member(*data, "limits") : std::nullopt;
  simdjson::dom::array limits;
  if (!rows || rows->get_array().get(limits) != simdjson::SUCCESS) {
    return Without(MeterAnswer::State::kTrouble, "its answer has no list of limits");
  }
  MeterAnswer answer{.state = MeterAnswer::State::kRead};
  answer.level = Printable(json_reader::TextMember(*data, "level"), kMeterLevelMax);
  for (const Element row : limits) {
    if (answer.limits.size() == kMeterLimitsMax) break;
    if (auto limit = ReadLimit(row)) answer.limits.push_back(*limit);
  }
  if (!answer.limits.empty()) return answer;
  return limits.size() == 0
             ? Without(MeterAnswer::State::kSilent, "it has nothing to say of this account")
             : Without(MeterAnswer::State::kTrouble, "none of its limits can be understood");
}

}  // namespace

MeterAnswer ReadMeter(int http_status, absl::string_view body) {
  if (body.size() > kMeterBytesMax) {
    return Without(MeterAnswer::State::kTrouble, "its answer is too long to be one");
  }
  json_reader::Parser parser;
  const std::optional<Element> document = parser.Parse(body);
  if (document && json_reader::IsObject(*document)) {
    auto objection = Objection(http_status, *document);
    return objection ? *std::move(objection) : ReadLimits(*document);
  }
  if (http_status == 401) return Without(MeterAnswer::State::kRefused, "the key is refused");
  if (http_status != 200) {
    return Without(MeterAnswer::State::kTrouble, HttpWords(http_status));
  }
  if (absl::StripAsciiWhitespace(body).empty()) {
    return Without(MeterAnswer::State::kSilent, "it answered nothing");
  }
  return Without(MeterAnswer::State::kTrouble, "its answer is no JSON, or only a part of one");
}

}  // namespace zbroker::zai
