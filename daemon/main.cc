// zbrokerd: owns one account's slots and its ledger.
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/clock.h"
#include "client/base/container.h"
#include "client/base/deadlock_detection.h"
#include "client/base/descriptors.h"
#include "client/base/inherited_socket.h"
#include "client/base/log.h"
#include "client/base/paths.h"
#include "client/base/start_report.h"
#include "client/base/status.h"
#include "daemon/caretaker.h"
#include "daemon/check.h"
#include "daemon/config/load.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/home.h"
#include "daemon/hooks/runner.h"
#include "daemon/reloader.h"
#include "daemon/rpc/server.h"
#include "daemon/rpc/translate.h"
#include "daemon/service_manager.h"
#include "daemon/settings_report.h"
#include "daemon/socket_file.h"

namespace zbroker {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

struct Flags {
  std::string config;
  std::string state_dir;
  std::string socket;
  bool check = false;
  std::string check_config;
  bool print_config = false;
};

struct Configuration {
  core::BrokerConfig config;
  v1::ConfigReport report;  // of it
};

// Everything that must be right before the first client is served.
struct Setup {
  Whereabouts whereabouts;
  Configuration configuration;
  std::optional<engine::Home> home;
  std::optional<SocketFile> socket_file;  // empty when a service manager made the socket
  Fd socket;
};

std::string ConfigFile(const Flags& flags) {
  return flags.config.empty() ? ConfigPath() : flags.config;
}

absl::StatusOr<std::string> StateDirectoryOf(const Flags& flags) {
  if (!flags.state_dir.empty()) return flags.state_dir;
  return StateDirectory();
}

absl::StatusOr<std::string> SocketPathOf(const Flags& flags) {
  if (!flags.socket.empty()) return flags.socket;
  if (!flags.state_dir.empty() && getenv("ZBROKER_SOCKET") == nullptr) {
    return absl::StrCat(flags.state_dir, "/broker.sock");
  }
  return SocketPath();
}

config::Origin OriginOf(const std::string& flag, const char* variable) {
  if (!flag.empty()) return config::Origin::kCommandLine;
  const char* const value = getenv(variable);
  return value == nullptr || *value == '\0' ? config::Origin::kDefault
                                            : config::Origin::kEnvironment;
}

absl::StatusOr<Whereabouts> FindWhereabouts(const Flags& flags) {
  Whereabouts found;
  found.config_file = {ConfigFile(flags), OriginOf(flags.config, "ZBROKER_CONFIG")};
  ZB_ASSIGN_OR_RETURN(found.state_dir.path, StateDirectoryOf(flags));
  found.state_dir.origin = OriginOf(flags.state_dir, "ZBROKER_STATE_DIR");
  ZB_ASSIGN_OR_RETURN(found.socket.path, SocketPathOf(flags));
  found.socket.origin = OriginOf(flags.socket, "ZBROKER_SOCKET");
  return found;
}

absl::StatusOr<Configuration> ReadConfiguration(const Whereabouts& whereabouts) {
  ZB_ASSIGN_OR_RETURN(config::Loaded loaded,
                      config::LoadWithSettings(whereabouts.config_file.path));
  v1::ConfigReport report = ReportOf(whereabouts, loaded.settings);
  return Configuration{std::move(loaded.config), std::move(report)};
}

absl::StatusOr<Setup> Prepare(const Flags& flags) {
  Setup setup;
  ZB_ASSIGN_OR_RETURN(setup.whereabouts, FindWhereabouts(flags));
  ZB_ASSIGN_OR_RETURN(setup.configuration, ReadConfiguration(setup.whereabouts));
  ZB_ASSIGN_OR_RETURN(setup.home, engine::Home::Take(setup.whereabouts.state_dir.path));
  setup.socket = TakeInheritedSocket();
  if (setup.socket.valid()) return setup;
  ZB_ASSIGN_OR_RETURN(setup.socket_file, SocketFile::Reserve(setup.whereabouts.socket.path));
  return setup;
}

sigset_t HandledSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&set, signal);
  return set;
}

// Somebody may want to hear of it.
void TellOf(engine::Engine& engine, core::Note note) {
  engine.Post(core::Command(std::move(note))).IgnoreError();
}

