#include "shims/zai/retry_after.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace zbroker::zai {
namespace {

constexpr size_t kNumberSizeMax = 20;
constexpr size_t kDateSizeMax = 64;

// A plain decimal number: no sign, no exponent.
std::optional<double> ParseNumber(absl::string_view text) {
  if (text.empty() || text.size() > kNumberSizeMax) return std::nullopt;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c) && c != '.') return std::nullopt;
  }
  double value = 0;
  if (!absl::SimpleAtod(text, &value)) return std::nullopt;
  return value;
}

std::optional<absl::Duration> Bounded(absl::Duration wait) {
  if (wait < absl::ZeroDuration() || wait > kRetryAfterMax) return std::nullopt;
  return wait;
}

}  // namespace

std::optional<absl::Time> ParseHttpDate(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  // Each form begins with a weekday. Abseil also takes "infinite-future", which is none.
  if (text.empty() || !absl::ascii_isupper(text[0]) || text.size() > kDateSizeMax) {
    return std::nullopt;
  }
  static constexpr const char* kForms[] = {
      "%a, %d %b %Y %H:%M:%S GMT",  // Sun, 06 Nov 1994 08:49:37 GMT
      "%A, %d-%b-%y %H:%M:%S GMT",  // Sunday, 06-Nov-94 08:49:37 GMT
      "%a %b %d %H:%M:%S %Y",       // Sun Nov  6 08:49:37 1994
  };
  absl::Time time;
  for (const char* form : kForms) {
    if (absl::ParseTime(form, std::string(text), &time, nullptr)) return time;
  }
  return std::nullopt;
}

std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now) {
  text = absl::StripAsciiWhitespace(text);
  if (const std::optional<double> seconds = ParseNumber(text)) {
    return Bounded(absl::Seconds(*seconds));
  }
  const std::optional<absl::Time> date = ParseHttpDate(text);
  if (!date) return std::nullopt;
  return Bounded(*date - now);
}

std::optional<absl::Duration> ParseRetryAfterMs(absl::string_view text) {
  const std::optional<double> millis = ParseNumber(absl::StripAsciiWhitespace(text));
  if (!millis) return std::nullopt;
  return Bounded(absl::Milliseconds(*millis));
}

std::optional<absl::Duration> FindRetryAfter(HeaderLookup headers, absl::Time now) {
  if (const auto wait = ParseRetryAfterMs(headers("retry-after-ms"))) return wait;
  const absl::Time answered = ParseHttpDate(headers("date")).value_or(now);
  return ParseRetryAfter(headers("retry-after"), answered);
}

}  // namespace zbroker::zai
