#include "shims/zlease/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/flags/checks.h"
#include "shims/process/exit_status.h"
#include "shims/process/say.h"
#include "shims/tools/tool.h"

namespace zbroker::zlease {
namespace {

uint64_t ParentFromEnvironment() {
  const char* const text = getenv(flags::kParentVariable);
  return text == nullptr ? 0 : flags::ToLeaseId(text);
}

// As CLI11 fills them in.
struct Flags {
  flags::LeaseFlags lease;
  std::string model, kind = "prompt", upstream;
  double weight = 1;
  bool no_wait = false;
  bool quiet = false;
  bool per_request = false;
  bool per_command = false;
};

// Those that say something about one lease; a gateway takes many, and looks at each request.
// With --no-wait: to start a daemon takes a second at most.
constexpr absl::Duration kNoWaitBrokerTimeout = absl::Seconds(5);
constexpr const char* kPerCommandOptions[] = {"--model", "--kind", "--weight", "--no-wait"};

void DeclareMode(CLI::App& app, Flags& flags) {
  CLI::Option* const per_request = app.add_flag(
      "--per-request", flags.per_request,
      "One lease for each request of CMD, which takes ANTHROPIC_BASE_URL or OPENAI_BASE_URL");
  app.add_flag("--per-command", flags.per_command, "One lease while CMD runs, also for an agent")
      ->excludes(per_request);
  app.add_option("--upstream", flags.upstream,
                 "Base URL that an agent's requests go to (default: what it would have used)")
      ->check(flags::CheckNameOf("--upstream"));
}

void DeclareLease(CLI::App& app, Flags& flags) {
  app.add_option("--model", flags.model, "Model that CMD will call")
      ->check(flags::CheckNameOf("--model"));
  app.add_option("--kind", flags.kind, "What the lease is for: prompt (default), call or mcp")
      ->check(CLI::IsMember({"prompt", "call", "mcp"}));
  app.add_option("--weight", flags.weight, "Multiplies what the lease charges the windows")
      ->check([](const std::string& text) -> std::string {
        double weight = 0;
        const bool fine = absl::SimpleAtod(text, &weight) && weight >= 0 && weight <= 1e6;
        return fine ? "" : "weight must be a number from 0 to 1000000";
      });
  app.add_flag("--no-wait", flags.no_wait,
               "Exit 75 at once if it would have to wait; wait for a daemon for 5s at most");
  flags::Declare(
      app, flags.lease,
      {.session = "Whom the lease is for (default: this process)",
       .timeout = "Wait for a slot at most so long, then exit 75",
       .if_unavailable =
           "Without a daemon: wait (default) for --broker-timeout and then fail; fail at\n"
           "once; or wait and then run CMD without a lease",
       .hold_until_reset = "Wait while a quota is used up, rather than fail (CMD: exit 75)"});
  app.add_flag("-q,--quiet", flags.quiet, "Say nothing while waiting");
}

absl::StatusOr<Options> FromFlags(const Flags& flags, Mode mode, std::vector<std::string> command) {
  flags::LeaseTerms terms = flags::ToTerms(flags.lease);
  if (mode == Mode::kPerCommand || mode == Mode::kPerRequest) {
    ZB_RETURN_IF_ERROR(flags::SettlePriority(terms.request));
  }
  Options options;
  options.mode = mode;
  options.timeout = terms.timeout;
  options.broker_timeout =
      flags.no_wait ? std::min(terms.broker_timeout, kNoWaitBrokerTimeout) : terms.broker_timeout;
  options.if_unavailable = terms.if_unavailable;
  options.request = std::move(terms.request);
  v1::Acquire& request = options.request;
  request.set_model(flags.model);
  request.set_weight(flags.weight);
  request.set_no_wait(flags.no_wait);
  request.set_parent_lease_id(ParentFromEnvironment());
  request.set_kind(std::map<std::string, v1::Kind>{
      {"prompt", v1::KIND_PROMPT}, {"call", v1::KIND_CALL}, {"mcp", v1::KIND_MCP}}[flags.kind]);
  options.upstream = flags.upstream;
  options.quiet = flags.quiet;
  options.command = std::move(command);
  return options;
}

// What the command line asks for. `set_off`: "--" stood before the command.
Mode ChooseMode(const Flags& flags, bool set_off, const std::vector<std::string>& command) {
  if (!set_off && command[0] == "gateway") return Mode::kGateway;
  const bool per_request = flags.per_request || !(set_off || flags.per_command);
  if (!per_request) return Mode::kPerCommand;
  const tools::FoundTool found = tools::FindToolIn(command);
  if (found.tool == nullptr) return flags.per_request ? Mode::kPerRequest : Mode::kPerCommand;
  const auto arguments = command.begin() + static_cast<ptrdiff_t>(found.at) + 1;
  return found.tool->calls_models({arguments, command.end()}) ? Mode::kPerRequest : Mode::kPlain;
}

// Which option does not go with the mode, and what to do; empty if all do.
std::string FindConflict(const CLI::App& app, Mode mode) {
  if (mode == Mode::kPlain) return "";
  if (mode == Mode::kPerCommand) {
    if (app.count("--upstream") == 0) return "";
    return "--upstream is for a lease per request: add --per-request";
  }
  for (const char* const name : kPerCommandOptions) {
    if (app.count(name) > 0) {
      return absl::StrCat(name, " is for a lease per command",
                          mode == Mode::kGateway ? "" : ": add --per-command");
    }
  }
  return "";
}

// Of a command that is not known to be an agent.
void SayUnknown(const std::string& name) {
  process::Say(absl::StrCat(name, " is not an agent that zlease knows: one lease while it runs (",
                            "to say so: zlease -- ", name, "; else --per-request)"));
  if (isatty(STDIN_FILENO) == 0) return;
  process::Say(
      "so it holds a slot also while it waits for you; if you can set its base URL, point it at "
      "`zlease gateway` instead, which takes a lease for each request");
}

constexpr char kFooter[] =
    "CMD runs while one slot of the account is held, and inherits terminal, files and directory.\n"
    "Its environment gets ZLEASE_ID, ZLEASE_PARENT and ZLEASE_HOLDER. The exit status is CMD's;\n"
    "75: no slot (--no-wait, --timeout, or the quota is used up); 125: zlease failed; 126, 127: "
    "CMD\n"
    "can't be run, is not found.\n\n"
    "An AGENT (claude, opencode, kilo, cline, cn, codex) runs behind a gateway, which takes a "
    "lease\n"
    "for each request.\n"
    "zlease gateway runs one until it is stopped, for programs that need a fixed base URL.\n"
    "zlease mcp runs an MCP server, whose tools' calls take a lease each.\n\n"
    "Examples:\n"
    "  zlease claude\n"
    "  zlease -- curl https://api.z.ai/…\n"
    "  zlease --priority background --session nightly -- ./summarise.py\n"
    "  zlease --no-wait -- ./probe.sh || echo busy";

}  // namespace

std::variant<Options, int> ParseOptions(int argc, char** argv) {
  CLI::App app{
      "Runs a command under leases on the account's slots:\n"
      "  zlease [OPTIONS] -- CMD [ARGS…]     one lease while CMD runs\n"
      "  zlease [OPTIONS] AGENT [ARGS…]      one lease for each of its requests\n"
      "  zlease gateway [--help]             for programs that need a fixed base URL\n"
      "  zlease mcp [--help] -- CMD [ARGS…]  one lease for each tool call of an MCP server",
      "zlease"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  app.footer(kFooter);
  app.prefix_command();
  Flags flags;
  DeclareLease(app, flags);
  DeclareMode(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : process::kExitOwnFailure;
  }
  std::vector<std::string> command = app.remaining();
  const bool set_off = !command.empty() && command[0] == "--";
  if (set_off) command.erase(command.begin());
  if (command.empty()) {
    std::cerr << "zlease: no command to run\n" << app.help();
    return process::kExitOwnFailure;
  }
  if (command[0].size() > 1 && command[0][0] == '-') {
    std::cerr << "zlease: unknown option " << EscapeControls(command[0]) << "; see zlease --help\n";
    return process::kExitOwnFailure;
  }
  if (!set_off && command[0] == kMcpWord) {
    process::Say("options stand behind that word: zlease mcp [OPTIONS] -- CMD");
    return process::kExitOwnFailure;
  }
  const Mode mode = ChooseMode(flags, set_off, command);
  if (const std::string conflict = FindConflict(app, mode); !conflict.empty()) {
    process::Say(conflict);
    return process::kExitOwnFailure;
  }
  if (mode == Mode::kPerCommand && !set_off && !flags.per_command && !flags.quiet) {
    SayUnknown(command[0]);
  }
  if (mode == Mode::kGateway) command.erase(command.begin());
  absl::StatusOr<Options> options = FromFlags(flags, mode, std::move(command));
  if (options.ok()) return *std::move(options);
  process::Say(options.status().message());
  return process::kExitOwnFailure;
}

}  // namespace zbroker::zlease
