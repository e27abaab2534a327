#include "shims/gateway/clock_check.h"

#include "shims/zai/retry_after.h"

namespace zbroker::gateway {

void ClockCheck::Heard(absl::string_view date, absl::Time now, absl::Duration taken) {
  const auto dated = zai::ParseHttpDate(date);
  if (!dated) return;
  // The field has whole seconds.
  const absl::Duration smallest = *dated - now;
  const absl::Duration largest = *dated + absl::Seconds(1) - (now - taken);
  absl::Duration off;
  if (smallest > kTolerance) off = smallest;
  if (largest < -kTolerance) off = largest;
  const bool agrees = off == absl::ZeroDuration();
  const bool agreed = told_ == absl::ZeroDuration();
  if (agrees == agreed && absl::AbsDuration(off - told_) < kNews) return;
  told_ = off;
  tell_(off);
}

}  // namespace zbroker::gateway
