#include "shims/init/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/ascii.h"
#include "client/zctl/message_json.h"
#include "shims/init/report.h"

namespace zbroker::init {
namespace {

constexpr char kFooter[] =
    "Asks for what no flag says, shows the file, and asks before it writes. In a configuration\n"
    "that is there only these keys change: comments, order and all other keys stay, and a copy of\n"
    "what it was is kept; --undo brings it back. What the daemon would refuse is not written. "
    "Where\n"
    "nobody can be asked, --plan and --yes are needed; what else is not said is left as it is.\n\n"
    "Exit codes: 0 fine, 1 refused, or nothing to undo, 2 usage.\n\n"
    "Examples:\n"
    "  zctl init                                             a few questions, a minute\n"
    "  zctl init --plan pro --purchased 2026-08-20 --yes     none\n"
    "  zctl init --plan max --purchased '2026-08-20 14:05' --upstream bigmodel --print\n"
    "  zctl init --plan lite --meter --tools all --json --yes\n"
    "  zctl init --undo";

// As the daemon takes it.
std::string CheckAccount(const std::string& text) {
  const bool fits =
      !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
      });
  return fits ? "" : "expected 1 to 64 letters, digits, '.', '-' and '_'";
}

void Declare(CLI::App& app, CommandLine& line) {
  app.add_option("--plan", line.plan, "lite, pro or max; none: a quota is only counted")
      ->type_name("PLAN");
  app.add_option("--purchased", line.purchased,
                 "When it was bought, 2026-08-20 or '2026-08-20 14:05': weeks and months count\n"
                 "from it. A time is by this machine's clock unless an offset follows")
      ->type_name("DATE");
  app.add_option("--generation", line.generation,
                 "v1, bought up to 2026-02-12; v2, up to 2026-07-30; v3, since then\n"
                 "(default: by the date, else v3)")
      ->type_name("GEN");
  app.add_option("--upstream", line.upstream,
                 "Where requests go of which no tool's settings say it: zai (api.z.ai),\n"
                 "bigmodel (open.bigmodel.cn), or a URL (default: as the tools found have it)")
      ->type_name("SITE");
  app.add_flag("--meter", line.meter,
               "Have gateways ask the provider's own meter, with the key that passes by");
  app.add_option("--tools", line.tools,
                 "Set these tools up for the gateway that runs: names, 'all' or 'none'\n"
                 "(default: none; `zlease TOOL` needs no set-up)")
      ->type_name("LIST");
  app.add_option("--account", line.account, "Name of the account (default: the default account)")
      ->check(CheckAccount)
      ->type_name("NAME");
  CLI::Option* const yes = app.add_flag("-y,--yes", line.yes, "Do not ask");
  CLI::Option* const print =
      app.add_flag("--print", line.print, "Only print the configuration")->excludes(yes);
  app.add_flag("--undo", line.undo, "Bring back what was there before");
  app.add_flag("--json", line.json, "Say the outcome as JSON, and ask nothing")->excludes(print);
  app.add_flag("--no-reload", line.no_reload, "Leave a daemon that runs as it is");
}

// A mistake in the command line.
int SayAsJson(absl::string_view mistake) {
  std::cout << ErrorAsJson(absl::InvalidArgumentError(mistake), kExitUsage) << std::flush;
  return kExitUsage;
}

}  // namespace

std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv) {
  CLI::App app{"Writes zbroker's configuration:\n  zctl init [OPTIONS]", "zctl init"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  app.footer(kFooter);
  CommandLine line;
  Declare(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0 && zctl::AsksForJson(argc, argv)) return SayAsJson(error.what());
    return app.exit(error) == 0 ? kExitFine : kExitUsage;
  }
  if (line.undo && (line.plan || line.purchased || line.generation || line.upstream || line.tools ||
                    line.print || line.meter)) {
    constexpr char kMistake[] = "--undo goes with --yes and --json alone";
    if (line.json) return SayAsJson(kMistake);
    std::cerr << "zctl init: " << kMistake << "\n";
    return kExitUsage;
  }
  return line;
}

}  // namespace zbroker::init
