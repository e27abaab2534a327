#include "shims/setup/command_line.h"

#include <CLI/CLI.hpp>

#include "client/zctl/message_json.h"

namespace zbroker::setup {
namespace {

constexpr char kFooter[] =
    "TOOL is claude, opencode, kilo, cline, continue or codex, whose own settings are changed in\n"
    "place; or roo or cursor, for which it says what is to be done by hand. Without TOOL it lists\n"
    "those that are found, and where their requests go now.\n\n"
    "The change is shown and asked for. Comments, order, other keys, line ends, permissions and\n"
    "links stay; --undo brings back every byte, unless somebody else has changed the file since.\n"
    "With mcp for TOOL, it puts `zlease mcp --` before the commands of the MCP servers that "
    "Claude\n"
    "Code (.mcp.json and its own), OpenCode, Kilo and Cline start, so that their calls take "
    "leases.\n"
    "A server whose calls cost the account nothing needs none: name those that do by --server, or\n"
    "their tools in `tools` of [account.NAME.mcp]. --unwrap takes it out again, whatever else has\n"
    "changed since.\n\n"
    "With --mcp, claude is given `zctl mcp` as an MCP server instead, by which its model asks what "
    "is\n"
    "left; with --hook, a hook that refuses to start sub-agents while that leads nowhere.\n\n"
    "A tool that is set up needs a gateway that stays: `zlease gateway`, or as a service\n"
    "`systemctl --user enable --now zlease-gateway`.\n\n"
    "Exit codes: 0 fine, 1 refused, or nothing to undo, 2 usage.\n\n"
    "Examples:\n"
    "  zctl setup\n"
    "  zctl setup opencode --print\n"
    "  zctl setup codex --yes\n"
    "  zctl setup codex --undo\n"
    "  zctl setup claude --mcp --hook\n"
    "  zctl setup mcp --server web-search";

int Mistake(absl::string_view words, bool json) {
  if (json) {
    std::cout << zctl::ToFailure(absl::InvalidArgumentError(words), kExitUsage,
                                 zctl::JsonStyle::kOneLine)
              << std::endl;
  } else {
    std::cerr << "zctl setup: " << words << "\n";
  }
  return kExitUsage;
}

}  // namespace

std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv) {
  CLI::App app{
      "Points a tool's own settings at the gateway that runs:\n  zctl setup [TOOL] [OPTIONS]",
      "zctl setup"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  app.footer(kFooter);
  CommandLine line;
  app.add_option("tool", line.tool, "The tool")->type_name("TOOL");
  CLI::Option* const print = app.add_flag("--print", line.print, "Only show what would change");
  CLI::Option* const yes = app.add_flag("-y,--yes", line.yes, "Do not ask");
  CLI::Option* const undo = app.add_flag("--undo", line.undo, "Bring back what was there before");
  app.add_flag("--json", line.json, "List as JSON");
  app.add_option("--server", line.servers, "Of mcp: only this server; may be repeated")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  CLI::Option* const unwrap =
      app.add_flag("--unwrap", line.unwrap, "Of mcp: start the servers directly again");
  app.add_flag("--mcp", line.mcp, "Of claude: let its model ask, by `zctl mcp`");
  app.add_flag("--hook", line.hook,
               "Of claude: refuse sub-agents while a quota is used up or the queue is long");
  print->excludes(yes);
  unwrap->excludes(undo);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0 && zctl::AsksForJson(argc, argv)) {
      return Mistake(error.what(), /*json=*/true);
    }
    return app.exit(error) == 0 ? kExitFine : kExitUsage;
  }
  if (line.tool.empty() && (line.print || line.yes || line.undo)) {
    return Mistake("which TOOL? `zctl setup` lists them", line.json);
  }
  if (line.tool != "mcp" && (line.unwrap || !line.servers.empty())) {
    return Mistake("--server and --unwrap are for `zctl setup mcp`", line.json);
  }
  if (line.tool != "claude" && (line.mcp || line.hook)) {
    return Mistake("--mcp and --hook are for `zctl setup claude`", line.json);
  }
  if (!line.tool.empty() && line.json) {
    return Mistake("--json is for the list of all tools", line.json);
  }
  return line;
}

}  // namespace zbroker::setup
