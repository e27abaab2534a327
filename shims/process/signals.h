// Signals as a descriptor.
#ifndef ZBROKER_SHIMS_PROCESS_SIGNALS_H_
#define ZBROKER_SHIMS_PROCESS_SIGNALS_H_

#include <signal.h>

#include <optional>

#include "client/base/fd.h"

namespace zbroker::process {

// Blocks what a wrapper has to pass on, and queues it on a descriptor. Make it before any thread
// exists, so that all of them inherit the mask. Job control (SIGTSTP and kin) is left alone: the
// terminal stops and continues the whole group, and the slot stays held.
class Signals {
 public:
  Signals();

  int fd() const { return fd_.get(); }

  struct Arrived {
    int signal = 0;
    // The terminal has sent it to the whole process group, so the child has it already.
    bool from_terminal = false;
  };
  // Empty when none is queued.
  std::optional<Arrived> Next();

  // In the child, before exec: everything as the caller of zlease had it.
  void RestoreInChild() const;
  // The same for a process that the terminal's user does not know of: what the keyboard or a
  // hang-up sends to the group does not reach it. It must not take these signals by a descriptor.
  void RestoreInServant() const;

  // Ends this process as if `signal` had hit it in the first place, without a core file of our own.
  [[noreturn]] void DieBy(int signal) const;

 private:
  sigset_t original_mask_;
  struct sigaction original_pipe_ {};
  Fd fd_;
};

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_SIGNALS_H_