v1::HookList ListHooks(const hooks::Runner& runner) {
  v1::HookList list;
  for (const hooks::HookState& state : runner.States()) {
    v1::Hook* out = list.add_hooks();
    for (const core::HappeningKind kind : state.config.on) {
      out->add_on(std::string(core::Name(kind)));
    }
    out->set_run(state.config.run);
    out->set_url(state.config.url);
    out->set_told(state.told);
    out->set_failed(state.failed);
    if (state.trouble.empty()) continue;
    out->set_trouble(state.trouble);
    *out->mutable_trouble_at() = rpc::ToProto(state.trouble_at);
  }
  return list;
}

void NoteReload(const v1::ConfigReport& report, const absl::Status& status,
                rpc::DaemonFacts& facts) {
  if (status.ok()) {
    facts.SetConfig(report);
    LogInfo("configuration reloaded from ",
            report.config_file().empty() ? "built-in defaults" : report.config_file());
  } else {
    facts.SetConfigError(std::string(status.message()));
    LogError("configuration not reloaded, the old one stays: ", status.message());
  }
}

// Returns when the daemon is to end. Errors: why it has to.
absl::Status Serve(Caretaker& caretaker, Reloader& reloader) {
  const sigset_t signals = HandledSignals();
  const timespec second = absl::ToTimespec(Caretaker::kInterval);
  const Clock& clock = Clock::System();
  for (BootTime look_at = clock.Read().boot;;) {
    const int signal = sigtimedwait(&signals, nullptr, &second);
    if (signal == SIGTERM || signal == SIGINT) return absl::OkStatus();
    if (signal == SIGHUP) reloader.Request([](const absl::Status&) {});
    if (const BootTime now = clock.Read().boot; now >= look_at) {
      look_at = now + Caretaker::kInterval;
      caretaker.Look();
    }
    ZB_RETURN_IF_ERROR(caretaker.MayStay());
  }
}

absl::Status Run(const Flags& flags) {
  ZB_ASSIGN_OR_RETURN(Setup setup, Prepare(flags));
  const Clock& clock = Clock::System();
  const std::string ledger_path = absl::StrCat(setup.home->path(), "/ledger.db");
  ZB_ASSIGN_OR_RETURN(
      const auto engine,
      engine::Engine::Start({.ledger_path = ledger_path, .config = setup.configuration.config},
                            clock));
  rpc::DaemonFacts facts({.started = clock.Read().wall,
                          .socket = setup.whereabouts.socket.path,
                          .state_dir = setup.home->path(),
                          .in_container = IsInContainer()});
  facts.SetConfig(setup.configuration.report);
  // Only now: whoever finds the socket finds a broker that remembers.
  if (setup.socket_file) {
    ZB_ASSIGN_OR_RETURN(setup.socket, setup.socket_file->Listen());
  }
  ZB_ASSIGN_OR_RETURN(
      const auto hooks,
      hooks::Runner::Start({.ledger_path = ledger_path,
                            .url_command = {absl::StrCat(ExecutableDirectory(), "/zbroker-hook")},
                            .json = rpc::EventJson,
                            .told =
                                [raw = engine.get()](uint64_t event) {
                                  raw->Post(core::Command(core::HooksTold{event})).IgnoreError();
                                },
                            .hooks = setup.configuration.config.hooks},
                           engine->events(), clock));
  // The file is looked for at each reload: there may have been none at the start.
  const auto read_again = [&]() -> absl::StatusOr<Configuration> {
    Whereabouts whereabouts = setup.whereabouts;
    whereabouts.config_file.path = ConfigFile(flags);
    auto read = ReadConfiguration(whereabouts);
    if (!read.ok()) return absl::FailedPreconditionError(read.status().message());
    return read;
  };
  v1::ConfigReport report;  // of what was read last
  Reloader reloader(
      [&]() -> absl::StatusOr<core::BrokerConfig> {
        auto read = read_again();
        if (read.ok()) {
          report = std::move(read->report);
          return std::move(read->config);
        }
        NoteReload({}, read.status(), facts);
        TellOf(*engine,
               {core::HappeningKind::kConfigError, {{"", std::string(read.status().message())}}});
        return read.status();
      },
      [&](core::BrokerConfig config, const Reloader::Done& done) {
        const auto finish = [&facts, &hooks, report, told = config.hooks,
                             done](const absl::Status& status) {
          NoteReload(report, status, facts);
          if (status.ok()) hooks->Configure(told);
          done(status);
        };
        const absl::Status posted = engine->Reload(std::move(config), finish);
        if (!posted.ok()) finish(posted);
      });
  ZB_ASSIGN_OR_RETURN(
      auto server,
      rpc::Server::Start({.socket = std::move(setup.socket),
                          .ledger_path = ledger_path,
                          .reload = [&](Reloader::Done done) { reloader.Request(std::move(done)); },
                          .check_reload = [&]() -> absl::StatusOr<v1::ConfigReport> {
                            ZB_ASSIGN_OR_RETURN(Configuration read, read_again());
                            return std::move(read.report);
                          },
                          .hooks = [&hooks] { return ListHooks(*hooks); }},
                         *engine, facts, clock));
  LogInfo("zbrokerd ", ZBROKER_VERSION, " (pid ", getpid(), ") serves on ",
          setup.whereabouts.socket.path, ", ledger ", ledger_path);
  if (IsInContainer()) {
    LogWarning(
        "this is a container: programs outside of it can't be seen; a killed one's slot is "
        "free only after reclaim_grace");
  }
  NotifyServiceManager("READY=1");
  Caretaker caretaker(*setup.home, setup.socket_file ? &*setup.socket_file : nullptr, *engine,
                      *server, clock);
  const absl::Status status = Serve(caretaker, reloader);
  LogInfo("going down");
  NotifyServiceManager("STOPPING=1");
  server->StopAccepting();
  if (setup.socket_file) setup.socket_file->Remove();
  // What it has told of, the engine notes.
  hooks->Stop();
  engine->Stop();
  server.reset();
  LogInfo("ended");
  return status;
}

