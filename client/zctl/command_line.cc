#include "client/zctl/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "client/zctl/arguments.h"
#include "client/zctl/companion.h"
#include "client/zctl/completion.h"
#include "client/zctl/exit_code.h"
#include "client/zctl/nearest_word.h"
#include "client/zctl/statusline_view.h"
#include "client/zctl/width.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

// Takes an argument's text or says what is wrong with it.
using Reader = std::function<absl::Status(const std::string& text)>;

CLI::Option* AddRead(CLI::App* app, const std::string& name, Reader read,
                     const std::string& description) {
  return app
      ->add_option_function<std::string>(
          name, [](const std::string&) {}, description)
      ->check([read = std::move(read)](const std::string& text) {
        return std::string(read(text).message());
      });
}

class Parser {
 public:
  Parser() : app_("zctl: looks at the broker and changes its mind.", "zctl") {
    app_.set_version_flag("--version", absl::StrCat("zctl ", ZBROKER_VERSION));
    app_.require_subcommand(1);
    // So that --color may stand anywhere.
    app_.fallthrough();
    AddRead(
        &app_, "--color", [this](const auto& text) { return ReadColor(text, &color_); },
        "auto (on a terminal), always or never")
        ->type_name("WHEN");
    app_.footer(
        "Examples:\n"
        "  zctl status             who holds the slots, who waits and why\n"
        "  zctl status --watch     the same, kept up to date\n"
        "  zctl ledger --since 5h --by session\n"
        "  zctl limit set 4        pin the number of slots; 'zctl limit auto' unpins it\n"
        "'zctl SUBCOMMAND --help' says more. Exit codes: 0 fine, 1 refused or bad news, 2 usage,\n"
        "69 no daemon, 75 'wait' was not to wait any longer.");
    AddStatus();
    AddStatusline();
    AddLeases();
    AddQueue();
    AddLedger();
    AddLimit();
    AddPauseAndResume();
    AddRevoke();
    AddReload();
    AddWait();
    AddCompletion();
    // For the help; main() has run them before.
    for (const Companion& one : Companions()) app_.add_subcommand(one.name, one.description);
  }

