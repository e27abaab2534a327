// zlease: gives any existing program a lease without changing it.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <variant>

#include "client/base/deadlock_detection.h"
#include "shims/mcp/run.h"
#include "shims/process/signals.h"
#include "shims/zlease/agent.h"
#include "shims/zlease/container_notice.h"
#include "shims/zlease/gateway_command.h"
#include "shims/zlease/options.h"
#include "shims/zlease/wrap.h"

namespace {

// What the daemon has to know it knows, and nothing else is left to do: winding gRPC down would
// only cost the caller time.
[[noreturn]] void End(int status) {
  fflush(nullptr);
  _exit(status);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace zbroker::zlease;
  zbroker::SwitchOffDeadlockDetection();
  if (argc > 1 && argv[1] == kMcpWord) End(zbroker::mcp::Run(argc - 1, argv + 1));
  const auto parsed = ParseOptions(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const Options& options = std::get<Options>(parsed);
  if (options.mode == Mode::kPlain) return ExecPlainly(options);
  const bool only_asks = std::ranges::find(options.command, "--url") != options.command.end();
  if (!options.quiet && !(options.mode == Mode::kGateway && only_asks)) SayIfAloneInContainer();
  if (options.mode == Mode::kGateway) return ExecGateway(options);
  zbroker::process::Signals signals;  // before the first thread
  const int status = options.mode == Mode::kPerRequest ? RunAgent(options, signals)
                                                       : WrapCommand(options, signals);
  End(status);
}
