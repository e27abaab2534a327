#include "shims/doctor/rules.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "shims/doctor/rule_parts.h"
#include "shims/tools/known_gateway.h"
#include "shims/zai/endpoint.h"

namespace zbroker::doctor {
namespace {

constexpr size_t kUpstreamsMax = 16;

void AddUpstream(absl::string_view text, std::vector<Url>& all) {
  const auto url = ParseUrl("upstream", text);
  if (!url.ok() || all.size() == kUpstreamsMax) return;
  if (std::ranges::find(all, url->origin, &Url::origin) == all.end()) all.push_back(*url);
}

// The origin that a gateway's requests go to which is told no upstream; empty: it can't be told.
std::string OwnUpstream(const Facts& facts) {
  const std::vector<AccountSettings>& accounts = facts.config.accounts;
  const auto named = std::ranges::find(accounts, "default", &AccountSettings::name);
  if (named == accounts.end() && accounts.size() > 1) return "";
  const AccountSettings* const account = named != accounts.end() ? &*named
                                         : accounts.empty()      ? nullptr
                                                                 : &accounts[0];
  const bool has_one = account != nullptr && !account->upstream.empty();
  const auto url = ParseUrl("upstream", has_one ? account->upstream : zai::kProviderUrl);
  return url.ok() ? url->origin : "";
}

// With a space before it; empty where a gateway goes there by itself. Of paths only those of
// services are shown: others may be secret.
std::string UpstreamOption(const Facts& facts, absl::string_view upstream) {
  const auto url = ParseUrl("upstream", upstream);
  if (!url.ok() || url->origin == OwnUpstream(facts)) return "";
  return absl::StrCat(" --upstream ",
                      ShellWord(absl::StrCat(
                          url->origin, zai::IsServicePath(url->path) ? url->path : std::string())));
}

}  // namespace

std::vector<Finding> Diagnose(const Facts& facts) {
  Findings findings;
  for (const std::string& bad : facts.bad_variables) {
    findings.push_back(Make(Id::kEnvironmentBad, bad.substr(0, bad.find('=')), {bad}));
  }
  FindInDaemon(facts, findings);
  FindInMachine(facts, findings);
  FindInAccounts(facts, findings);
  FindInGateways(facts, findings);
  FindInTools(facts, findings);
  FindInSettings(facts, findings);
  FindInConnections(facts, findings);
  for (const FailedLook& one : facts.failed) {
    findings.push_back(Make(Id::kLookFailed, one.what, {one.why, one.fix}));
  }
  std::ranges::stable_sort(findings, {}, [](const Finding& finding) {
    return std::tuple(KindOf(finding.id).severity, finding.id);
  });
  return findings;
}

std::vector<Url> KnownUpstreams(const Facts& facts) {
  std::vector<Url> all;
  for (const AccountSettings& one : facts.config.accounts) AddUpstream(one.upstream, all);
  for (const GatewayFacts& one : facts.gateways) AddUpstream(one.record.upstream, all);
  for (const ToolFacts& tool : facts.tools) {
    for (const RouteFacts& one : tool.routes) {
      const auto url = ParseUrl("URL", one.route.url);
      if (!url.ok() || one.through_ours || one.behind_token) continue;
      // A built-in one may be of a provider that nobody uses.
      if (one.route.place.empty() && !all.empty()) continue;
      if (IsOfTheProvider(*url)) AddUpstream(one.route.url, all);
    }
  }
  if (all.empty()) AddUpstream(zai::kProviderUrl, all);
  return all;
}

bool IsOfTheProvider(const Url& url) {
  return zai::IsProviderOrigin(url.origin) || zai::IsTellingPath(url.path);
}

std::string ShownUrl(absl::string_view text) {
  const auto url = ParseUrl("URL", text);
  if (!url.ok()) return "a URL that is not valid";
  const auto shown_path = [](absl::string_view path) -> std::string {
    if (path.empty() || zai::IsServicePath(path)) return std::string(path);
    return "/…";
  };
  if (const auto behind = tools::BehindToken(text)) {
    return absl::StrCat(url->origin, "/…", shown_path(*behind));
  }
  return absl::StrCat(url->origin, shown_path(url->path));
}

std::string GatewayName(const GatewayRecord& record) {
  return absl::StrCat("the gateway on ", record.address(), " (pid ", record.pid, ")");
}

std::string RestartGateway(const Facts& facts, const GatewayRecord& record,
                           absl::string_view upstream) {
  return absl::StrCat(
      "kill ", record.pid, " && zlease gateway --listen ", ShellWord(record.address()),
      upstream.empty() ? UpstreamOption(facts, record.upstream)
                       : absl::StrCat(" --upstream ", ShellWord(upstream)),
      record.account.empty() ? "" : absl::StrCat(" --account ", ShellWord(record.account)));
}

std::string RouteName(const ToolFacts& tool, const tools::Route& route) {
  return route.what.empty() ? tool.name : absl::StrCat(tool.name, ", ", route.what);
}

std::string AddressOf(absl::string_view url) {
  const auto parsed = ParseUrl("URL", url);
  if (!parsed.ok()) return "";
  absl::string_view authority = parsed->origin;
  absl::ConsumePrefix(&authority, "http://");
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
  const absl::string_view port = has_port ? authority.substr(colon + 1) : "80";
  return absl::StrCat(absl::StartsWith(authority, "[") ? "[::1]" : "127.0.0.1", ":", port);
}

std::string StartGateway(const Facts& facts, absl::string_view address,
                         absl::string_view upstream) {
  const std::string to = UpstreamOption(facts, upstream);
  if (address != kUsualGatewayAddress) {
    return absl::StrCat("zlease gateway --listen ", ShellWord(address), to);
  }
  return facts.has_gateway_service && to.empty() ? "systemctl --user enable --now zlease-gateway"
                                                 : absl::StrCat("zlease gateway", to);
}

std::string JoinNames(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& one : names) {
    if (std::ranges::find(all, one) == all.end()) all.push_back(one);
  }
  if (all.size() < 2) return absl::StrJoin(all, "");
  const std::string last = all.back();
  all.pop_back();
  return absl::StrCat(absl::StrJoin(all, ", "), " and ", last);
}

}  // namespace zbroker::doctor
