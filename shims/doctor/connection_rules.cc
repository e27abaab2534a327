// Programs that go round the broker.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "shims/doctor/rule_parts.h"

namespace zbroker::doctor {
namespace {

bool IsCovered(const Facts& facts, const ConnectionFacts& one) {
  return one.is_ours || one.has_holder || std::ranges::any_of(one.ancestors, [&](pid_t pid) {
           return facts.lease_holders.contains(pid);
         });
}

bool IsSetUp(const Facts& facts, const std::string& command) {
  const auto tool = std::ranges::find(facts.tools, command, &ToolFacts::command);
  return tool != facts.tools.end() && std::ranges::any_of(tool->routes, &RouteFacts::through_ours);
}

std::string FixFor(const Facts& facts, const ConnectionFacts& one) {
  if (IsSetUp(facts, one.tool)) {
    return absl::StrCat("end ", one.tool,
                        " and start it again: it runs since before it was set up");
  }
  if (!one.tool.empty()) {
    return facts.gateways.empty() ? absl::StrCat("zlease ", one.tool)
                                  : absl::StrCat("zctl setup ", one.tool);
  }
  return absl::StrCat("zlease -- ", one.command.empty() ? "COMMAND" : one.command);
}

}  // namespace

void FindInConnections(const Facts& facts, Findings& out) {
  const bool knows_leases = facts.daemon.state != DaemonFacts::State::kSilent;
  for (const ConnectionFacts& one : facts.connections) {
    if (IsCovered(facts, one)) continue;
    const std::string who = one.pid == 0 ? "a program of yours that can't be told"
                                         : absl::StrCat(one.program, " (pid ", one.pid, ")");
    out.push_back(Make(Id::kRoundBroker, who,
                       {one.to, knows_leases ? "" : ", as far as can be told without the daemon",
                        FixFor(facts, one)}));
  }
}

}  // namespace zbroker::doctor
