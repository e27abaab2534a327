#include "shims/doctor/finding.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/text.h"

namespace zbroker::doctor {
namespace {

constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;
constexpr Severity kNote = Severity::kNote;

constexpr Kind kKinds[] = {
    {Id::kEnvironmentBad, "environment-bad", kError, "the environment can't be used: $1",
     "unset $0"},

    // The daemon.
    {Id::kDaemonDown, "daemon-down", kWarning,
     "no daemon runs, so nothing is leased; the next program that needs one starts it",
     "zctl status"},
    {Id::kServiceDown, "service-down", kError,
     "no daemon runs, and a service manager is to run it: nothing else starts one", "$1"},
    {Id::kNotInUse, "not-in-use", kNote,
     "nothing of zbroker runs here yet, and nothing is recorded; the first `zlease` starts the "
     "daemon",
     "$1"},
    {Id::kDaemonStopped, "daemon-stopped", kError,
     "$0 is stopped, as by Ctrl-Z or SIGSTOP: nothing is granted", "kill -CONT $1"},
    {Id::kDaemonSilent, "daemon-silent", kError, "$0 takes connections and answers none: $1", "$2"},
    {Id::kDaemonRefuses, "daemon-refuses", kError, "the daemon can't be reached: $1", "ls -l $0"},
    {Id::kLedgerUnwritable, "ledger-unwritable", kError,
     "nothing can be recorded, so nothing is granted: $1", "df -h $0"},
    {Id::kConfigMistake, "config-mistake", kError,
     "the configuration is not valid, and a daemon that starts now refuses it: $1",
     "mend it in $0, then `zctl reload`"},
    {Id::kVersionDiffers, "version-differs", kWarning, "$0 is of version $1, and zctl of $2", "$3"},
    {Id::kProgramReplaced, "program-replaced", kWarning,
     "$0 runs a program that has been replaced on disk since it started", "$1"},

    {Id::kHookFails, "hook-fails", kWarning, "hook $0 is told of events and fails: $1",
     "zctl events --kind $2; what it says is in the daemon's log"},

    // Where it keeps what it knows.
    {Id::kStateForeign, "state-foreign", kError,
     "the state directory $0 belongs to user $1, and you are $2",
     "set HOME or ZBROKER_STATE_DIR to what is yours, or: sudo chown -R $2 $3"},
    {Id::kStateOpen, "state-open", kError,
     "others may write to the state directory $0, so neither daemon nor gateway uses it",
     "chmod go-w $1"},
    {Id::kStateOnNetwork, "state-on-network", kError,
     "the state directory $0 is on a network file system ($1), whose locks SQLite can't rely on: "
     "the ledger may be damaged",
     "name a directory of a local disk with ZBROKER_STATE_DIR, for all programs"},
    {Id::kRoomGone, "room-gone", kError,
     "there is no room where the ledger is, $0 ($1): nothing can be recorded", "df -h $2"},
    {Id::kRoomLow, "room-low", kWarning, "there is little room where the ledger is, $0: $1",
     "df -h $2"},
    {Id::kLedgerDamaged, "ledger-damaged", kError, "the ledger can't be used: $1",
     "stop the daemon, copy $2 and its -wal file aside, then rescue what can be read"},
    {Id::kLedgerUnchecked, "ledger-unchecked", kNote,
     "whether the ledger in $0 is sound could not be told: $1", "$2"},
    {Id::kClockOff, "clock-off", kWarning,
     "this machine's clock is $1 the upstream's, by the answers that $0 had: resets that the "
     "provider names are off by as much",
     "timedatectl set-ntp true"},
    {Id::kClockBehind, "clock-behind", kWarning,
     "the ledger has a lease that is $1 in the future: the clock was ahead then, or is behind now",
     "timedatectl set-ntp true"},
    {Id::kClockStepped, "clock-stepped", kNote,
     "the clock was set $1 since the machine started; windows have run on regardless, and resets "
     "that the provider named before are off by as much if it is wrong now",
     "timedatectl status"},

    // How the account stands with the upstream.
    {Id::kBreaker, "breaker", kError,
     "account $0: the provider demands silence (1313) until $1; trying again prolongs it",
     "leave it alone until then; zctl resume --end-breaker only when the provider has lifted it"},
    {Id::kPlanFault, "plan-fault", kError, "account $0: the plan has expired or lacks $1$2",
     "renew the plan or name another model, then `zctl resume`"},
    {Id::kPlanDiffers, "plan-differs", kWarning,
     "account $0: $1, and the provider's meter $2: quotas are kept to the wrong figures", "$3"},
    {Id::kWall, "wall", kWarning, "account $0: the quota is used up until $1$2", "zctl meter"},
    {Id::kWindowUsedUp, "window-used-up", kWarning, "account $0: window $1 is used up$2, $3",
     "zctl wait --for reset"},
    {Id::kPaused, "paused", kWarning, "account $0: an administrator has paused $1", "$2"},
    {Id::kLimitAtFloor, "limit-at-floor", kWarning,
     "account $0: the learned limit is at its floor, $1, where $2 are configured: $3",
     "zctl limit"},
    {Id::kModelLimitAtFloor, "model-limit-at-floor", kNote,
     "account $0: requests of $1 go one at a time, as learned: $2", "zctl limit"},
    {Id::kShadow, "shadow", kNote, "account $0 is in shadow mode: nothing waits",
     "take `shadow = true` out of the configuration, then `zctl reload`"},
    {Id::kMeterTrouble, "meter-trouble", kNote,
     "account $0: the provider's meter could not be read: $1", "zctl meter"},

    // Gateways and tools.
    {Id::kGatewayOldToken, "gateway-old-token", kWarning,
     "$0 has another token than the one that is kept: tools that are set up from now on can't use "
     "it",
     "$1"},
    {Id::kToolGatewayDown, "tool-gateway-down", kError,
     "no gateway runs on $1, where requests of $0 go", "$2"},
    {Id::kToolGatewayForeign, "tool-gateway-foreign", kError,
     "a program of user $2 listens on $1, where requests of $0 go: it gets keys and prompts", "$3"},
    {Id::kToolOldToken, "tool-old-token", kError,
     "requests of $0 go to a gateway, $1, with a token that is not yours any more: they are "
     "refused",
     "$2"},
    {Id::kWrongEndpoint, "wrong-endpoint", kError,
     "$0 uses the general API, $1, where a coding plan's key is refused (1113)", "$2"},
    {Id::kGeneralEndpoint, "general-endpoint", kWarning,
     "$0 uses the general API, $1: a coding plan's key is refused there (1113)", "$2"},
    {Id::kWrongProtocol, "wrong-protocol", kError,
     "$0 speaks Anthropic's protocol, and $1 does not", "$2"},
    {Id::kNoSuchService, "no-such-service", kError,
     "$0 is pointed at $1, where the provider has no service: every request is answered with 404",
     "$2"},
    {Id::kUrlIgnored, "url-ignored", kWarning, "$1 is set, to no effect on $0$2", "$3"},
    {Id::kSettingsDisagree, "settings-disagree", kWarning, "$0 goes by $1 ($2), and not by $3",
     "$4"},
    {Id::kUpstreamsDiffer, "upstreams-differ", kWarning,
     "requests of $0 go to $1, and those of $2 to $3: slots and windows of one account can't cover "
     "both",
     "$4"},
    {Id::kSettingsUnusable, "settings-unusable", kWarning, "settings of $0 can't be used: $1",
     "mend that, then `zctl setup` shows what is made of it"},
    {Id::kRoundBroker, "round-broker", kWarning,
     "$0 is connected to $1 and goes round the broker: no lease and no gateway covers it$2", "$3"},

    {Id::kLookFailed, "look-failed", kNote, "$0 could not be looked at: $1", "$2"},
};

std::string Fill(absl::string_view format, absl::string_view subject,
                 const std::vector<std::string>& arguments) {
  std::string text;
  for (size_t i = 0; i < format.size(); ++i) {
    const bool is_place =
        format[i] == '$' && i + 1 < format.size() && absl::ascii_isdigit(format[i + 1]);
    if (!is_place) {
      text += format[i];
      continue;
    }
    const auto number = static_cast<size_t>(format[++i] - '0');
    if (number == 0) {
      absl::StrAppend(&text, subject);
    } else if (number <= arguments.size()) {
      absl::StrAppend(&text, arguments[number - 1]);
    }
  }
  return EscapeControls(text);
}

}  // namespace

absl::Span<const Kind> AllKinds() { return kKinds; }

const Kind& KindOf(Id id) { return *std::ranges::find(kKinds, id, &Kind::id); }

absl::string_view SeverityName(Severity severity) {
  constexpr std::array<absl::string_view, 3> kNames = {"error", "warning", "note"};
  return kNames[static_cast<size_t>(severity)];
}

Finding Make(Id id, absl::string_view subject, const std::vector<std::string>& arguments) {
  const Kind& kind = KindOf(id);
  return {.id = id,
          .subject = EscapeControls(subject),
          .text = Fill(kind.sentence, subject, arguments),
          .fix = Fill(kind.fix, subject, arguments)};
}

std::string ShellWord(absl::string_view word) {
  const bool is_plain = !word.empty() && std::ranges::all_of(word, [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("/._-+:@%,", static_cast<char>(c));
  });
  if (is_plain) return std::string(word);
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

}  // namespace zbroker::doctor
