#include "shims/zai/reset_time.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "shims/zai/retry_after.h"
#include "shims/zai/window_length.h"

namespace zbroker::zai {
namespace {

constexpr size_t kStampSize = sizeof("2026-09-21 18:55:29") - 1;
constexpr absl::string_view kStampShape = "dddd-dd-dd dd:dd:dd";

bool IsStamp(absl::string_view text) {
  if (text.size() < kStampSize) return false;
  for (size_t i = 0; i < kStampSize; ++i) {
    const char c = text[i];
    const char shape = kStampShape[i];
    if (shape == 'd'   ? !absl::ascii_isdigit(c)
        : shape == ' ' ? (c != ' ' && c != 'T' && c != 't')
        : shape == '-' ? (c != '-' && c != '/') || c != text[4]
                       : c != shape) {
      return false;
    }
  }
  return true;
}

// REQUIRES: `digits` are at most nine decimal digits.
int Number(absl::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool AreDigits(absl::string_view text, size_t at, size_t count) {
  if (text.size() < at + count) return false;
  for (size_t i = at; i < at + count; ++i) {
    if (!absl::ascii_isdigit(text[i])) return false;
  }
  return true;
}

// Nothing if there is no such date or time of day.
std::optional<absl::CivilSecond> Civil(int year, int month, int day, int hour, int minute,
                                       int second) {
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  if (year < 2000 || civil.year() != year || civil.month() != month || civil.day() != day ||
      civil.hour() != hour || civil.minute() != minute || civil.second() != second) {
    return std::nullopt;
  }
  return civil;
}

// "+8", "+08", "+0800", "+08:00" in minutes; one digit only if `one_digit`.
std::optional<int> OffsetMinutes(absl::string_view text, bool one_digit) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (AreDigits(text, 1, 2)) {
    hours = Number(text.substr(1, 2));
    size_t at = 3;
    if (at < text.size() && text[at] == ':') ++at;
    if (AreDigits(text, at, 2)) minutes = Number(text.substr(at, 2));
  } else if (one_digit && AreDigits(text, 1, 1)) {
    hours = Number(text.substr(1, 1));
  } else {
    return std::nullopt;
  }
  if (hours > 14 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

// The zone that `text`, which follows a time of day, begins with; nothing if it names none.
std::optional<absl::TimeZone> ZoneAt(absl::string_view text) {
  if (absl::ConsumePrefix(&text, ".")) {
    while (!text.empty() && absl::ascii_isdigit(text[0])) text.remove_prefix(1);
  }
  const bool apart = absl::ConsumePrefix(&text, " ");
  if (apart) absl::ConsumePrefix(&text, "(");
  const bool named = absl::ConsumePrefix(&text, "UTC") || absl::ConsumePrefix(&text, "GMT");
  // Behind a space, "-12" may be anything: only the four-digit forms are zones there.
  const bool enough = !apart || named || AreDigits(text, 1, 4) ||
                      (AreDigits(text, 1, 2) && text.size() > 3 && text[3] == ':');
  if (enough) {
    if (const std::optional<int> minutes = OffsetMinutes(text, named)) {
      return absl::FixedTimeZone(*minutes * 60);
    }
  }
  const bool zulu = !apart && (absl::StartsWith(text, "Z") || absl::StartsWith(text, "z"));
  if (named || zulu) return absl::UTCTimeZone();
  return std::nullopt;
}

std::optional<absl::Time> ReadStamp(absl::string_view text) {
  const std::optional<absl::CivilSecond> civil =
      Civil(Number(text.substr(0, 4)), Number(text.substr(5, 2)), Number(text.substr(8, 2)),
            Number(text.substr(11, 2)), Number(text.substr(14, 2)), Number(text.substr(17, 2)));
  if (!civil) return std::nullopt;
  return absl::FromCivil(*civil, ZoneAt(text.substr(kStampSize)).value_or(ProviderZone()));
}

// The time that is written from `at` on.
std::optional<absl::Time> StatedAt(absl::string_view text, size_t at) {
  if (at + kStampSize > text.size()) return std::nullopt;
  if (at > 0 && absl::ascii_isdigit(text[at - 1])) return std::nullopt;
  return IsStamp(text.substr(at)) ? ReadStamp(text.substr(at)) : std::nullopt;
}

// The HTTP date that begins at `at`: "Sun, 29 Nov 2026 18:55:29 GMT".
std::optional<absl::Time> HttpDateAt(absl::string_view text, size_t at) {
  constexpr size_t kSize = sizeof("Sun, 06 Nov 1994 08:49:37 GMT") - 1;
  if (at + kSize > text.size() || text[at + 3] != ',') return std::nullopt;
  return ParseHttpDate(text.substr(at, kSize));
}

// Seconds or milliseconds since 1970: ten or thirteen digits that stand alone.
std::optional<absl::Time> EpochAt(absl::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
  const auto is_word = [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; };
  const bool apart =
      (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
  int64_t number = 0;
  if (!apart || !absl::SimpleAtoi(text.substr(at, end - at), &number)) return std::nullopt;
  if (end - at == 10) return absl::FromUnixSeconds(number);
  if (end - at == 13) return absl::FromUnixMillis(number);
  return std::nullopt;
}

// In whatever form.
std::optional<absl::Time> AnyTimeAt(absl::string_view text, size_t at) {
  if (const auto stamp = StatedAt(text, at)) return stamp;
  if (absl::ascii_isdigit(text[at])) return EpochAt(text, at);
  return absl::ascii_isupper(text[at]) ? HttpDateAt(text, at) : std::nullopt;
}

// An id may be of another clock than the provider's, or old: the answer's own date says so; where
// there is none, only that of UTC is known, by the hours between the two.
absl::Time UpstreamNow(const ResetStatement& statement) {
  const absl::Time known = statement.answered_at.value_or(statement.now);
  const std::optional<absl::Time> asked = RequestIdTime(statement.request_id);
  if (!asked) return known;
  const absl::Duration off = known - *asked;
  if (statement.answered_at && absl::AbsDuration(off) > absl::Hours(1)) return known;
  if (absl::AbsDuration(off - absl::Hours(8)) < absl::Minutes(10)) return known;
  return *asked;
}

}  // namespace

absl::TimeZone ProviderZone() { return absl::FixedTimeZone(8 * 60 * 60); }

std::optional<absl::Time> FindStatedTime(absl::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (const std::optional<absl::Time> time = AnyTimeAt(text, at)) return time;
  }
  return std::nullopt;
}

std::string WithTimesIn(absl::string_view text, absl::TimeZone zone) {
  std::string rewritten;
  for (size_t at = 0; at < text.size();) {
    const std::optional<absl::Time> time = StatedAt(text, at);
    if (!time.has_value()) {
      rewritten += text[at++];
      continue;
    }
    const absl::string_view stamp = text.substr(at, kStampSize);
    const bool is_zoned = ZoneAt(text.substr(at + kStampSize)).has_value();
    absl::StrAppend(&rewritten, is_zoned ? std::string(stamp)
                                         : absl::FormatTime("%Y-%m-%d %H:%M:%S", *time, zone));
    at += kStampSize;
  }
  return rewritten;
}

std::optional<absl::Time> RequestIdTime(absl::string_view request_id) {
  if (!AreDigits(request_id, 0, 14)) return std::nullopt;
  const auto part = [&](size_t at, size_t size) { return Number(request_id.substr(at, size)); };
  const std::optional<absl::CivilSecond> civil =
      Civil(part(0, 4), part(4, 2), part(6, 2), part(8, 2), part(10, 2), part(12, 2));
  // Other providers' ids may be digits too.
  if (!civil || civil->year() < 2020 || civil->year() > 2100) return std::nullopt;
  return absl::FromCivil(*civil, ProviderZone());
}

bool IsPlausibleWait(absl::Duration wait, absl::Duration window_length) {
  const absl::Duration slack = window_length < 7 * kDay ? absl::Minutes(5) : kDay;
  const absl::Duration longest =
      window_length > absl::ZeroDuration() ? window_length + slack : 32 * kDay;
  return wait > absl::ZeroDuration() && wait <= longest;
}

std::optional<absl::Time> FindResetTime(const ResetStatement& statement) {
  const absl::Time upstream_now = UpstreamNow(statement);
  bool stated = false;
  for (size_t at = 0; at < statement.text.size(); ++at) {
    const std::optional<absl::Time> time = AnyTimeAt(statement.text, at);
    if (!time) continue;
    stated = true;
    const absl::Duration wait = *time - upstream_now;
    if (IsPlausibleWait(wait, statement.window_length)) return statement.now + wait;
  }
  const absl::Duration wait = FindStatedWait(statement.text);
  if (stated || !IsPlausibleWait(wait, statement.window_length)) return std::nullopt;
  return statement.now + wait;
}

absl::Time FindNextMidnight(const ResetStatement& statement) {
  const absl::Time upstream_now = UpstreamNow(statement);
  const absl::CivilDay today = absl::ToCivilDay(upstream_now, ProviderZone());
  return statement.now + (absl::FromCivil(today + 1, ProviderZone()) - upstream_now);
}

}  // namespace zbroker::zai
