#include "daemon/engine/process_trees.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/process.h"

namespace zbroker::engine {
namespace {

// Between two looks: what a shell leaves behind often ends by itself within moments.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(1);

// Programs that show no environment are read again after such pauses, as they may just be becoming
// another program, which takes long where the processor is wanted elsewhere. Few have none for
// good: what `env -i` began.
constexpr int kPausesForExecMs[] = {1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 64, 0};

// Not so are threads of the kernel, and what has ended.
bool IsProgram(pid_t pid) {
  char first = 0;
  return readlink(absl::StrCat("/proc/", pid, "/exe").c_str(), &first, 1) > 0;
}

std::vector<pid_t> AllProcesses() {
  std::vector<pid_t> processes;
  DIR* const entries = opendir("/proc");
  if (entries == nullptr) return processes;
  while (const dirent* const entry = readdir(entries)) {
    pid_t pid = 0;
    if (absl::SimpleAtoi(entry->d_name, &pid)) processes.push_back(pid);
  }
  closedir(entries);
  return processes;
}

}  // namespace

RunningCommands FindRunningCommands() {
  RunningCommands commands;
  std::vector<pid_t> processes = AllProcesses();
  for (const int pause_ms : kPausesForExecMs) {
    std::vector<pid_t> without_environment;
    for (const pid_t pid : processes) {
      const auto environment = ReadProcessEnvironment(pid);
      if (!environment.has_value()) continue;
      if (environment->empty() && IsProgram(pid)) without_environment.push_back(pid);
      auto mark = FindVariable(*environment, kHolderVariable);
      if (!mark.has_value()) continue;
      const auto stat = ReadProcessStat(pid);
      if (stat.has_value() && stat->alive()) commands.insert(*std::move(mark));
    }
    processes = std::move(without_environment);
    if (processes.empty()) break;
    absl::SleepFor(absl::Milliseconds(pause_ms));
  }
  return commands;
}

bool RunsUnder(const RunningCommands& commands, int32_t pid, uint64_t start_ticks) {
  return commands.contains(HolderMark(pid, start_ticks));
}

ProcessTrees::ProcessTrees(const Clock& clock, Report report, absl::Duration bound)
    : clock_(clock), report_(std::move(report)), bound_(bound) {}

ProcessTrees::~ProcessTrees() {
  std::thread thread;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    thread = std::move(thread_);
  }
  changed_.SignalAll();
  if (thread.joinable()) thread.join();
}

void ProcessTrees::Look(const core::HolderExited& exited) {
  MutexLock lock(mutex_);
  added_.push_back({exited, clock_.Read().boot + bound_});
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  changed_.SignalAll();
}

std::vector<core::HolderExited> ProcessTrees::LookAt(std::vector<Tree>& trees) const {
  const RunningCommands commands = FindRunningCommands();
  const BootTime now = clock_.Read().boot;
  std::vector<core::HolderExited> reports;
  std::erase_if(trees, [&](Tree& tree) {
    const bool runs =
        now < tree.until && RunsUnder(commands, tree.exited.pid, tree.exited.start_ticks);
    if (runs && tree.reported) return false;
    reports.push_back(tree.exited);
    if (runs) reports.back().command_until = tree.until;
    tree.reported = true;
    return !runs;
  });
  return reports;
}

void ProcessTrees::Run() {
  std::vector<Tree> trees;
  absl::Duration pause = kFirstPause;
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!stopping_ && added_.empty() && trees.empty()) changed_.Wait(mutex_);
      if (!stopping_ && added_.empty()) changed_.WaitFor(mutex_, pause);
      if (stopping_) return;
      pause = added_.empty() ? std::min(2 * pause, kLongestPause) : kFirstPause;
      trees.insert(trees.end(), added_.begin(), added_.end());
      added_.clear();
    }
    for (const core::HolderExited& one : LookAt(trees)) report_(one);
  }
}

}  // namespace zbroker::engine
