// Facts of a machine on which all is well: a daemon, a gateway, and a tool through it.
#ifndef ZBROKER_TESTS_UNIT_DOCTOR_HEALTHY_H_
#define ZBROKER_TESTS_UNIT_DOCTOR_HEALTHY_H_

#include <string>

#include "shims/doctor/facts.h"

namespace zbroker::doctor {

inline constexpr char kToken[] = "0123456789abcdef0123456789abcdef";
inline constexpr uid_t kMe = 1000;

inline RouteFacts Through(const std::string& url) {
  RouteFacts route{.route = {.url = url, .place = "/home/me/settings.json"}};
  route.through_ours = true;
  const size_t token = url.find(kToken);
  route.behind_token = token == url.npos ? "" : url.substr(token + sizeof kToken - 1);
  return route;
}

inline RouteFacts Past(const std::string& url, const std::string& what = "") {
  return {.route = {.what = what, .url = url, .place = "/home/me/settings.json"}};
}

inline ToolFacts MakeTool(const std::string& name, const RouteFacts& route) {
  return {.name = name,
          .command = name,
          .path = "/usr/bin/" + name,
          .file = "/home/me/settings.json",
          .routes = {route}};
}

inline Facts Healthy() {
  Facts facts;
  facts.now = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 10, 0, 0), absl::UTCTimeZone());
  facts.zone = absl::UTCTimeZone();
  facts.version = "1.2.3";
  facts.user = kMe;
  facts.daemon.state = DaemonFacts::State::kAnswers;
  facts.daemon.pid = 10;
  facts.daemon.socket = "/state/broker.sock";
  facts.daemon.status.mutable_daemon()->set_version("1.2.3");
  facts.daemon.status.mutable_daemon()->set_state_dir("/state");
  v1::AccountStatus& account = *facts.daemon.status.add_accounts();
  account.set_name("default");
  account.mutable_slots()->set_limit(3);
  account.mutable_slots()->set_configured(3);
  account.mutable_slots()->set_source("learned");
  DirectoryFacts directory{.path = "/state", .is_own = true, .owner = kMe};
  directory.bytes_free = uint64_t{1} << 40;
  facts.directories = {directory};
  facts.ledger.directory = "/state";
  facts.ledger.verdict = LedgerFacts::Verdict::kSound;
  facts.config.file = "/home/me/config.toml";
  facts.config.accounts = {{.name = "default", .upstream = "https://api.z.ai/api/anthropic"}};
  GatewayFacts gateway;
  gateway.record = {.url = std::string("http://127.0.0.1:8787/") + kToken,
                    .upstream = "https://api.z.ai/api/anthropic",
                    .version = "1.2.3",
                    .pid = 11};
  facts.gateways = {gateway};
  facts.listeners = {{.port = 8787, .user = kMe}};
  facts.tools = {MakeTool("claude", Through(gateway.record.url))};
  return facts;
}

}  // namespace zbroker::doctor

#endif  // ZBROKER_TESTS_UNIT_DOCTOR_HEALTHY_H_
