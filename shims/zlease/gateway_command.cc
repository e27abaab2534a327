#include "shims/zlease/gateway_command.h"

#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "shims/process/exit_status.h"
#include "shims/process/say.h"
#include "shims/process/spawn.h"

namespace zbroker::zlease {
namespace {

constexpr absl::string_view kPlaces[] = {"", "/../libexec/zbroker"};

}  // namespace

absl::StatusOr<std::string> FindGateway() {
  const std::string own = ExecutableDirectory();
  for (const absl::string_view place : kPlaces) {
    std::string path = absl::StrCat(own, place, "/zlease-gateway");
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return absl::NotFoundError(absl::StrCat("there is no program zlease-gateway in ", own, " or ",
                                          own, kPlaces[1], ": install zbroker again"));
}

std::vector<std::string> GatewayArguments(const Options& options) {
  std::vector<std::string> arguments;
  const auto add = [&](absl::string_view name, absl::string_view value) {
    if (!value.empty()) {
      arguments.insert(arguments.end(), {std::string(name), std::string(value)});
    }
  };
  const v1::Acquire& request = options.request;
  add("--upstream", options.upstream);
  add("--account", request.account());
  add("--session", request.session());
  add("--priority", flags::PriorityWord(request.priority()));
  if (request.has_patience()) {
    add("--by", absl::FormatTime(absl::RFC3339_sec, FromProtoTime(request.patience()),
                                 absl::UTCTimeZone()));
  }
  if (request.parent_lease_id() != 0) add("--parent", absl::StrCat(request.parent_lease_id()));
  if (options.timeout) {
    add("--timeout", absl::StrCat(absl::ToInt64Milliseconds(*options.timeout), "ms"));
  }
  add("--broker-timeout", absl::StrCat(absl::ToInt64Milliseconds(options.broker_timeout), "ms"));
  if (options.if_unavailable != IfUnavailable::kWait) {
    add("--if-unavailable", options.if_unavailable == IfUnavailable::kFail ? "fail" : "run");
  }
  if (options.request.hold_until_reset()) arguments.push_back("--hold-until-reset");
  if (options.quiet) arguments.push_back("--quiet");
  return arguments;
}

int ExecGateway(const Options& options) {
  const auto program = FindGateway();
  if (!program.ok()) {
    process::Say(program.status().message());
    return process::kExitOwnFailure;
  }
  std::vector<std::string> command = GatewayArguments(options);
  command.insert(command.begin(), "zlease-gateway");
  command.insert(command.end(), options.command.begin(), options.command.end());
  execv(program->c_str(), process::Pointers(command).data());
  process::Say(ErrnoToStatus(errno, *program).message());
  return process::kExitOwnFailure;
}

}  // namespace zbroker::zlease
