// The daemon, its programs and its configuration.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "shims/doctor/rule_parts.h"

namespace zbroker::doctor {
namespace {

using State = DaemonFacts::State;

std::string DaemonName(pid_t pid) {
  return pid > 0 ? absl::StrCat("zbrokerd (pid ", pid, ")") : "zbrokerd";
}

std::string RestartDaemon(const DaemonFacts& daemon) {
  if (absl::StartsWith(daemon.service, "systemctl --user")) {
    return "systemctl --user restart zbrokerd";
  }
  if (absl::StartsWith(daemon.service, "systemctl")) return "sudo systemctl restart zbrokerd";
  // Whoever needs one starts the next; what is held survives it.
  return daemon.pid > 0 ? absl::StrCat("kill ", daemon.pid) : "zctl status";
}

// Before the first use there is no state directory.
bool IsInUse(const Facts& facts) {
  return std::ranges::any_of(facts.directories, [](const DirectoryFacts& one) {
    return one.is_own && one.owner.has_value();
  });
}

void FindWhetherItAnswers(const Facts& facts, Findings& out) {
  const DaemonFacts& daemon = facts.daemon;
  const std::string name = DaemonName(daemon.pid);
  const auto pid = absl::StrCat(daemon.pid);
  switch (daemon.state) {
    case State::kDown:
      if (!daemon.service.empty()) {
        out.push_back(Make(Id::kServiceDown, "zbrokerd", {daemon.service}));
      } else if (IsInUse(facts)) {
        out.push_back(Make(Id::kDaemonDown, "zbrokerd"));
      } else {
        out.push_back(Make(Id::kNotInUse, "zbroker",
                           {facts.config.has_file ? "zlease claude" : "zctl init"}));
      }
      break;
    case State::kSilent:
      if (daemon.stopped) {
        out.push_back(Make(Id::kDaemonStopped, name, {pid}));
      } else {
        out.push_back(Make(Id::kDaemonSilent, name, {daemon.trouble, RestartDaemon(daemon)}));
      }
      break;
    case State::kRefuses:
      out.push_back(Make(Id::kDaemonRefuses, ShellWord(daemon.socket), {daemon.trouble}));
      break;
    case State::kUnknown:
    case State::kAnswers:
      break;
  }
}

void FindVersions(const Facts& facts, Findings& out) {
  const DaemonFacts& daemon = facts.daemon;
  const std::string& version = daemon.status.daemon().version();
  if (daemon.state == State::kAnswers && version != facts.version) {
    out.push_back(Make(Id::kVersionDiffers, DaemonName(daemon.pid),
                       {version, facts.version, RestartDaemon(daemon)}));
  } else if (daemon.replaced) {
    out.push_back(Make(Id::kProgramReplaced, DaemonName(daemon.pid), {RestartDaemon(daemon)}));
  }
  for (const GatewayFacts& one : facts.gateways) {
    const std::string name = GatewayName(one.record);
    if (!one.record.version.empty() && one.record.version != facts.version) {
      out.push_back(Make(Id::kVersionDiffers, name,
                         {one.record.version, facts.version, RestartGateway(facts, one.record)}));
    } else if (one.replaced) {
      out.push_back(Make(Id::kProgramReplaced, name, {RestartGateway(facts, one.record)}));
    }
  }
}

}  // namespace

void FindInDaemon(const Facts& facts, Findings& out) {
  FindWhetherItAnswers(facts, out);
  const v1::DaemonStatus& status = facts.daemon.status.daemon();
  if (!status.ledger_error().empty()) {
    out.push_back(
        Make(Id::kLedgerUnwritable, ShellWord(status.state_dir()), {status.ledger_error()}));
  }
  // The one that a daemon was told to load may be mended, or be another than the one that is found.
  const std::string& mistake =
      facts.config.mistake.empty() ? status.config_error() : facts.config.mistake;
  if (!mistake.empty()) {
    const std::string& file = facts.config.file.empty() ? status.config_file() : facts.config.file;
    out.push_back(Make(Id::kConfigMistake, file, {mistake}));
  }
  FindVersions(facts, out);
  for (int i = 0; i < facts.daemon.hooks.hooks_size(); ++i) {
    const v1::Hook& hook = facts.daemon.hooks.hooks(i);
    if (hook.trouble().empty()) continue;
    const std::string name =
        absl::StrCat(i + 1, " (", hook.run().empty() ? hook.url() : hook.run(), ")");
    out.push_back(Make(Id::kHookFails, name, {hook.trouble(), absl::StrJoin(hook.on(), ",")}));
  }
}

}  // namespace zbroker::doctor