  std::variant<CommandLine, Ending> Parse(int argc, const char* const* argv) {
    // CLI11 reports by exceptions; none of them leaves this function.
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return End(error);
    }
    return CommandLine{*command_, color_};
  }

 private:
  struct Texts {
    const char* name;
    const char* description;
    const char* examples;
  };

  // A subcommand whose options fill `*command`, which becomes the answer if it is chosen.
  template <typename Chosen>
  CLI::App* Add(const Texts& texts, std::shared_ptr<Chosen> command) {
    CLI::App* sub = app_.add_subcommand(texts.name, texts.description);
    sub->footer(absl::StrCat("Examples:\n", texts.examples));
    sub->callback([this, command = std::move(command)] { command_ = *command; });
    return sub;
  }

  static void AddAccount(CLI::App* sub, std::string* account, const std::string& description) {
    sub->add_option("--account", *account, description)->type_name("NAME");
  }
  static CLI::Option* AddJson(CLI::App* sub, bool* json) {
    return sub->add_flag("--json", *json, "Print the reply as JSON");
  }

  void AddStatus() {
    auto command = std::make_shared<StatusCommand>();
    CLI::App* sub = Add({"status", "Slots, holders, waiters, windows",
                         "  zctl status\n"
                         "  zctl status --watch --interval 500ms\n"
                         "  zctl status --json | jq '.accounts[0].slots'"},
                        command);
    AddAccount(sub, &command->account, "Only this account");
    AddJson(sub, &command->json);
    CLI::Option* watch = sub->add_flag("--watch", command->watch,
                                       "Go on showing it until Ctrl-C; with --json a line each");
    AddRead(
        sub, "--interval",
        [command](const auto& text) { return ReadInterval(text, &command->interval); },
        "Time between two looks, 100ms to 1h (default: 1s)")
        ->type_name("DUR")
        ->needs(watch);
  }

  void AddStatusline() {
    auto command = std::make_shared<StatuslineCommand>();
    CLI::App* sub =
        Add({"statusline", "One line for a status bar; exit status 0 without a daemon",
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

  void AddLeases() {
    auto command = std::make_shared<LeasesCommand>();
    CLI::App* sub = Add({"leases", "Every open lease",
                         "  zctl leases\n"
                         "  zctl leases --json | jq -r '.leases[].lease_id'"},
                        command);
    AddAccount(sub, &command->account, "Only this account");
    AddJson(sub, &command->json);
  }

  void AddQueue() {
    auto command = std::make_shared<QueueCommand>();
    CLI::App* sub = Add({"queue", "Every waiter, in the order in which they will be granted",
                         "  zctl queue\n"
                         "  zctl queue --account work"},
                        command);
    AddAccount(sub, &command->account, "Only this account");
    AddJson(sub, &command->json);
  }

  void AddLedger() {
    auto command = std::make_shared<LedgerCommand>();
    CLI::App* sub = Add({"ledger", "Leases past and present, or sums over them",
                         "  zctl ledger                          the latest leases\n"
                         "  zctl ledger --since 5h --by session  who used this window\n"
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

  static void AddLedgerFilters(CLI::App* sub, const std::shared_ptr<LedgerCommand>& command) {
    AddRead(
        sub, "--since", [command](const auto& text) { return ReadDuration(text, &command->since); },
        "Granted at most so long ago, for example 90m, 5h, 7d")
        ->type_name("DUR");
    AddAccount(sub, &command->account, "Only of this account");
    sub->add_option("--session", command->session, "Only of this session")->type_name("NAME");
    sub->add_option("--model", command->model, "Only for this model")->type_name("NAME");
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

  void AddLimit() {
    auto show = std::make_shared<ShowLimitCommand>();
    CLI::App* sub = Add({"limit", "The slot limits: what they are and why; or pin one",
                         "  zctl limit           what was learned, when and why\n"
                         "  zctl limit --json | jq '.accounts[0].slots.learned_limits'\n"
                         "  zctl limit set 4     pin it, whatever was configured or learned\n"
                         "  zctl limit auto      unpin it: as configured and learned again\n"
                         "  zctl limit set 1 --model glm-5"},
                        show);
    AddAccount(sub, &show->account, "Only this account");
    CLI::Option* json = AddJson(sub, &show->json);

    auto set = std::make_shared<SetLimitCommand>();
    CLI::App* set_sub = AddLimitOrder(sub,
                                      {"set", "Pin the slot limit, or unpin it",
                                       "  zctl limit set 4\n"
                                       "  zctl limit set 4 --account work\n"
                                       "  zctl limit set 1 --model glm-5"},
                                      set);
    AddRead(
        set_sub, "limit", [set](const auto& text) { return ReadSlotLimit(text, &set->limit); },
        "1 to 1000, or auto: as configured and learned")
        ->required()
        ->type_name("N|auto");
    // What it is without a number.
    CLI::App* auto_sub = AddLimitOrder(sub,
                                       {"auto", "Unpin the slot limit: as configured and learned",
                                        "  zctl limit auto\n"
                                        "  zctl limit auto --account work\n"
                                        "  zctl limit auto --model glm-5"},
                                       set);
    set_sub->excludes(json);
    auto_sub->excludes(json);
    sub->require_subcommand(0, 1);
    // The parent's callback comes last and has the last word.
    sub->callback([this, sub, show, set] {
      if (set->account.empty()) set->account = show->account;
      if (sub->get_subcommands().empty()) {
        command_ = *show;
      } else {
        command_ = *set;
      }
    });
  }

  // A way to say what the limit is to be.
  static CLI::App* AddLimitOrder(CLI::App* parent, const Texts& texts,
                                 const std::shared_ptr<SetLimitCommand>& command) {
    CLI::App* sub = parent->add_subcommand(texts.name, texts.description);
    AddAccount(sub, &command->account, "Of this account (default: the default account)");
    sub->add_option("--model", command->model,
                    "Of this model inside the account, or of the pool\nthat learns with it")
        ->type_name("NAME");
    sub->footer(absl::StrCat("Examples:\n", texts.examples));
    return sub;
  }

  // `part` is of a command that lives as long as the parser.
  void AddPart(CLI::App* sub, std::function<v1::Part&()> part) {
    AddRead(
        sub, "--priority",
        [part](const auto& text) {
          v1::Priority priority = v1::PRIORITY_UNSPECIFIED;
          const absl::Status read = ReadPriority(text, &priority);
          part().set_priority(priority);
          return read;
        },
        "Only work of this priority: interactive, normal or background")
        ->type_name("WORD");
    sub->add_option("--session", *part().mutable_session(), "Only work of this session")
        ->type_name("NAME");
    sub->add_option("--program", *part().mutable_program(),
                    "Only work of this program, as `zctl queue` shows it")
        ->type_name("NAME");
  }

  void AddPauseAndResume() {
    const std::string description = "This account (default: the default account)";
    auto pause = std::make_shared<PauseCommand>();
    CLI::App* pause_sub =
        Add({"pause", "Stop granting; leases go on, waiters keep their places",
             "  zctl pause\n"
             "  zctl pause --account work --until 18:00\n"
             "  zctl pause --priority background --until 2h    only what nobody waits for"},
            pause);
    AddAccount(pause_sub, &pause->account, description);
    AddPart(pause_sub, [pause]() -> v1::Part& { return pause->part; });
    AddRead(
        pause_sub, "--until",
        [pause](const auto& text) { return ReadInstant(text, &pause->until); },
        "Resume at this time: 18:00, 2h, a date (default: `zctl resume`)")
        ->type_name("TIME");
    auto resume = std::make_shared<ResumeCommand>();
    CLI::App* resume_sub =
        Add({"resume", "Grant again; ends all pauses, cool-downs, overloads and walls",
             "  zctl resume\n"
             "  zctl resume --account work\n"
             "  zctl resume --priority background    only that pause, and nothing else"},
            resume);
    AddAccount(resume_sub, &resume->account, description);
    AddPart(resume_sub, [resume]() -> v1::Part& { return resume->part; });
    resume_sub->add_flag("--end-breaker", resume->end_breaker,
                         "End a breaker too; trying during the silence that the upstream\n"
                         "demands may prolong it, or cost the account");
  }

  void AddRevoke() {
    auto command = std::make_shared<RevokeCommand>();
    CLI::App* sub = Add({"revoke", "Take a lease away from its holder",
                         "  zctl revoke 1041    the number is in 'zctl status'"},
                        command);
    AddRead(
        sub, "lease", [command](const auto& text) { return ReadLeaseId(text, &command->lease_id); },
        "Number of the lease")
        ->required()
        ->type_name("LEASE");
  }

  void AddReload() {
    Add({"reload", "Read the configuration file again; the old one stays if it is not valid",
         "  zctl reload"},
        std::make_shared<ReloadCommand>());
  }

  void AddWait() {
    auto command = std::make_shared<WaitCommand>();
    CLI::App* sub =
        Add({"wait", "Return when something has come to pass",
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
  }

  void AddCompletion() {
    auto command = std::make_shared<CompletionCommand>();
    CLI::App* sub =
        Add({"completion", "Print what makes a shell complete commands with the tab key",
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

  Ending End(const CLI::ParseError& error) const {
    std::ostringstream out;
    std::ostringstream ignored;
    if (app_.exit(error, out, ignored) == 0) return {.exit_code = kExitOk, .out = out.str()};
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    if (!chosen.empty()) {
      return Misused(EscapeControls(error.what()), absl::StrCat("zctl ", chosen[0]->get_name()));
    }
    if (app_.remaining().empty()) {
      return {.exit_code = kExitUsage,
              .error = absl::StrCat("zctl: ", error.what(), "\n\n", app_.help())};
    }
    return Misused(DescribeUnknown(app_.remaining().front()), "zctl");
  }

  static Ending Misused(absl::string_view message, absl::string_view command) {
    return {.exit_code = kExitUsage,
            .error = absl::StrCat("zctl: ", message, "\nTry '", command, " --help'.\n")};
  }

  // For a word in the place of a subcommand.
  std::string DescribeUnknown(const std::string& word) const {
    const std::string shown = EscapeControls(word);
    if (word.rfind('-', 0) == 0) return absl::StrCat("no option ", shown);
    std::vector<std::string> names;
    for (const CLI::App* sub : app_.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(sub->get_name());
    }
    const std::string nearest = NearestWord(word, names);
    return absl::StrCat("no subcommand \"", shown, "\"",
                        nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"));
  }

  CLI::App app_;
  ColorMode color_ = ColorMode::kAuto;
  std::optional<Command> command_;
};

}  // namespace

std::variant<CommandLine, Ending> ParseCommandLine(int argc, const char* const* argv) {
  return Parser().Parse(argc, argv);
}

}  // namespace zbroker::zctl
