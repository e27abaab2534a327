#include "shims/zlease/agent.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/process/child.h"
#include "shims/process/exit_status.h"
#include "shims/process/private_file.h"
#include "shims/process/say.h"
#include "shims/process/spawn.h"
#include "shims/tools/known_gateway.h"
#include "shims/tools/surroundings.h"
#include "shims/tools/tool.h"
#include "shims/zlease/gateway.h"
#include "shims/zlease/gateway_command.h"
#include "shims/zlease/nothing_came.h"
#include "shims/zlease/wrap.h"

namespace zbroker::zlease {
namespace {

int Fail(const absl::Status& status) {
  process::Say(status.message());
  return process::kExitOwnFailure;
}

absl::StatusOr<process::PrivateFile> CreateSettings(const tools::PrivateFile& wanted) {
  ZB_ASSIGN_OR_RETURN(const std::string directory, StateDirectory());
  auto file = process::PrivateFile::Create(
      directory, {.directory = wanted.directory, .prefix = wanted.prefix, .suffix = wanted.suffix},
      wanted.content);
  if (!file.ok()) return Annotate(file.status(), "can't write settings for the command");
  return file;
}

// What runs behind the gateway, maybe through `env`, `npx` and the like.
struct Program {
  const tools::Tool& tool;
  size_t at = 0;  // of the word of the command that names it
  std::string name;
  bool is_bare = false;  // nothing of the environment reaches it
};

Program FindProgram(const std::vector<std::string>& command) {
  const tools::FoundTool found = tools::FindToolIn(command);
  if (found.tool == nullptr) return {tools::AnyProgram(), 0, BaseName(command[0])};
  return {*found.tool, found.at, std::string(found.tool->name), found.is_bare};
}

absl::StatusOr<std::vector<std::string>> GatewayCommand(const Options& options,
                                                        const Program& program,
                                                        const std::string& upstream) {
  ZB_ASSIGN_OR_RETURN(const std::string gateway, FindGateway());
  Options own = options;
  own.upstream = upstream;
  // Standard error is the command's.
  own.quiet = true;
  std::vector<std::string> command = GatewayArguments(own);
  command.insert(command.begin(), gateway);
  command.insert(command.end(), {"--client-name", Ellipsize(EscapeControls(program.name), 60)});
  return command;
}

// Runs the command, pointed at the gateway with this URL. `own`: null if it is not ours to look
// after.
int RunBehind(const std::string& url, std::unique_ptr<Gateway> own, const tools::Plan& plan,
              const Program& program, const Options& options, process::Signals& signals) {
  tools::Launch launch = plan.launch(url);
  std::optional<process::PrivateFile> file;
  if (launch.file) {
    auto created = CreateSettings(*launch.file);
    if (!created.ok()) return Fail(created.status());
    file.emplace(*std::move(created));
    const auto tell = launch.file->tell;
    tell(file->path(), launch);
  }
  if (own) {
    launch.variables.emplace_back(tools::kGatewayVariable, url);
    launch.variables.emplace_back(tools::kGatewayUpstreamVariable, plan.upstream);
  }
  std::vector<std::string> command = options.command;
  command.resize(program.at + 1);
  command.insert(command.end(), launch.arguments.begin(), launch.arguments.end());
  const auto end = process::RunChild(command, launch.variables, signals, own.get());
  if (end.ok() && own && !own->served() && !options.quiet) {
    const std::string words = NothingCame(program.name, *end);
    if (!words.empty()) process::Say(words);
  }
  // Before we may die by the command's signal.
  own.reset();
  file.reset();
  return end.ok() ? process::EndAs(*end, options.command[0], signals) : Fail(end.status());
}

int RunWithGateway(const tools::Plan& plan, const Program& program, const Options& options,
                   process::Signals& signals) {
  auto command = GatewayCommand(options, program, plan.upstream);
  if (!command.ok()) return Fail(command.status());
  Gateway::Started started = Gateway::Start(*std::move(command), plan.gateway_variables, signals);
  if (started.signal != 0) signals.DieBy(started.signal);
  if (!started.status.ok()) return Fail(started.status);
  const std::string url = started.gateway->url();
  return RunBehind(url, std::move(started.gateway), plan, program, options, signals);
}

int RunUnderOneLease(const Options& options, const Program& program, absl::string_view why,
                     process::Signals& signals) {
  process::Say(absl::StrCat("one lease for as long as ", program.name, " runs: ", why));
  return WrapCommand(options, signals);
}

}  // namespace

int RunAgent(const Options& options, process::Signals& signals) {
  const std::string& first = options.command[0];
  if (const absl::Status found = process::FindCommand(first); !found.ok()) {
    process::Say(absl::StrCat(first, ": ", found.message()));
    return process::kExitNotFound;
  }
  const auto surroundings = tools::Surroundings::OfProcess();
  const Program program = FindProgram(options.command);
  if (program.is_bare) {
    return RunUnderOneLease(options, program,
                            "`env -i` keeps from it what would point it at a gateway; take that "
                            "out for a lease per request",
                            signals);
  }
  const auto arguments = options.command.begin() + static_cast<ptrdiff_t>(program.at) + 1;
  const auto plan = program.tool.plan({.arguments = {arguments, options.command.end()},
                                       .upstream = options.upstream,
                                       .account = options.request.account()},
                                      *surroundings);
  if (absl::IsFailedPrecondition(plan.status())) {
    return RunUnderOneLease(options, program, plan.status().message(), signals);
  }
  if (!plan.ok()) return Fail(plan.status());
  if (!options.quiet) {
    for (const std::string& remark : plan->remarks) process::Say(remark);
  }
  return tools::IsKnownGateway(plan->upstream, surroundings->state_directory(), *surroundings)
             ? RunBehind(plan->upstream, nullptr, *plan, program, options, signals)
             : RunWithGateway(*plan, program, options, signals);
}

int ExecPlainly(const Options& options) {
  std::vector<std::string> command = options.command;
  execvp(command[0].data(), process::Pointers(command).data());
  const int error = errno;
  process::Say(ErrnoToStatus(error, options.command[0]).message());
  return error == ENOENT ? process::kExitNotFound : process::kExitCannotRun;
}

}  // namespace zbroker::zlease
