// What a killed zlease leaves behind.
//
// The kernel ends a zlease's command together with it, but not what the command has started in
// turn: that may go on calling the upstream, so its slot must not be given away. Nothing says when
// the last of these processes ends, whatever they did to detach themselves (another session, a
// double fork, closed descriptors). But they have inherited ZLEASE_HOLDER, so we look for it in
// /proc.
//
// Not found is what has dropped its environment (`env -i`, sudo, a container), and what this user
// may not look into, which for a daemon of the machine is everything: there a slot is free after
// the quarantine, as that of any other holder.
#ifndef ZBROKER_DAEMON_ENGINE_PROCESS_TREES_H_
#define ZBROKER_DAEMON_ENGINE_PROCESS_TREES_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "daemon/core/command.h"

namespace zbroker::engine {

// The marks (HolderMark) of the holders under which processes of this user run.
using RunningCommands = std::set<std::string>;
RunningCommands FindRunningCommands();

// Whether one of the holder's runs.
bool RunsUnder(const RunningCommands& commands, int32_t pid, uint64_t start_ticks);

// Follows what was left behind, on a thread of its own, which there is only once it is needed.
// Thread-safe.
class ProcessTrees {
 public:
  using Report = std::function<void(const core::HolderExited&)>;

  // Given up then, as a process that was meant to stay for ever would keep the slot for ever.
  static constexpr absl::Duration kBound = absl::Minutes(10);

  // `report` is called on that thread, without locks.
  ProcessTrees(const Clock& clock, Report report, absl::Duration bound = kBound);
  ~ProcessTrees();
  ProcessTrees(const ProcessTrees&) = delete;
  ProcessTrees& operator=(const ProcessTrees&) = delete;

  // A holder has ended. Reports so: at once, if nothing is left behind; else with `command_until`
  // at once, and without it when that is over.
  void Look(const core::HolderExited& exited);

 private:
  struct Tree {
    core::HolderExited exited;
    BootTime until;
    bool reported = false;
  };

  void Run();
  // Looks once; drops those that are over. Returns what is to be reported.
  std::vector<core::HolderExited> LookAt(std::vector<Tree>& trees) const;

  const Clock& clock_;
  const Report report_;
  const absl::Duration bound_;

  Mutex mutex_;
  CondVar changed_;
  std::vector<Tree> added_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_PROCESS_TREES_H_
