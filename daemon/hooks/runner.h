// Hands what has happened to the hooks of the configuration, each a program of its own.
//
// Events are read from the ledger, so that those are told too of which a former daemon had no time
// to tell; up to where hooks have been told is kept there as well, right after they were started. A
// daemon that is killed in that instant tells of it twice. Events that are older than kOldest are
// passed over. kChildrenMax run at once; the others wait, in the ledger. Nothing waits for a hook.
//
// Thread-safe.
#ifndef ZBROKER_DAEMON_HOOKS_RUNNER_H_
#define ZBROKER_DAEMON_HOOKS_RUNNER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "client/base/fd.h"
#include "client/base/mutex.h"
#include "daemon/core/config.h"
#include "daemon/engine/event_hub.h"
#include "daemon/hooks/child.h"
#include "daemon/ledger/events.h"

namespace zbroker::hooks {

struct HookState {
  core::HookConfig config;
  uint64_t told = 0;
  uint64_t failed = 0;
  std::string trouble;  // of the last time; empty: all went well
  absl::Time trouble_at;
};

class Runner {
 public:
  static constexpr size_t kChildrenMax = 4;
  static constexpr absl::Duration kOldest = absl::Hours(1);

  struct Options {
    std::string ledger_path;
    // What tells a URL: its command, to which the URL is added.
    std::vector<std::string> url_command;
    std::function<std::string(const ledger::EventRow&)> json;  // on one line
    std::function<void(uint64_t event)> told;                  // hooks were told up to this one
    std::vector<core::HookConfig> hooks;
  };

  static absl::StatusOr<std::unique_ptr<Runner>> Start(Options options, engine::EventHub& hub,
                                                       const Clock& clock);
  // What runs goes on without us.
  ~Runner();

  // Tells no more of what happens. Idempotent.
  void Stop();

  void Configure(std::vector<core::HookConfig> hooks);
  // In the order of the configuration.
  std::vector<HookState> States() const;

 private:
  struct Job {
    size_t hook = 0;
    int generation = 0;  // of the configuration
    std::string input;
    uint64_t event = 0;  // what is told once it has been started; 0: it is not the event's last
  };
  struct Running {
    Child child;
    size_t hook = 0;
    int generation = 0;
  };

  Runner(Options options, Fd wake, uint64_t told_to, const Clock& clock);

  void Wake() const;
  void Run();
  void LookAtChildren();
  void ReadEvents();
  void Enqueue(const ledger::EventRow& row);
  void StartJobs();
  void Note(size_t hook, int generation, const absl::Status& how);
  void Wait();

  const Options options_;
  const Clock& clock_;
  const Fd wake_;  // an eventfd
  std::shared_ptr<engine::EventHub::Wake> subscription_;

  // The thread's.
  std::unique_ptr<ledger::EventReader> reader_;
  uint64_t read_to_ = 0;
  std::deque<Job> jobs_;
  std::vector<Running> running_;

  mutable Mutex mutex_;
  std::vector<HookState> states_ ABSL_GUARDED_BY(mutex_);
  int generation_ ABSL_GUARDED_BY(mutex_) = 0;
  bool due_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace zbroker::hooks

#endif  // ZBROKER_DAEMON_HOOKS_RUNNER_H_
