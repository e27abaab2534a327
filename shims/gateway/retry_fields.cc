#include "shims/gateway/retry_fields.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "shims/zai/retry_after.h"

namespace zbroker::gateway {
namespace {

constexpr absl::Duration kThrottleMax = absl::Minutes(5);
constexpr absl::Duration kFinalMax = absl::Minutes(1);

void KeepUpTo(absl::Duration longest, absl::Time now, Headers& headers) {
  const absl::Time answered = zai::ParseHttpDate(FindHeader(headers, "date")).value_or(now);
  std::erase_if(headers, [&](Header& header) {
    if (absl::EqualsIgnoreCase(header.name, "retry-after-ms")) {
      return zai::ParseRetryAfterMs(header.value).value_or(absl::InfiniteDuration()) > longest;
    }
    if (!absl::EqualsIgnoreCase(header.name, "retry-after")) return false;
    const auto wait = zai::ParseRetryAfter(header.value, answered);
    if (!wait || *wait > longest) return true;
    header.value = absl::StrCat(absl::ToInt64Seconds(absl::Ceil(*wait, absl::Seconds(1))));
    return false;
  });
}

}  // namespace

void VouchForRetryAfter(Headers& headers, absl::Time now) { KeepUpTo(kThrottleMax, now, headers); }

void StopClientsRetries(Headers& headers) {
  RemoveHeader(headers, "x-should-retry");
  headers.push_back({"x-should-retry", "false"});
  KeepUpTo(kFinalMax, absl::InfinitePast(), headers);
}

}  // namespace zbroker::gateway
