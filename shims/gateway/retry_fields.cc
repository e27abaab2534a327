#include "shims/gateway/retry_fields.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "shims/zai/retry_after.h"

namespace zbroker::gateway {
namespace {

constexpr absl::Duration kThrottleMax = absl::Minutes(5);
constexpr absl::Duration kShortest = absl::Seconds(1);
constexpr absl::Duration kFinalMax = absl::Minutes(1);

// SDKs ask again at once when they are told to, and by their own rules, which are slower, when they
// are told nothing. So what is shorter than a second becomes one, or is dropped where it is
// `final`.
void KeepUpTo(absl::Duration longest, bool final, absl::Time now, Headers& headers) {
  const absl::Time answered = zai::ParseHttpDate(FindHeader(headers, "date")).value_or(now);
  std::erase_if(headers, [&](Header& header) {
    if (absl::EqualsIgnoreCase(header.name, "retry-after-ms")) {
      const auto wait = zai::ParseRetryAfterMs(header.value);
      if (!wait || *wait > longest || (final && *wait < kShortest)) return true;
      if (*wait < kShortest) header.value = absl::StrCat(absl::ToInt64Milliseconds(kShortest));
      return false;
    }
    if (!absl::EqualsIgnoreCase(header.name, "retry-after")) return false;
    const auto wait = zai::ParseRetryAfter(header.value, answered);
    if (!wait || *wait > longest || (final && *wait < kShortest)) return true;
    const absl::Duration told = std::max(*wait, kShortest);
    header.value = absl::StrCat(absl::ToInt64Seconds(absl::Ceil(told, absl::Seconds(1))));
    return false;
  });
}

}  // namespace

void VouchForRetryAfter(Headers& headers, absl::Time now) {
  KeepUpTo(kThrottleMax, false, now, headers);
}

void StopClientsRetries(Headers& headers) {
  RemoveHeader(headers, "x-should-retry");
  headers.push_back({"x-should-retry", "false"});
  KeepUpTo(kFinalMax, true, absl::InfinitePast(), headers);
}

}  // namespace zbroker::gateway
