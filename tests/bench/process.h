// Child processes, and what they cost.
#ifndef ZBROKER_TESTS_BENCH_PROCESS_H_
#define ZBROKER_TESTS_BENCH_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/fd.h"

namespace zbroker::bench {

struct Command {
  std::vector<std::string> arguments;    // the first is the path of the program
  std::vector<std::string> environment;  // "NAME=value", added to ours
  std::string log;                       // file for standard error; empty: thrown away
};

// A running child: killed with SIGKILL when this is destroyed, and by the kernel when the thread
// that started it ends. Its standard output can be read with ReadLine. Move-only.
class Child {
 public:
  // A program that can't be run is reported by Wait.
  static absl::StatusOr<Child> Start(const Command& command);
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)), output_(std::move(other.output_)) {}
  Child& operator=(Child&& other) noexcept;
  ~Child() { Kill(); }

  pid_t pid() const { return pid_; }

  // The next line, without its end. UNAVAILABLE when the output ends first, DEADLINE_EXCEEDED after
  // `patience`.
  absl::StatusOr<std::string> ReadLine(absl::Duration patience);

  void Signal(int signal) const;
  // Waits for its end. ABORTED when it is not exit status 0.
  absl::Status Wait();
  // Kills it, if it was not waited for, and waits for its end.
  void Kill();

 private:
  Child(pid_t pid, Fd output) : pid_(pid), output_(std::move(output)) {}

  pid_t pid_ = 0;  // 0 when it has been waited for
  Fd output_;
};

// Runs a command to its end, and returns the time from before the fork to after the wait. Errors:
// those of Wait.
absl::StatusOr<absl::Duration> Time(const Command& command);

struct MemoryUse {
  double resident_mb = 0;      // VmRSS: shared pages counted in full
  double proportional_mb = 0;  // Pss: shared pages divided among those who share them
};
absl::StatusOr<MemoryUse> ReadMemoryUse(pid_t pid);

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_PROCESS_H_
