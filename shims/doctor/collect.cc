#include "shims/doctor/collect.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/duration.h"
#include "client/base/paths.h"
#include "shims/doctor/looks.h"
#include "shims/doctor/rules.h"

namespace zbroker::doctor {
namespace {

// For the daemon's answer, which comes within milliseconds unless the machine is very busy.
constexpr absl::Duration kAnswerTimeMax = absl::Seconds(30);

Deadline After(absl::Duration length) {
  return std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(length);
}

class Collector {
 public:
  explicit Collector(const CollectOptions& options)
      : options_(options),
        // What others build on is to leave them time.
        first_deadline_(After(options.timeout / 2)),
        deadline_(After(options.timeout)) {}

  Facts Run() {
    facts_.now = absl::Now();
    facts_.zone = absl::LocalTimeZone();
    facts_.version = ZBROKER_VERSION;
    facts_.user = geteuid();
    FindBadVariables();
    LookAtAllThatIsThere();
    const std::string& theirs = facts_.daemon.status.daemon().state_dir();
    const std::string& directory = theirs.empty() ? state_directory_ : theirs;
    Look<CheckSeen> check(
        [directory, config = facts_.daemon.status.daemon().config_file(), deadline = deadline_] {
          return directory.empty() ? CheckSeen() : RunCheck(directory, config, deadline);
        });
    if (directory != state_directory_) AddDirectory(directory, false);
    FindConnections();
    // It ends by itself then, a moment later.
    auto seen = check.Take(deadline_ + std::chrono::milliseconds(500));
    if (!seen) seen = ParseCheck("", true);
    AddCheck(*std::move(seen), directory);
    return std::move(facts_);
  }

 private:
  void FindBadVariables() {
    state_directory_ = StateDirectory().value_or("");
    const auto note = [&](const absl::Status& status) {
      if (!status.ok()) facts_.bad_variables.emplace_back(status.message());
    };
    note(StateDirectory().status());
    if (StateDirectory().ok()) note(SocketPath().status());
  }

  void Late(absl::string_view what, absl::string_view fix = "") {
    facts_.failed.push_back(
        {std::string(what),
         absl::StrCat("it took longer than ", zbroker::FormatDuration(options_.timeout / 2)),
         std::string(fix)});
  }

  absl::Duration Patience() const { return std::min(kAnswerTimeMax, options_.timeout * 2 / 5); }

  void LookAtAllThatIsThere() {
    Look<DaemonFacts> daemon([patience = Patience()] { return LookAtDaemon(patience); });
    Look<GatewaysSeen> gateways([] { return LookAtGateways(); });
    Look<ToolsSeen> tools([] { return LookAtTools(); });
    Look<ConfigFacts> config([] { return LookAtConfig(); });
    AddDirectory(state_directory_, true);
    if (auto seen = daemon.Take(first_deadline_)) {
      facts_.daemon = *std::move(seen);
      NoteHolders(facts_.daemon.status);
    } else {
      Late("the daemon");
    }
    if (auto seen = gateways.Take(first_deadline_)) {
      facts_.gateways = std::move(seen->gateways);
      facts_.listeners = std::move(seen->listeners);
    } else {
      Late("the gateways");
    }
    if (auto seen = tools.Take(first_deadline_)) {
      facts_.tools = std::move(seen->tools);
      facts_.environment = std::move(seen->environment);
      facts_.has_gateway_service = seen->has_gateway_service;
    } else {
      Late("the tools' settings", "zctl setup");
    }
    if (auto seen = config.Take(first_deadline_)) {
      facts_.config = *std::move(seen);
    } else {
      Late("the configuration");
    }
  }

  void AddDirectory(const std::string& path, bool is_own) {
    if (path.empty()) return;
    Look<DirectoryFacts> look([path, is_own] { return LookAtDirectory(path, is_own); });
    if (auto seen = look.Take(first_deadline_)) {
      facts_.directories.push_back(*std::move(seen));
    } else {
      Late(path, absl::StrCat("df -h ", ShellWord(path)));
    }
  }

  void NoteHolders(const v1::Status& status) {
    for (const v1::AccountStatus& account : status.accounts()) {
      for (const v1::LeaseInfo& lease : account.leases()) {
        // What a gateway holds covers what goes through it alone.
        if (lease.holder().via().empty()) facts_.lease_holders.insert(lease.holder().pid());
      }
    }
  }

  std::vector<Target> FindTargets() {
    std::vector<Url> upstreams = KnownUpstreams(facts_);
    upstreams.insert(upstreams.end(), options_.upstreams.begin(), options_.upstreams.end());
    using Resolved = absl::StatusOr<std::vector<Target>>;
    std::vector<std::pair<HostAndPort, Look<Resolved>>> looks;
    for (const Url& url : upstreams) {
      const auto host = HostOf(url);
      if (!host.ok()) continue;
      looks.emplace_back(*host, Look<Resolved>([host = *host] { return Resolve(host); }));
    }
    std::vector<Target> targets;
    for (auto& [host, look] : looks) {
      const std::string what = absl::StrCat("the programs connected to ", host.text());
      auto resolved = look.Take(Deadline(deadline_ - std::chrono::milliseconds(500)));
      if (!resolved) {
        facts_.failed.push_back({what, "its name was not resolved in time", ""});
      } else if (!resolved->ok()) {
        facts_.failed.push_back({what, std::string(resolved->status().message()), ""});
      } else {
        targets.insert(targets.end(), (*resolved)->begin(), (*resolved)->end());
      }
    }
    return targets;
  }

  void FindConnections() {
    const std::vector<Target> targets = FindTargets();
    if (targets.empty()) return;
    Look<std::vector<ConnectionFacts>> look([targets] { return LookAtConnections(targets); });
    auto seen = look.Take(deadline_);
    if (!seen) return Late("the programs connected to the upstream");
    facts_.connections = *std::move(seen);
    if (facts_.connections.empty() || facts_.daemon.state != DaemonFacts::State::kAnswers) return;
    // A lease may have been granted since.
    Look<DaemonFacts> again([patience = Patience()] { return LookAtDaemon(patience); });
    if (const auto daemon = again.Take(deadline_)) NoteHolders(daemon->status);
  }

  void AddCheck(CheckSeen seen, const std::string& directory) {
    facts_.ledger = std::move(seen.ledger);
    facts_.ledger.directory = directory;
    facts_.config.mistake = std::move(seen.config_mistake);
    if (!seen.config_unread.empty()) {
      facts_.failed.push_back({"the configuration", std::move(seen.config_unread), ""});
    }
  }

  const CollectOptions& options_;
  const Deadline first_deadline_;
  const Deadline deadline_;
  std::string state_directory_;
  Facts facts_;
};

}  // namespace

Facts Collect(const CollectOptions& options) { return Collector(options).Run(); }

}  // namespace zbroker::doctor
