#include "shims/zlease/gateway_command.h"

#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "shims/tools/surroundings.h"
#include "shims/tools/upstream.h"
#include "shims/zlease/exit_status.h"
#include "shims/zlease/notice.h"
#include "shims/zlease/spawn.h"

namespace zbroker::zlease {
namespace {

constexpr absl::string_view kPlaces[] = {"", "/../libexec/zbroker"};

// The value of an option among arguments that the gateway will parse; empty if it is not there.
std::string ValueOf(const std::string& option, const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view rest = arguments[i];
    if (rest == option && i + 1 < arguments.size()) return arguments[i + 1];
    if (absl::ConsumePrefix(&rest, option + "=")) return std::string(rest);
  }
  return "";
}

// What the command line says, else the configuration; empty when neither does.
absl::StatusOr<std::string> UpstreamFor(const Options& options) {
  if (!options.upstream.empty()) return options.upstream;
  // The gateway takes an option once.
  if (!ValueOf("--upstream", options.command).empty()) return "";
  const std::string account = ValueOf("--account", options.command);
  return tools::ConfiguredUpstream(account.empty() ? options.request.account() : account,
                                   *tools::Surroundings::OfProcess());
}

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
    Say(program.status().message());
    return kExitOwnFailure;
  }
  const auto upstream = UpstreamFor(options);
  if (!upstream.ok()) {
    Say(upstream.status().message());
    return kExitOwnFailure;
  }
  Options settled = options;
  settled.upstream = *upstream;
  std::vector<std::string> command = GatewayArguments(settled);
  command.insert(command.begin(), "zlease-gateway");
  command.insert(command.end(), options.command.begin(), options.command.end());
  execv(program->c_str(), Pointers(command).data());
  Say(ErrnoToStatus(errno, *program).message());
  return kExitOwnFailure;
}

}  // namespace zbroker::zlease
