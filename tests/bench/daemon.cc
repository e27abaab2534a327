#include "tests/bench/daemon.h"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "tests/bench/samples.h"

namespace zbroker::bench {
namespace {

constexpr absl::Duration kStartTimeMax = absl::Seconds(20);
// Small beside the fastest start.
constexpr absl::Duration kPause = absl::Microseconds(500);

std::string LastLine(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) last = line;
  return last;
}

}  // namespace

absl::StatusOr<Daemon> Daemon::Start(const Settings& settings, const std::string& name,
                                     absl::string_view config) {
  const std::string state_dir = settings.Path(name);
  std::error_code error;
  std::filesystem::create_directory(state_dir, error);
  std::filesystem::permissions(state_dir, std::filesystem::perms::owner_all, error);
  const std::string config_file = absl::StrCat(state_dir, "/config.toml");
  const std::string log = absl::StrCat(state_dir, "/log");
  std::ofstream(config_file) << config;

  const Instant begin = ReadClock();
  ZB_ASSIGN_OR_RETURN(
      Child child,
      Child::Start({.arguments = {settings.Binary("zbrokerd"), "--state-dir", state_dir, "--socket",
                                  absl::StrCat(state_dir, "/broker.sock"), "--config", config_file},
                    .log = log}));
  Daemon daemon(std::move(child), state_dir);
  if (const absl::Status status = daemon.AwaitAnswer(); !status.ok()) {
    return Annotate(status, absl::StrCat(settings.Binary("zbrokerd"), " (", LastLine(log), ")"));
  }
  daemon.start_time_ = Between(begin, ReadClock());
  return daemon;
}

absl::Status Daemon::AwaitAnswer() const {
  const Instant begin = ReadClock();
  for (;;) {
    const auto client =
        broker::ControlClient::Connect({.socket_path = socket_, .start_daemon = false});
    absl::Status status = client.status();
    if (client.ok()) status = (*client)->GetStatus("").status();
    if (status.ok()) return status;
    if (Between(begin, ReadClock()) > kStartTimeMax) return status;
    absl::SleepFor(kPause);
  }
}

std::vector<std::string> Daemon::environment() const {
  return {absl::StrCat("ZBROKER_SOCKET=", socket_), absl::StrCat("ZBROKER_STATE_DIR=", state_dir_)};
}

absl::Status Daemon::End() {
  child_.Signal(SIGTERM);
  return child_.Wait();
}

}  // namespace zbroker::bench
