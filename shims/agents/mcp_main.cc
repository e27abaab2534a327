// zctl-mcp, which is `zctl mcp`: the broker as an MCP server, so that an agent can ask before it
// starts something big. Only looks. A program of its own, as it speaks MCP as zlease does.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <string>

#include "client/base/deadlock_detection.h"
#include "client/zctl/exit_code.h"
#include "shims/agents/daemon_office.h"
#include "shims/agents/hook_main.h"
#include "shims/agents/host.h"
#include "shims/mcp/descriptors.h"

namespace zbroker::agents {
namespace {

// A client must not wait longer for an answer, as a ping among them.
constexpr absl::Duration kTimeout = absl::Seconds(3);

constexpr char kFooter[] =
    "Speaks MCP over standard input and output, for a client to start; it ends with its input.\n"
    "Tools, all of which only look: budget, preflight, wait_until, explain. It starts the\n"
    "daemon, as `zctl status` does, when it is first asked something.\n\n"
    "Examples:\n"
    "  zctl setup claude --mcp\n"
    "  In a .mcp.json: {\"mcpServers\": {\"zbroker\": {\"command\": \"zctl\", \"args\": "
    "[\"mcp\"]}}}\n"
    "  echo "
    "'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"budget\"}}' "
    "|\n"
    "    zctl mcp | jq -r .result.content[0].text";

int Fail(const absl::Status& status) {
  std::cerr << "zctl mcp: " << status.message() << "\n";
  return zctl::kExitRefused;
}

int Main(int argc, char** argv) {
  // `zctl hook` is this program too: what it has to know is the same.
  if (argc > 0 && std::string(argv[0]) == "hook") return RunHook(argc, argv);
  CLI::App app{"The broker as an MCP server, for agents to ask:\n  zctl mcp", "zctl mcp"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  app.footer(kFooter);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? zctl::kExitOk : zctl::kExitUsage;
  }
  if (isatty(STDIN_FILENO) != 0) {
    std::cerr << "zctl mcp: an MCP client starts this; `zctl mcp --help` says how\n";
  }
  signal(SIGPIPE, SIG_IGN);
  SwitchOffDeadlockDetection();
  const auto input = mcp::TakeStandard(STDIN_FILENO);
  if (!input.ok()) return Fail(input.status());
  const auto output = mcp::TakeStandard(STDOUT_FILENO);
  if (!output.ok()) return Fail(output.status());
  DaemonOffice office(/*start_daemon=*/true, kTimeout);
  Server server(office, absl::LocalTimeZone());
  const absl::Status served = Serve(server, *input, *output);
  return served.ok() ? zctl::kExitOk : Fail(served);
}

}  // namespace
}  // namespace zbroker::agents

int main(int argc, char** argv) { return zbroker::agents::Main(argc, argv); }
