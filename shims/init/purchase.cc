#include "shims/init/purchase.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "shims/zai/plan.h"

namespace zbroker::init {
namespace {

constexpr char kExpected[] = "expected a date like 2026-08-20, or with a time 2026-08-20 14:05";
// Where the day begins first.
constexpr int kFirstZoneSeconds = 14 * 3600;

absl::Status Wrong(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("\"", EscapeControls(text), "\" ", what));
}

absl::StatusOr<Purchase> Checked(absl::string_view text, Purchase purchase, bool in_future) {
  if (in_future) return Wrong(text, "is in the future");
  if (purchase.at_site < zai::kFirstPlan) {
    return Wrong(
        text, absl::StrCat("is before there were plans, ", absl::FormatCivilTime(zai::kFirstPlan)));
  }
  return purchase;
}

}  // namespace

absl::TimeZone SiteZone() { return absl::FixedTimeZone(8 * 3600); }

absl::StatusOr<Purchase> ParsePurchase(absl::string_view text, absl::Time now,
                                       absl::TimeZone zone) {
  std::string trimmed(absl::StripAsciiWhitespace(text));
  std::ranges::replace(trimmed, '/', '-');
  // absl takes words for infinite times too.
  if (trimmed.find_first_not_of("0123456789-:+TtZz ") != trimmed.npos) {
    return Wrong(text, absl::StrCat("is no date; ", kExpected));
  }
  absl::Time time;
  std::string ignored;
  if (absl::ParseTime("%Y-%m-%d", trimmed, &time, &ignored)) {
    const auto day = absl::ToCivilDay(time, absl::UTCTimeZone());
    const auto today = absl::ToCivilDay(now, absl::FixedTimeZone(kFirstZoneSeconds));
    return Checked(text, {absl::FormatCivilTime(day), day}, day > today);
  }
  std::ranges::replace(trimmed, ' ', 'T');
  bool found = false;
  for (const char* const format : {"%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"}) {
    found = found || absl::ParseTime(format, trimmed, zone, &time, &ignored) ||
            absl::ParseTime(absl::StrCat(format, "%Ez"), trimmed, zone, &time, &ignored);
  }
  if (!found) return Wrong(text, absl::StrCat("is no date; ", kExpected));
  // In the zone in which it was written, so that people know it again.
  const bool has_offset = trimmed.find_first_of("Zz+-", trimmed.find('T')) != std::string::npos;
  const std::string literal =
      absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", time, has_offset ? SiteZone() : zone);
  return Checked(text, {literal, absl::ToCivilDay(time, SiteZone())}, time > now);
}

}  // namespace zbroker::init
