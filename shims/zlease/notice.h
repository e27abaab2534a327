// What a person at the terminal hears while a command waits.
#ifndef ZBROKER_SHIMS_ZLEASE_NOTICE_H_
#define ZBROKER_SHIMS_ZLEASE_NOTICE_H_

#include <string>

#include "absl/status/status.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::zlease {

// Silent for the first second; then one line that says what the wait is for, and another whenever
// half a minute has passed. Thread-safe.
class WaitNotice {
 public:
  WaitNotice(bool quiet, BootTime begin);

  void SetQueued(const v1::Queued& queued);
  void SetAway(const absl::Status& cause);

  // Says what is due. Returns when to call again.
  BootTime SayIfDue(BootTime now);

 private:
  const bool quiet_;
  const BootTime begin_;
  Mutex mutex_;
  std::string state_ ABSL_GUARDED_BY(mutex_);
  BootTime due_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_NOTICE_H_
