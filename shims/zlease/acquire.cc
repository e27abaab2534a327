#include "shims/zlease/acquire.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "client/base/project.h"
#include "client/base/proto_time.h"
#include "shims/process/poll_time.h"
#include "shims/process/say.h"
#include "shims/zlease/notice.h"

namespace zbroker::zlease {
namespace {

// Where the client's threads leave the result for the main thread. Outlives a wait that was given
// up.
struct Result {
  Fd event{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  Mutex mutex;
  bool ended ABSL_GUARDED_BY(mutex) = false;
  absl::StatusOr<broker::Lease> lease ABSL_GUARDED_BY(mutex) = absl::UnknownError("");

  void End(absl::StatusOr<broker::Lease> value) {
    MutexLock lock(mutex);
    lease = std::move(value);
    ended = true;
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t size = write(event.get(), &one, sizeof one);
  }
};

void SetDeadline(const Options& options, absl::Time now, v1::Acquire& request) {
  if (!options.timeout) return;
  SetProtoTime(now + *options.timeout, request.mutable_deadline());
}

}  // namespace

AcquireEnd AcquireLease(const Options& options, broker::BrokerClient& client,
                        process::Signals& signals) {
  const Clock& clock = Clock::System();
  const Now begin = clock.Read();
  const auto result = std::make_shared<Result>();
  const auto notice = std::make_shared<WaitNotice>(options.quiet, begin.boot);
  v1::Acquire request = options.request;
  SetDeadline(options, begin.wall, request);
  request.set_project(OwnProject());
  const std::string ticket = client.StartAcquire(
      std::move(request),
      {.on_end = [result](absl::StatusOr<broker::Lease> lease) { result->End(std::move(lease)); },
       .on_queued = [notice](const v1::Queued& queued) { notice->SetQueued(queued); },
       .on_away = [notice](const absl::Status& cause) { notice->SetAway(cause); },
       .on_lost =
           [](const std::string& why) {
             process::Say(absl::StrCat("the lease is lost, the command goes on without: ", why));
           }});
  for (;;) {
    const BootTime now = clock.Read().boot;
    pollfd waits[2] = {{result->event.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
    poll(waits, 2, process::PollTimeout(notice->SayIfDue(now), now));
    {
      MutexLock lock(result->mutex);
      if (result->ended && result->lease.ok()) return {.lease = *std::move(result->lease)};
      if (result->ended) return {.status = result->lease.status()};
    }
    if (const auto arrived = signals.Next()) {
      client.Cancel(ticket);
      return {.signal = arrived->signal};
    }
  }
}

}  // namespace zbroker::zlease
