#include "shims/mcp/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <utility>

#include "client/base/text.h"
#include "shims/flags/checks.h"
#include "shims/process/exit_status.h"
#include "shims/process/say.h"

namespace zbroker::mcp {
namespace {

constexpr char kFooter[] =
    "CMD is an MCP server that speaks over its standard input and output. What it and its client\n"
    "say passes untouched; only calls of tools (tools/call) wait here until they have a lease, "
    "which\n"
    "ends with their answer. While they wait, a client that asks for progress hears of it. A call\n"
    "that has no lease in time, or none because a quota is used up, gets an error result that "
    "tells\n"
    "the model why and until when. The exit status is CMD's; 125: zlease failed; 126, 127: CMD "
    "can't\n"
    "be run, is not found.\n\n"
    "A server that calls models itself (@z_ai/mcp-server) takes its leases through a gateway, one\n"
    "for each request, if it is below one (zlease claude) or one runs for its upstream\n"
    "(zlease gateway).\n\n"
    "Examples:\n"
    "  zlease mcp -- npx -y @z_ai/mcp-server\n"
    "  zlease mcp --tool 'web_search*' -- my-search-server\n"
    "  zlease mcp --timeout 20s --priority background -- ./server.py\n\n"
    "In a .mcp.json: {\"command\": \"zlease\", \"args\": [\"mcp\", \"--\", \"npx\", \"-y\", "
    "\"@z_ai/mcp-server\"]}";

struct Flags {
  flags::LeaseFlags lease;
  std::vector<std::string> tools;
  std::string kind;
  bool quiet = false;
};

void DeclareFlags(CLI::App& app, Flags& flags) {
  app.add_option("--tool", flags.tools,
                 "Lease for calls of these tools alone, such as 'web_search*'; may be repeated\n"
                 "(default: `tools` of [account.NAME.mcp] in the configuration, else all)")
      ->check(flags::CheckNameOf("--tool"))
      ->expected(1)
      ->take_all();
  app.add_option("--kind", flags.kind,
                 "What the leases are for: mcp, call or prompt (default: mcp; call for a server\n"
                 "that is known to call models)")
      ->check(CLI::IsMember({"mcp", "call", "prompt"}));
  flags::Declare(
      app, flags.lease,
      {.session = "Whom the leases are for (default: the program that has started this one)",
       .timeout =
           "Let a call wait for a lease at most so long (default: two thirds of\n"
           "$MCP_TOOL_TIMEOUT, as Claude Code has it in milliseconds, else 40s of the 60s that\n"
           "clients give a call)",
       .if_unavailable =
           "Without a daemon: wait (default) for --broker-timeout and then refuse the call;\n"
           "refuse at once; or wait and then let it pass without a lease",
       .hold_until_reset = "When a quota is used up, let calls wait rather than refuse them"});
  app.add_flag("-q,--quiet", flags.quiet, "Say nothing on standard error");
}

absl::StatusOr<Options> FromFlags(const Flags& flags, std::vector<std::string> command) {
  flags::LeaseTerms terms = flags::ToTerms(flags.lease);
  const absl::Status settled = flags::SettlePriority(terms.request);
  if (!settled.ok()) return settled;
  Options options{.request = std::move(terms.request),
                  .timeout = terms.timeout,
                  .broker_timeout = terms.broker_timeout,
                  .if_unavailable = terms.if_unavailable,
                  .tools = flags.tools,
                  .quiet = flags.quiet,
                  .command = std::move(command)};
  const char* const parent = getenv(flags::kParentVariable);
  options.request.set_parent_lease_id(parent == nullptr ? 0 : flags::ToLeaseId(parent));
  options.request.set_kind(std::map<std::string, v1::Kind>{
      {"mcp", v1::KIND_MCP}, {"call", v1::KIND_CALL}, {"prompt", v1::KIND_PROMPT}}[flags.kind]);
  return options;
}

}  // namespace

std::variant<Options, int> ParseCommandLine(int argc, char** argv) {
  CLI::App app{
      "Runs an MCP server, one lease for each call of a tool:\n"
      "  zlease mcp [OPTIONS] -- CMD [ARGS…]",
      "zlease mcp"};
  app.footer(kFooter);
  app.prefix_command();
  Flags flags;
  DeclareFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : process::kExitOwnFailure;
  }
  std::vector<std::string> command = app.remaining();
  if (!command.empty() && command[0] == "--") command.erase(command.begin());
  if (command.empty()) {
    std::cerr << "zlease mcp: no server to run\n" << app.help();
    return process::kExitOwnFailure;
  }
  if (command[0].size() > 1 && command[0][0] == '-') {
    std::cerr << "zlease mcp: unknown option " << EscapeControls(command[0])
              << "; see zlease mcp --help\n";
    return process::kExitOwnFailure;
  }
  absl::StatusOr<Options> options = FromFlags(flags, std::move(command));
  if (options.ok()) return *std::move(options);
  process::Say(options.status().message());
  return process::kExitOwnFailure;
}

}  // namespace zbroker::mcp
