#include "shims/zlease/notice.h"

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/broker/wait_words.h"
#include "shims/process/say.h"

namespace zbroker::zlease {
namespace {

constexpr absl::Duration kSilence = absl::Seconds(1);
constexpr absl::Duration kInterval = absl::Seconds(30);

}  // namespace

WaitNotice::WaitNotice(bool quiet, BootTime begin)
    : quiet_(quiet), begin_(begin), due_(begin + kSilence) {}

void WaitNotice::SetQueued(const v1::Queued& queued) {
  MutexLock lock(mutex_);
  state_ = broker::WaitWords(queued);
}

void WaitNotice::SetAway(const absl::Status& cause) {
  MutexLock lock(mutex_);
  state_ = broker::AwayWords(cause);
}

BootTime WaitNotice::SayIfDue(BootTime now) {
  MutexLock lock(mutex_);
  if (quiet_) return BootTime::InfiniteFuture();
  if (now < due_) return due_;
  if (state_.empty()) return due_ = now + kSilence;
  const absl::Duration waited = now - begin_;
  process::Say(waited < kInterval
                   ? state_
                   : absl::StrCat(state_, " (for ", zbroker::FormatDuration(waited), " now)"));
  return due_ = now + kInterval;
}

}  // namespace zbroker::zlease
