#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/broker/control_client.h"
#include "client/broker/daemon_starter.h"
#include "shims/doctor/looks.h"
#include "shims/doctor/process_files.h"

namespace zbroker::doctor {
namespace {

using State = DaemonFacts::State;

// The command that shows the service which is to run the daemon; empty: whoever needs one starts
// it.
std::string ServiceOf(const std::string& socket, const std::string& state_directory) {
  if (socket == kSystemSocket) return "systemctl status zbrokerd";
  const auto marker = tools::Surroundings::OfProcess()->ReadFile(
      absl::StrCat(state_directory, "/", broker::kServiceMarker));
  if (!marker.ok()) return "";
  const std::vector<std::string> lines = absl::StrSplit(*marker, '\n');
  return lines[0].empty() ? "systemctl --user status zbrokerd" : lines[0];
}

// By the file that it has locked.
pid_t PidInLock(const std::string& state_directory) {
  const auto text =
      tools::Surroundings::OfProcess()->ReadFile(absl::StrCat(state_directory, "/zbrokerd.lock"));
  const pid_t pid = text.ok() ? atoi(text->c_str()) : 0;
  const auto process = ReadProcessStat(pid);
  return process && process->alive() && process->name == "zbrokerd" ? pid : 0;
}

void Ask(absl::Duration patience, DaemonFacts& daemon) {
  const auto client = broker::ControlClient::Connect(
      {.socket_path = daemon.socket, .start_daemon = false, .timeout = patience});
  if (!client.ok()) {
    daemon.state = absl::IsUnavailable(client.status()) ? State::kDown : State::kRefuses;
    daemon.trouble = std::string(client.status().message());
    return;
  }
  auto status = (*client)->GetStatus("");
  if (status.ok()) {
    daemon.state = State::kAnswers;
    daemon.status = *std::move(status);
    daemon.pid = daemon.status.daemon().pid();
    if (auto hooks = (*client)->ListHooks(); hooks.ok()) daemon.hooks = *std::move(hooks);
    return;
  }
  daemon.state = State::kSilent;
  daemon.trouble = std::string(status.status().message());
}

}  // namespace

DaemonFacts LookAtDaemon(absl::Duration patience) {
  DaemonFacts daemon;
  const std::string state_directory = StateDirectory().value_or("");
  const auto socket = SocketPath();
  if (!socket.ok()) return daemon;
  daemon.socket = *socket;
  daemon.service = ServiceOf(daemon.socket, state_directory);
  Ask(patience, daemon);
  if (daemon.pid == 0) daemon.pid = PidInLock(state_directory);
  const auto process = ReadProcessStat(daemon.pid);
  daemon.stopped = process && process->stopped();
  daemon.replaced = process && IsReplaced(daemon.pid, "zbrokerd");
  return daemon;
}

}  // namespace zbroker::doctor
