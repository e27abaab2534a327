// The provider's meter, asked with the key that passes by.
//
// A thread of its own does it, since it may take half a minute: no request waits for it. It asks
// after traffic has passed, and while a wall stands also without, as that may be lifted early. The
// key is in memory only, and goes to the host that it came for.
#ifndef ZBROKER_SHIMS_GATEWAY_METER_WATCH_H_
#define ZBROKER_SHIMS_GATEWAY_METER_WATCH_H_

#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "shims/gateway/headers.h"
#include "shims/meter/key.h"
#include "shims/meter/reader.h"

namespace zbroker::gateway {

// Passed() may be called by any thread.
class MeterWatch {
 public:
  struct Options {
    std::string account;
    std::string origin;  // of the gateway's upstream
    absl::Duration every = meter::kEveryDefault;
    absl::Duration apart = meter::kApartMin;
  };

  explicit MeterWatch(Options options);
  // Waits for a round that is under way.
  ~MeterWatch();
  MeterWatch(const MeterWatch&) = delete;
  MeterWatch& operator=(const MeterWatch&) = delete;

  // A request with these fields was let in by the upstream, or refused by a wall. Keeps its key;
  // never waits.
  void Passed(const Headers& headers, bool wall);
  // A request with these fields was refused here, as a wall stands. Nobody knows whether its key is
  // good: it is kept where no other is that the upstream has let in. Never waits.
  void Refused(const Headers& headers);

 private:
  void Keep(const Headers& headers, bool let_in, bool wall);
  void Run();
  // Waits until there is reason to ask, and it is time; false: the end has come.
  bool Await(absl::Duration gap, bool wall);

  const Options options_;
  Mutex mutex_;
  CondVar changed_;
  meter::Key key_ ABSL_GUARDED_BY(mutex_);
  bool let_in_ ABSL_GUARDED_BY(mutex_) = false;   // with this key
  bool traffic_ ABSL_GUARDED_BY(mutex_) = false;  // since the last round
  // When a wall was met last. The daemon may be told of it only after a round has looked.
  std::optional<BootTime> wall_met_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_METER_WATCH_H_
