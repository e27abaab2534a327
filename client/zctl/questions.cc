// What is asked of the broker, and changes nothing.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/zctl/arguments.h"
#include "client/zctl/completion.h"
#include "client/zctl/statusline_view.h"
#include "client/zctl/subcommands.h"
#include "client/zctl/width.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

void AddStatus(Subcommands& subcommands) {
  auto command = std::make_shared<StatusCommand>();
  CLI::App* sub = subcommands.Add({"status", "Slots, holders, waiters, windows",
                                   "  zctl status\n"
                                   "  zctl status --watch --interval 500ms\n"
                                   "  zctl status --json | jq '.accounts[0].slots'"},
                                  command);
  AddAccount(sub, &command->account, "Only this account");
  AddJson(sub, &command->json);
  CLI::Option* watch = sub->add_flag(
      "--watch", command->watch,
      "Go on showing it until Ctrl-C, or q: ? shows the keys;\nwith --json a line each");
  AddRead(
      sub, "--interval",
      [command](const auto& text) { return ReadInterval(text, &command->interval); },
      "Time between two looks, 100ms to 1h (default: 1s)")
      ->type_name("DUR")
      ->needs(watch);
}

void AddStatusline(Subcommands& subcommands) {
  auto command = std::make_shared<StatuslineCommand>();
  CLI::App* sub = subcommands.Add(
      {"statusline", "One line for a status bar; exit status 0 without a daemon",
       "  zctl statusline                    for Claude Code, which tells its session\n"
       "  zctl statusline --format tmux      set -g status-right '#(…)'\n"
       "  zctl statusline --format '{slots} {windows}'"},
      command);
  AddAccount(sub, &command->account, "Of this account (default: the first)");
  AddRead(
      sub, "--format",
      [command](const auto& text) {
        command->format = text;
        return CheckBar(text);
      },
      absl::StrCat("terminal (default), tmux, waybar, starship, or a text\nwith some of ",
                   kPlaceholders))
      ->type_name("FORMAT");
}

void AddLeases(Subcommands& subcommands) {
  auto command = std::make_shared<LeasesCommand>();
  CLI::App* sub = subcommands.Add({"leases", "Every open lease",
                                   "  zctl leases\n"
                                   "  zctl leases --json | jq -r '.leases[].lease_id'"},
                                  command);
  AddAccount(sub, &command->account, "Only this account");
  AddJson(sub, &command->json);
}

void AddQueue(Subcommands& subcommands) {
  auto command = std::make_shared<QueueCommand>();
  CLI::App* sub =
      subcommands.Add({"queue", "Every waiter, in the order in which they will be granted",
                       "  zctl queue\n"
                       "  zctl queue --account work"},
                      command);
  AddAccount(sub, &command->account, "Only this account");
  AddJson(sub, &command->json);
}

void AddLedgerFilters(CLI::App* sub, const std::shared_ptr<LedgerCommand>& command) {
  AddRead(
      sub, "--since", [command](const auto& text) { return ReadDuration(text, &command->since); },
      "Granted at most so long ago, for example 90m, 5h, 7d")
      ->type_name("DUR");
  AddAccount(sub, &command->account, "Only of this account");
  AddName(sub, "--session", &command->session, "Only of this session");
  AddName(sub, "--model", &command->model, "Only for this model");
  AddRead(
      sub, "--outcome",
      [command](const auto& text) { return ReadOutcome(text, &command->outcome); },
      absl::StrCat("Only with this end, one of\n",
                   absl::StrJoin(WrapWords(OutcomeWords(), 50), "\n")))
      ->type_name("WORD");
  AddRead(
      sub, "--limit", [command](const auto& text) { return ReadRowLimit(text, &command->limit); },
      "Only the latest N leases (default: 50 in a table of leases,\nelse all)")
      ->type_name("N");
}

void AddLedger(Subcommands& subcommands) {
  auto command = std::make_shared<LedgerCommand>();
  CLI::App* sub = subcommands.Add({"ledger", "Leases past and present, or sums over them",
                                   "  zctl ledger                          the latest leases\n"
                                   "  zctl ledger --since 5h --by session  who used this window\n"
                                   "  zctl ledger --since 7d --by project  for which repository\n"
                                   "  zctl ledger --since 7d --outcome throttle\n"
                                   "  zctl ledger --csv > ledger.csv       all of it"},
                                  command);
  AddLedgerFilters(sub, command);
  AddRead(
      sub, "--by", [command](const auto& text) { return ReadGroupBy(text, &command->by); },
      absl::StrCat("Sum up by one of ", GroupByWords()))
      ->type_name("WHAT");
  CLI::Option* csv = sub->add_flag_callback(
      "--csv", [command] { command->format = LedgerFormat::kCsv; }, "Print RFC 4180 CSV");
  sub->add_flag_callback(
         "--json", [command] { command->format = LedgerFormat::kJson; }, "Print one JSON object")
      ->excludes(csv);
}

