// zbrokerd: owns one account's slots and its ledger.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/clock.h"
#include "client/base/descriptors.h"
#include "client/base/inherited_socket.h"
#include "client/base/log.h"
#include "client/base/paths.h"
#include "client/base/start_report.h"
#include "client/base/status.h"
#include "client/base/unix_socket.h"
#include "daemon/config/load.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/instance_lock.h"
#include "daemon/rpc/server.h"
#include "daemon/service_manager.h"

namespace zbroker {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

struct Flags {
  std::string config;
  std::string state_dir;
  std::string socket;
};

// Everything that must be right before the first client is served.
struct Setup {
  std::string config_file;
  core::BrokerConfig config;
  std::string state_dir;
  std::string socket_path;
  std::optional<engine::InstanceLock> ledger_lock;
  std::optional<engine::InstanceLock> socket_lock;
  Fd socket;
  bool inherited = false;
};

std::string ConfigFile(const Flags& flags) {
  return flags.config.empty() ? ConfigPath() : flags.config;
}

absl::StatusOr<Setup> Prepare(const Flags& flags) {
  Setup setup;
  setup.config_file = ConfigFile(flags);
  ZB_ASSIGN_OR_RETURN(setup.config, config::LoadConfig(setup.config_file));
  setup.state_dir = flags.state_dir;
  if (setup.state_dir.empty()) {
    ZB_ASSIGN_OR_RETURN(setup.state_dir, StateDirectory());
  }
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(setup.state_dir));
  ZB_ASSIGN_OR_RETURN(setup.ledger_lock,
                      engine::InstanceLock::Take(absl::StrCat(setup.state_dir, "/zbrokerd.lock")));

  setup.socket_path = flags.socket;
  if (setup.socket_path.empty() && !flags.state_dir.empty() &&
      getenv("ZBROKER_SOCKET") == nullptr) {
    setup.socket_path = absl::StrCat(flags.state_dir, "/broker.sock");
  }
  if (setup.socket_path.empty()) {
    ZB_ASSIGN_OR_RETURN(setup.socket_path, SocketPath());
  }
  setup.socket = TakeInheritedSocket();
  setup.inherited = setup.socket.valid();
  if (setup.inherited) return setup;
  ZB_RETURN_IF_ERROR(CheckSocketPath(setup.socket_path));
  const size_t slash = setup.socket_path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    ZB_RETURN_IF_ERROR(PreparePrivateDirectory(setup.socket_path.substr(0, slash)));
  }
  ZB_ASSIGN_OR_RETURN(setup.socket_lock,
                      engine::InstanceLock::Take(absl::StrCat(setup.socket_path, ".lock")));
  return setup;
}

sigset_t HandledSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&set, signal);
  return set;
}

// Reads the file and gives it to the engine; the old configuration stays when it is not valid.
void Reload(const std::string& file, engine::Engine& engine, rpc::DaemonFacts& facts,
            engine::Engine::StatusCallback done) {
  const auto finish = [&facts, file, done = std::move(done)](const absl::Status& status) {
    if (status.ok()) {
      facts.SetConfigFile(file);
      LogInfo("configuration reloaded from ", file.empty() ? "built-in defaults" : file);
    } else {
      facts.SetConfigError(std::string(status.message()));
      LogError("configuration not reloaded, the old one stays: ", status.message());
    }
    done(status);
  };
  auto config = config::LoadConfig(file);
  if (!config.ok()) {
    finish(absl::FailedPreconditionError(config.status().message()));
    return;
  }
  const absl::Status posted = engine.Reload(*std::move(config), finish);
  if (!posted.ok()) finish(posted);
}

absl::Status Run(const Flags& flags) {
  ZB_ASSIGN_OR_RETURN(Setup setup, Prepare(flags));
  const Clock& clock = Clock::System();
  const std::string ledger_path = absl::StrCat(setup.state_dir, "/ledger.db");
  ZB_ASSIGN_OR_RETURN(
      const auto engine,
      engine::Engine::Start({.ledger_path = ledger_path, .config = setup.config}, clock));
  rpc::DaemonFacts facts(
      {.started = clock.Read().wall, .socket = setup.socket_path, .state_dir = setup.state_dir});
  facts.SetConfigFile(setup.config_file);
  // Only now: whoever finds the socket finds a broker that remembers.
  if (!setup.inherited) {
    ZB_ASSIGN_OR_RETURN(setup.socket, ListenUnix(setup.socket_path, 0600));
  }
  const auto reload = [&](engine::Engine::StatusCallback done) {
    // Looked for again: there may have been none at the start.
    Reload(ConfigFile(flags), *engine, facts, std::move(done));
  };
  ZB_ASSIGN_OR_RETURN(auto server, rpc::Server::Start({.socket = std::move(setup.socket),
                                                       .ledger_path = ledger_path,
                                                       .reload = reload},
                                                      *engine, facts, clock));
  LogInfo("zbrokerd ", ZBROKER_VERSION, " (pid ", getpid(), ") serves on ", setup.socket_path,
          ", ledger ", ledger_path);
  NotifyServiceManager("READY=1");

  const sigset_t signals = HandledSignals();
  for (int signal = 0; signal != SIGTERM && signal != SIGINT;) {
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal == SIGHUP) reload([](const absl::Status&) {});
  }
  LogInfo("going down");
  NotifyServiceManager("STOPPING=1");
  server->StopAccepting();
  if (!setup.inherited) RemoveSocket(setup.socket_path);
  engine->Stop();
  server.reset();
  LogInfo("ended");
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app{
      "zbrokerd: leases one AI account's slots to every program on this machine.\n"
      "Runs in the foreground and logs to stderr; SIGHUP reloads the configuration,\n"
      "SIGTERM ends it. Held leases survive a restart.",
      "zbrokerd"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  Flags flags;
  app.add_option("--config", flags.config,
                 "Configuration file (default: $ZBROKER_CONFIG, ~/.config/zbroker/config.toml,\n"
                 "/etc/zbroker/config.toml, else built-in)");
  app.add_option("--state-dir", flags.state_dir,
                 "Ledger, lock, log and default socket (default: $ZBROKER_STATE_DIR,\n"
                 "~/.local/state/zbroker)");
  app.add_option("--socket", flags.socket,
                 "Unix socket to serve on (default: $ZBROKER_SOCKET, broker.sock in the state\n"
                 "directory)");
  app.footer("Examples:\n  zbrokerd\n  zbrokerd --state-dir /tmp/try --config ./config.toml");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  const StartReport report = StartReport::FromEnvironment();
  // Before any thread exists, so that all of them inherit the mask and sigwait gets the signals.
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file-size limit becomes an error that the ledger reports
  umask(0077);
  RaiseDescriptorLimit();
  const absl::Status status = Run(flags);
  if (status.ok()) return 0;
  report.Fail(status);
  LogError(status.message());
  return kExitFailure;
}

}  // namespace
}  // namespace zbroker

int main(int argc, char** argv) { return zbroker::Main(argc, argv); }
