// Whether this machine's clock is right, as far as the upstream's answers show it.
#ifndef ZBROKER_SHIMS_GATEWAY_CLOCK_CHECK_H_
#define ZBROKER_SHIMS_GATEWAY_CLOCK_CHECK_H_

#include <functional>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker::gateway {

// The upstream dates each answer between the start of its request and its arrival; what lies
// farther out by more than kTolerance shows that the two clocks differ. Not thread-safe.
class ClockCheck {
 public:
  static constexpr absl::Duration kTolerance = absl::Seconds(30);
  // A difference that has changed by less is not told again.
  static constexpr absl::Duration kNews = absl::Seconds(30);

  // `tell` is called with what is to be added to our clock to have the upstream's, zero when they
  // agree (again).
  explicit ClockCheck(std::function<void(absl::Duration)> tell) : tell_(std::move(tell)) {}

  // `date`: of the answer's field, as it came; `taken`: how long ago its request was started.
  void Heard(absl::string_view date, absl::Time now, absl::Duration taken);

 private:
  std::function<void(absl::Duration)> tell_;
  absl::Duration told_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_CLOCK_CHECK_H_
