#include "shims/mcp/run.h"

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "client/base/container.h"
#include "client/base/gateway_record.h"
#include "client/base/process.h"
#include "client/base/project.h"
#include "client/base/status.h"
#include "shims/mcp/command_line.h"
#include "shims/mcp/descriptors.h"
#include "shims/mcp/host.h"
#include "shims/mcp/plan.h"
#include "shims/process/child.h"
#include "shims/process/exit_status.h"
#include "shims/process/say.h"
#include "shims/process/signals.h"
#include "shims/process/spawn.h"
#include "shims/tools/surroundings.h"

namespace zbroker::mcp {
namespace {

int Fail(const absl::Status& status) {
  process::Say(status.message());
  return process::kExitOwnFailure;
}

// Whoever has started us is who asks; empty if that can't be told.
std::string SessionOfClient() {
  const pid_t client = getppid();
  const auto stat = ReadProcessStat(client);
  return stat ? SessionOfProcess(stat->name, client) : "";
}

process::Variables VariablesOf(const Plan& plan) {
  process::Variables variables = plan.variables;
  if (const auto self = ReadProcessStat(getpid()); self.has_value()) {
    variables.emplace_back(kHolderVariable, HolderMark(getpid(), self->start_ticks));
  }
  return variables;
}

absl::StatusOr<process::ChildEnd> RunServer(const Options& options, const Plan& plan,
                                            process::Signals& signals) {
  ZB_ASSIGN_OR_RETURN(ServerPipes pipes, MakeServerPipes());
  ZB_ASSIGN_OR_RETURN(const process::Spawned server,
                      process::Spawn({.command = options.command,
                                      .extra = VariablesOf(plan),
                                      .input = pipes.server_input.get(),
                                      .output = pipes.server_output.get()},
                                     signals));
  pipes.server_input.Reset();
  pipes.server_output.Reset();
  if (server.exec_errno != 0) return process::WaitFor(server);
  ZB_ASSIGN_OR_RETURN(Fd input, TakeStandard(STDIN_FILENO));
  ZB_ASSIGN_OR_RETURN(Fd output, TakeStandard(STDOUT_FILENO));
  // Never destroyed: what is left would take longer to wind down than to leave to the kernel.
  Host& host = *new Host(options, plan, server, {std::move(input), std::move(output)},
                         std::move(pipes), signals);
  return host.Run();
}

}  // namespace

int Run(int argc, char** argv) {
  auto parsed = ParseCommandLine(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  Options& options = std::get<Options>(parsed);
  if (options.request.session().empty()) options.request.set_session(SessionOfClient());
  options.request.set_project(OwnProject());
  process::Signals signals;
  const auto surroundings = tools::Surroundings::OfProcess();
  const absl::StatusOr<Plan> plan =
      MakePlan(options, *surroundings, RunningGateways(surroundings->state_directory()));
  if (!plan.ok()) return Fail(plan.status());
  if (!options.quiet) {
    for (const std::string& remark : plan->remarks) process::Say(remark);
  }
  const absl::StatusOr<process::ChildEnd> end = RunServer(options, *plan, signals);
  if (!end.ok()) return Fail(end.status());
  return process::EndAs(*end, options.command[0], signals);
}

}  // namespace zbroker::mcp