void AddExplain(Subcommands& subcommands) {
  auto command = std::make_shared<ExplainCommand>();
  CLI::App* sub = subcommands.Add(
      {"explain", "Why somebody waits, or why nothing moves: every gate, and what opens it",
       "  zctl explain              why does nothing move?\n"
       "  zctl explain 4711         the process 4711, or the lease with this number\n"
       "  zctl explain my-session\n"
       "  zctl explain --json | jq -r '.accounts[].verdict'"},
      command);
  AddRead(
      sub, "what",
      [command](const auto& text) {
        command->what = text;
        return text.empty() ? absl::InvalidArgumentError("it is empty") : CheckName("what", text);
      },
      "The number of a lease or of a process that waits, a session, or a\n"
      "ticket (default: what keeps everybody)")
      ->type_name("LEASE|TICKET");
  AddAccount(sub, &command->account, "Only this account");
  AddJson(sub, &command->json);
}

void AddEvents(Subcommands& subcommands) {
  auto command = std::make_shared<EventsCommand>();
  CLI::App* sub = subcommands.Add(
      {"events", "What has happened: walls and resets, limits learned, long waits, trouble",
       "  zctl events                      the latest\n"
       "  zctl events --since 1d --kind wall,reset\n"
       "  zctl events --follow --json      a line each, as they come"},
      command);
  AddRead(
      sub, "--since", [command](const auto& text) { return ReadDuration(text, &command->since); },
      "At most so long ago (default: the latest 50, or 10 before those to come)")
      ->type_name("DUR");
  AddRead(
      sub, "--kind",
      [command](const auto& text) {
        command->kinds = absl::StrSplit(text, ',');
        return absl::OkStatus();
      },
      "Only these, with commas between them: wall, reset, breaker, breaker_end,\n"
      "plan, plan_end, limit, throttles, waiting, waiting_end, lost, ledger,\n"
      "ledger_end, gateway_up, gateway_down, config, config_error")
      ->type_name("KINDS");
  sub->add_flag("--follow,-f", command->follow, "Go on with those to come, until Ctrl-C");
  AddAccount(sub, &command->account, "Only of this account, or of none");
  AddJson(sub, &command->json);
}

void AddWait(Subcommands& subcommands) {
  auto command = std::make_shared<WaitCommand>();
  CLI::App* sub = subcommands.Add(
      {"wait", "Return when something has come to pass",
       "  zctl wait --for slot && claude -p 'go on'\n"
       "  zctl wait --for reset --timeout 6h    a wall, or a window that is used up\n"
       "  zctl wait --for '5h<80%'              also <=, > and >=\n"
       "  zctl wait --for 1041                  that lease has ended\n"
       "Exit codes: 0 it has, 75 the time is over, 69 no daemon."},
      command);
  AddRead(
      sub, "--for",
      [command](const auto& text) -> absl::Status {
        auto parsed = condition::Condition::Parse(text);
        if (!parsed.ok()) return parsed.status();
        command->condition = *std::move(parsed);
        return absl::OkStatus();
      },
      "slot: a request would be granted at once; reset: no wall stands;\n"
      "idle: nothing is in flight; a window's use; or a lease's number")
      ->required()
      ->type_name("WHAT");
  AddRead(
      sub, "--timeout",
      [command](const auto& text) { return ReadDuration(text, &command->timeout); },
      "Wait no longer (default: without end)")
      ->type_name("DUR");
  AddAccount(sub, &command->account, "Of this account (default: the default account)");
  AddJson(sub, &command->json);
}

void AddConfig(Subcommands& subcommands) {
  auto command = std::make_shared<ConfigCommand>();
  CLI::App* sub = subcommands.Add(
      {"config", "The configuration in force, key by key, and where each value comes from",
       "  zctl config --origin\n"
       "  zctl config | grep window\n"
       "  zctl config --check new.toml && mv new.toml ~/.config/zbroker/config.toml\n"
       "Where no daemon runs, it says what one would have that is started now."},
      command);
  CLI::Option* origin =
      sub->add_flag("--origin", command->origin,
                    "Say of each key where it is from: file and line, the plan, a default");
  AddRead(
      sub, "--check",
      [command](const auto& text) {
        command->check = text;
        return text.empty() ? absl::InvalidArgumentError("it is empty") : absl::OkStatus();
      },
      "Only say whether this file is valid: exit code 1, with line and what\n"
      "was expected, if it is not")
      ->type_name("FILE")
      ->excludes(origin);
  AddJson(sub, &command->json);
}

void AddCompletion(Subcommands& subcommands) {
  auto command = std::make_shared<CompletionCommand>();
  CLI::App* sub = subcommands.Add(
      {"completion", "Print what makes a shell complete commands with the tab key",
       "  eval \"$(zctl completion bash)\"       in ~/.bashrc; zsh: the same in ~/.zshrc\n"
       "  zctl completion fish | source        in ~/.config/fish/config.fish"},
      command);
  AddRead(
      sub, "shell",
      [command](const auto& text) {
        command->script = CompletionScript(text);
        return command->script.empty() ? absl::InvalidArgumentError("expected bash, zsh or fish")
                                       : absl::OkStatus();
      },
      "The shell")
      ->required()
      ->type_name("bash|zsh|fish");
}

}  // namespace

void DeclareQuestions(Subcommands& subcommands) {
  AddStatus(subcommands);
  AddStatusline(subcommands);
  AddLeases(subcommands);
  AddQueue(subcommands);
  AddLedger(subcommands);
  AddExplain(subcommands);
  AddEvents(subcommands);
  AddWait(subcommands);
  AddConfig(subcommands);
  AddCompletion(subcommands);
}

}  // namespace zbroker::zctl
