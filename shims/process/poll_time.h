// An instant of the boot clock as poll(2) takes it.
#ifndef ZBROKER_SHIMS_PROCESS_POLL_TIME_H_
#define ZBROKER_SHIMS_PROCESS_POLL_TIME_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::process {

// Milliseconds until `due`, such that it has come when they are over; a minute at most, as the
// clock of poll(2) stands still in suspend. -1 if it never comes.
inline int PollTimeout(BootTime due, BootTime now) {
  if (due == BootTime::InfiniteFuture()) return -1;
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(due - now) + 1, 0, 60'000));
}

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_POLL_TIME_H_
