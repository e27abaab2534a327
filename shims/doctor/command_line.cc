#include "shims/doctor/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/zctl/message_json.h"
#include "shims/doctor/report.h"

namespace zbroker::doctor {
namespace {

constexpr char kFooter[] =
    "Looks and changes nothing: at the daemon, its ledger, directory and clock, at how the "
    "account\n"
    "stands with the provider, at gateways, at the settings of the tools that `zctl setup` knows,\n"
    "and at this user's live connections to the upstream's hosts, for programs that go round the\n"
    "broker. Connections through a proxy, and those of containers, it can't see. It asks nobody\n"
    "outside but the resolver of names, and starts no daemon.\n\n"
    "Exit codes: 0 healthy, notes do not count; 1 errors or warnings; 2 usage.\n\n"
    "Examples:\n"
    "  zctl doctor\n"
    "  zctl doctor --json | jq -r '.findings[] | .id + \"\\t\" + .fix'\n"
    "  zctl doctor --upstream https://open.bigmodel.cn --timeout 30s";

constexpr absl::Duration kTimeoutMin = absl::Seconds(1);
constexpr absl::Duration kTimeoutMax = absl::Hours(1);

std::string CheckTimeout(const std::string& text) {
  const auto timeout = zbroker::ParseDuration(text);
  if (!timeout.ok()) return std::string(timeout.status().message());
  if (*timeout >= kTimeoutMin && *timeout <= kTimeoutMax) return "";
  return absl::StrCat("\"", text, "\" is not from 1s to 1h");
}

std::string CheckUpstream(const std::string& text) {
  return std::string(ParseUrl("--upstream", text).status().message());
}

}  // namespace

std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv) {
  CLI::App app{"Says what is wrong, and what mends it:\n  zctl doctor [OPTIONS]", "zctl doctor"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  app.footer(kFooter);
  CommandLine line;
  std::string timeout;
  std::vector<std::string> upstreams;
  app.add_flag("--json", line.json, "Print the findings as JSON");
  app.add_option("--timeout", timeout,
                 "Take no longer than this: 1s to 1h (default: 5s). A large ledger needs more")
      ->check(CheckTimeout)
      ->type_name("DUR");
  app.add_option("--upstream", upstreams,
                 "Look for connections to the host of this URL too; may be repeated")
      ->check(CheckUpstream)
      ->type_name("URL");
  app.add_flag("--list", line.list, "List all that can be found");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool wants_help = error.get_exit_code() == 0;
    if (!wants_help && zctl::AsksForJson(argc, argv)) {
      std::cout << zctl::ToJson(MakeErrorReport(error.what()), zctl::JsonStyle::kOneLine)
                << std::endl;
      return kExitUsage;
    }
    return app.exit(error) == 0 ? kExitHealthy : kExitUsage;
  }
  if (!timeout.empty()) line.options.timeout = *zbroker::ParseDuration(timeout);
  for (const std::string& text : upstreams) {
    line.options.upstreams.push_back(*ParseUrl("--upstream", text));
  }
  return line;
}

}  // namespace zbroker::doctor
