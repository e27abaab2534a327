// The rules, by their subjects. Internal to this folder.
#ifndef ZBROKER_SHIMS_DOCTOR_RULE_PARTS_H_
#define ZBROKER_SHIMS_DOCTOR_RULE_PARTS_H_

#include <string>
#include <vector>

#include "shims/doctor/facts.h"
#include "shims/doctor/finding.h"

namespace zbroker::doctor {

using Findings = std::vector<Finding>;

void FindInDaemon(const Facts& facts, Findings& out);
void FindInMachine(const Facts& facts, Findings& out);
void FindInAccounts(const Facts& facts, Findings& out);
void FindInGateways(const Facts& facts, Findings& out);
void FindInTools(const Facts& facts, Findings& out);
void FindInSettings(const Facts& facts, Findings& out);
void FindInConnections(const Facts& facts, Findings& out);

// "gateway 127.0.0.1:8787 (pid 12)"
std::string GatewayName(const GatewayRecord& record);

// What ends this one and starts the next, for the same account and upstream. `upstream`: for
// another.
std::string RestartGateway(const Facts& facts, const GatewayRecord& record,
                           absl::string_view upstream = "");

// How a tool is called in a finding: with which of its requests, where it has several kinds.
std::string RouteName(const ToolFacts& tool, const tools::Route& route);

// The address of a URL of loopback: "127.0.0.1:8787", whatever it calls it.
std::string AddressOf(absl::string_view url);

// What starts a gateway there, before the upstream; empty: the one that it has by itself.
std::string StartGateway(const Facts& facts, absl::string_view address, absl::string_view upstream);

// "a, b and c", each once.
std::string JoinNames(const std::vector<std::string>& names);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_RULE_PARTS_H_
