#include "shims/process/signals.h"

#include <sys/resource.h>
#include <sys/signalfd.h>

namespace zbroker::process {

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM}) {
    // What the caller ignores, as nohup does, stays ignored: while blocked it would arrive.
    struct sigaction present {};
    if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN) continue;
    sigaddset(&set, signal);
  }
  sigprocmask(SIG_BLOCK, &set, &original_mask_);
  // A reader of our stderr that has gone away must not end the command's wrapper.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &original_pipe_);
  fd_ = Fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

std::optional<Signals::Arrived> Signals::Next() {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != ssize_t{sizeof info}) return std::nullopt;
  const int signal = static_cast<int>(info.ssi_signo);
  // Of a terminal that hangs up only the leader of the session hears, which may be us; and to hear
  // of it twice does no harm.
  return Arrived{signal, info.ssi_code == SI_KERNEL && signal != SIGHUP};
}

void Signals::RestoreInChild() const {
  sigaction(SIGPIPE, &original_pipe_, nullptr);
  sigprocmask(SIG_SETMASK, &original_mask_, nullptr);
}

void Signals::RestoreInServant() const {
  sigaction(SIGPIPE, &original_pipe_, nullptr);
  sigset_t mask = original_mask_;
  for (const int signal : {SIGINT, SIGQUIT, SIGHUP}) {
    // Blocked too, as the program may have a handler for when it is started by hand.
    ::signal(signal, SIG_IGN);
    sigaddset(&mask, signal);
  }
  sigprocmask(SIG_SETMASK, &mask, nullptr);
}

void Signals::DieBy(int signal) const {
  const rlimit no_core{};
  setrlimit(RLIMIT_CORE, &no_core);
  ::signal(signal, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  raise(signal);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  _exit(128 + signal);  // a signal that does not end processes
}

}  // namespace zbroker::process
