// Programs that tests run.
#ifndef ZBROKER_TESTS_TESTING_PROCESS_H_
#define ZBROKER_TESTS_TESTING_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/base/fd.h"

namespace zbroker::testing {

// The directory of the test program, where all of ours are.
const std::string& BinDirectory();
// The path of one of our programs.
std::string Program(const std::string& name);

// Looks at `condition` every few milliseconds until it holds; false when the time is over.
bool WaitUntil(const std::function<bool()>& condition, absl::Duration timeout = absl::Minutes(1));

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

// A child process whose output is kept. Killed, if it still runs, when destroyed. Move-only.
class Process {
 public:
  struct End {
    int exit_status = -1;  // -1: killed
    int signal = 0;
    std::string out;
    std::string err;
    absl::Duration took;
  };

  // `extra` is added to the environment, in which ours (ZBROKER_*, ZLEASE_*) have been removed.
  static Process Start(const std::vector<std::string>& argv,
                       const EnvironmentVariables& extra = {});
  Process(Process&& other) noexcept = default;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  bool Running() const;
  void Signal(int signal) const;
  std::string Out() const;
  std::string Err() const;

  // Fails the test and kills the process if it does not end in time.
  End Wait(absl::Duration timeout = absl::Seconds(60));

 private:
  Process() = default;

  pid_t pid_ = -1;
  Fd pidfd_;
  Fd out_;
  Fd err_;
  absl::Time begin_;
};

// The memory that a process occupies; 0 when there is no such process.
size_t ResidentBytes(pid_t pid);

// Start and Wait.
Process::End RunProgram(const std::vector<std::string>& argv,
                        const EnvironmentVariables& extra = {});

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_PROCESS_H_
