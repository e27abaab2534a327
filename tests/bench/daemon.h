// A zbrokerd of our own.
#ifndef ZBROKER_TESTS_BENCH_DAEMON_H_
#define ZBROKER_TESTS_BENCH_DAEMON_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/bench/process.h"
#include "tests/bench/settings.h"

namespace zbroker::bench {

// Killed with SIGKILL when this is destroyed; its state directory stays. Move-only.
class Daemon {
 public:
  // Starts zbrokerd on the state directory `name`, made if absent, and returns when it has answered
  // a GetStatus. `config` is TOML. Errors: what it said last on standard error.
  static absl::StatusOr<Daemon> Start(const Settings& settings, const std::string& name,
                                      absl::string_view config);

  pid_t pid() const { return child_.pid(); }
  const std::string& state_dir() const { return state_dir_; }
  const std::string& socket() const { return socket_; }
  // What makes zlease and zctl talk to it.
  std::vector<std::string> environment() const;
  // From before the fork to the first answer.
  absl::Duration start_time() const { return start_time_; }

  // SIGTERM: it writes what is left and closes the ledger.
  absl::Status End();

 private:
  Daemon(Child child, std::string state_dir)
      : child_(std::move(child)),
        state_dir_(std::move(state_dir)),
        socket_(state_dir_ + "/broker.sock") {}

  absl::Status AwaitAnswer() const;

  Child child_;
  std::string state_dir_;
  std::string socket_;
  absl::Duration start_time_;
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_DAEMON_H_
