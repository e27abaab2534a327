// A gateway of our own, for as long as one command runs.
#ifndef ZBROKER_SHIMS_ZLEASE_GATEWAY_H_
#define ZBROKER_SHIMS_ZLEASE_GATEWAY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "client/base/fd.h"
#include "shims/process/child.h"
#include "shims/process/signals.h"
#include "shims/process/spawn.h"

namespace zbroker::zlease {

// The process, in our process group, and started again on the same URL if it ends too early: the
// command can't be told of another. Tried again only so often, as what ends it may be there to
// stay.
//
// The socket on which it listens is ours, and each process gets it handed over. So nobody else can
// have the port while the command runs: requests would go to whoever has it, with key and token.
// What connects while no process runs waits for the next one; when none will come, we hang up.
class Gateway : public process::Companion {
 public:
  // How the start went: one of the three.
  struct Started {
    std::unique_ptr<Gateway> gateway;
    int signal = 0;  // a signal came first
    absl::Status status;
  };
  // `command` is the program with all arguments but where to listen, `variables` are put into its
  // environment. Blocks until it listens, at most for ten seconds. What it has to say at the start
  // is on our standard error.
  static Started Start(std::vector<std::string> command, process::Variables variables,
                       process::Signals& signals);

  // Ends it: politely, and after three seconds by force.
  ~Gateway() override;

  // Its base URL, without a slash at the end.
  const std::string& url() const { return url_; }

  // Whether a request of the command has come through.
  bool served() const;

  int fd() const override { return stays_down_ ? listener_.get() : process_.pidfd.get(); }
  BootTime due() const override { return due_; }
  void Attend(BootTime now) override;

 private:
  Gateway(std::vector<std::string> command, process::Variables variables,
          const process::Signals& signals);

  absl::Status Run(int output);
  // Takes the token from the URL that the first one has said.
  absl::Status Adopt(const std::string& line);
  // The process has ended: plans the next try.
  void PlanRestart(int wait_status, BootTime now);
  // Now, or, when the command has the terminal, once it has ended.
  void Tell(const std::string& text);

  const std::vector<std::string> command_;
  process::Variables variables_;
  const process::Signals& signals_;
  const bool on_terminal_;

  std::string url_;
  Fd listener_;
  Fd served_;                 // an event descriptor, which each process tells of its first request
  process::Spawned process_;  // pid -1: none runs
  BootTime started_;
  BootTime due_ = BootTime::InfiniteFuture();
  int failures_ = 0;  // in a row
  bool stays_down_ = false;
  std::vector<std::string> untold_;
};

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_GATEWAY_H_
