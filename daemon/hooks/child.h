// A program that is given some text and has to end in time.
#ifndef ZBROKER_DAEMON_HOOKS_CHILD_H_
#define ZBROKER_DAEMON_HOOKS_CHILD_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "client/base/fd.h"

namespace zbroker::hooks {

// Runs in a process group of its own, with the daemon's environment, `input` on standard input, and
// the daemon's standard error as both outputs. Move-only. Not thread-safe.
class Child {
 public:
  // What fits into a pipe without anybody reading.
  static constexpr size_t kInputMax = 32 << 10;

  // It is killed, with its group, once it is past the deadline. Errors: why it can't be started,
  // INVALID_ARGUMENT when the input is too large.
  static absl::StatusOr<Child> Start(const std::vector<std::string>& command,
                                     const std::string& input, BootTime deadline);
  Child(Child&&) noexcept = default;
  Child& operator=(Child&&) noexcept = default;

  // Readable when it has ended.
  int fd() const { return end_.get(); }
  BootTime deadline() const { return deadline_; }

  // How it ended: not OK says why it is no success. Empty: it still runs, and is killed if its time
  // is over.
  std::optional<absl::Status> Look(BootTime now);

 private:
  Child(pid_t pid, Fd end, BootTime deadline)
      : pid_(pid), end_(std::move(end)), deadline_(deadline) {}

  pid_t pid_ = 0;
  Fd end_;  // a pidfd
  BootTime deadline_;
  bool killed_ = false;
};

}  // namespace zbroker::hooks

#endif  // ZBROKER_DAEMON_HOOKS_CHILD_H_