int CheckConfig(const std::string& file) {
  if (const auto config = config::LoadConfig(file); !config.ok()) {
    std::cerr << config.status().message() << "\n";
    return kExitFailure;
  }
  std::cout << file << ": valid\n";
  return 0;
}

// For zctl, where no daemon runs.
int PrintConfig(const Flags& flags) {
  const auto whereabouts = FindWhereabouts(flags);
  const auto read = whereabouts.ok() ? ReadConfiguration(*whereabouts)
                                     : absl::StatusOr<Configuration>(whereabouts.status());
  if (!read.ok()) {
    std::cerr << read.status().message() << "\n";
    return kExitFailure;
  }
  std::cout << ToJson(read->report) << "\n";
  return 0;
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
  app.add_flag("--check", flags.check,
               "Say what is wrong with configuration and ledger, and end: also beside a daemon\n"
               "that runs, as nothing is changed. Exit code 1: something is wrong");
  app.add_option("--check-config", flags.check_config,
                 "Only check this configuration file: exit status 1, and what is wrong with it,\n"
                 "if it is not valid")
      ->type_name("FILE");
  app.add_flag("--print-config", flags.print_config,
               "Print the configuration that a daemon started like this would have, as JSON");
  app.footer(
      "Examples:\n  zbrokerd\n  zbrokerd --state-dir /tmp/try --config ./config.toml\n"
      "  zbrokerd --check");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (flags.check) {
    const auto state_dir = StateDirectoryOf(flags);
    if (state_dir.ok()) return Check(ConfigFile(flags), *state_dir, std::cout) ? 0 : kExitFailure;
    LogError(state_dir.status().message());
    return kExitFailure;
  }
  if (!flags.check_config.empty()) return CheckConfig(flags.check_config);
  if (flags.print_config) return PrintConfig(flags);
  const StartReport report = StartReport::FromEnvironment();
  // Before any thread exists, so that all of them inherit the mask and sigwait gets the signals.
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file-size limit becomes an error that the ledger reports
  umask(0077);
  // glibc would raise it by itself once a large block was freed, and keep later ones for good.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  SwitchOffDeadlockDetection();
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
