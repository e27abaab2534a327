// Gateways, and where tools that are pointed at them, or past them, send their requests.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "shims/doctor/rule_parts.h"
#include "shims/doctor/rules.h"
#include "shims/tools/url.h"
#include "shims/zai/endpoint.h"

namespace zbroker::doctor {
namespace {

constexpr uid_t kRoot = 0;

const GatewayFacts* FindGatewayAt(const Facts& facts, absl::string_view address) {
  for (const GatewayFacts& one : facts.gateways) {
    if (AddressOf(one.record.url) == address) return &one;
  }
  return nullptr;
}

const ListenerFacts* FindListenerAt(const Facts& facts, absl::string_view address) {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) return nullptr;
  const auto found = std::ranges::find(facts.listeners, port, &ListenerFacts::port);
  return found == facts.listeners.end() ? nullptr : &*found;
}

// Routes that are pointed at one gateway, where one thing is wrong.
struct Pointed {
  Id id;
  std::string address;
  std::string user;  // who listens there, if that is what is wrong
  std::vector<std::string> names;
  std::vector<std::string> tools;
  std::string upstream;  // where they went before, as far as known
};

// Of a route that goes through a gateway by its URL: what keeps it from being taken.
std::optional<Pointed> WhyItIsNotTaken(const Facts& facts, const RouteFacts& route) {
  const std::string address = AddressOf(route.route.url);
  const ListenerFacts* const listener = FindListenerAt(facts, address);
  if (listener != nullptr && listener->user != facts.user && listener->user != kRoot) {
    return Pointed{Id::kToolGatewayForeign, address, absl::StrCat(listener->user)};
  }
  if (!route.through_ours) return Pointed{Id::kToolOldToken, address};
  // A socket unit listens also when its gateway does not run yet.
  if (FindGatewayAt(facts, address) != nullptr || listener != nullptr) return std::nullopt;
  return Pointed{Id::kToolGatewayDown, address};
}

void AddPointed(const Facts& facts, const ToolFacts& tool, const RouteFacts& route,
                std::vector<Pointed>& all) {
  auto wrong = WhyItIsNotTaken(facts, route);
  if (!wrong) return;
  auto same = std::ranges::find_if(all, [&](const Pointed& one) {
    return one.id == wrong->id && one.address == wrong->address;
  });
  if (same == all.end()) same = all.insert(all.end(), *std::move(wrong));
  same->names.push_back(RouteName(tool, route.route));
  if (std::ranges::find(same->tools, tool.name) == same->tools.end()) {
    same->tools.push_back(tool.name);
  }
  if (same->upstream.empty()) same->upstream = route.before;
}

Finding ToFinding(const Facts& facts, const Pointed& one) {
  const std::string names = JoinNames(one.names);
  const auto for_each = [&](absl::string_view option) {
    return absl::StrJoin(one.tools, " && ", [&](std::string* out, const std::string& tool) {
      absl::StrAppend(out, "zctl setup ", tool, option);
    });
  };
  if (one.id == Id::kToolGatewayForeign) {
    return Make(one.id, names, {one.address, one.user, for_each(" --undo")});
  }
  return Make(
      one.id, names,
      {one.address, one.id == Id::kToolOldToken ? for_each("")
                                                : StartGateway(facts, one.address, one.upstream)});
}

// The URL that a request through the route has in the end, if it can be told.
std::optional<Url> TargetOf(const Facts& facts, const RouteFacts& route) {
  const auto url = ParseUrl("URL", route.route.url);
  if (!url.ok()) return std::nullopt;
  if (!route.through_ours && !route.behind_token) return *url;
  const GatewayFacts* const gateway = FindGatewayAt(facts, AddressOf(route.route.url));
  if (gateway == nullptr || !route.behind_token) return std::nullopt;
  auto upstream = ParseUrl("upstream", gateway->record.upstream);
  if (!upstream.ok()) return std::nullopt;
  if (zai::IsServicePath(*route.behind_token)) upstream->path = *route.behind_token;
  return *std::move(upstream);
}

bool HasPlan(const Facts& facts) {
  return std::ranges::any_of(facts.config.accounts, &AccountSettings::has_plan);
}

std::string ChangeTo(const ToolFacts& tool, const RouteFacts& route, const std::string& url) {
  if (route.route.place.empty()) return absl::StrCat("name ", url, " for it in ", tool.file);
  return absl::StrCat("put ", url, " in its place in ", route.route.place);
}

// The same target with another service of the provider's.
std::string WithService(const Url& target, const RouteFacts& route, absl::string_view path) {
  if (route.through_ours || route.behind_token) {
    return absl::StrCat("what `zlease gateway --url", path == "/api/anthropic" ? "" : " --openai",
                        "` prints");
  }
  return absl::StrCat(target.origin, path);
}

void FindInTarget(const Facts& facts, const ToolFacts& tool, const RouteFacts& route,
                  const Url& target, Findings& out) {
  const bool speaks_anthropic = tool.name == "claude";
  const absl::string_view right = speaks_anthropic ? "/api/anthropic" : "/api/coding/paas/v4";
  const std::string name = RouteName(tool, route.route);
  const std::string shown = ShownUrl(target.text());
  const std::string fix = ChangeTo(tool, route, WithService(target, route, right));
  const bool is_of_gateway = route.behind_token && !zai::IsServicePath(*route.behind_token);
  if (zai::IsGeneralPath(target.path)) {
    if (is_of_gateway) return;  // the gateway's own finding
    const bool is_plan = HasPlan(facts) || absl::StrContains(route.route.what, "coding-plan");
    // What a tool knows by itself it offers beside what is used.
    if (route.route.place.empty() && !is_plan) return;
    out.push_back(Make(is_plan ? Id::kWrongEndpoint : Id::kGeneralEndpoint, name, {shown, fix}));
    return;
  }
  const bool is_service = zai::IsServicePath(target.path);
  if (speaks_anthropic && is_service && !absl::StartsWith(target.path, "/api/anthropic")) {
    out.push_back(Make(Id::kWrongProtocol, name, {shown, fix}));
  } else if (!is_service && !is_of_gateway && zai::IsProviderOrigin(target.origin)) {
    out.push_back(Make(Id::kNoSuchService, name, {shown, fix}));
  }
}

// Whether it is a built-in route beside one that is used.
bool IsMerelyOffered(const ToolFacts& tool, const RouteFacts& route) {
  return route.route.place.empty() && std::ranges::any_of(tool.routes, [](const RouteFacts& one) {
           return one.through_ours || !one.route.place.empty() ||
                  absl::StrContains(one.route.what, "coding-plan");
         });
}

}  // namespace

void FindInGateways(const Facts& facts, Findings& out) {
  const Id general = HasPlan(facts) ? Id::kWrongEndpoint : Id::kGeneralEndpoint;
  const auto is_general = [](absl::string_view text) {
    const auto url = ParseUrl("upstream", text);
    return url.ok() && zai::IsGeneralPath(url->path);
  };
  for (const GatewayFacts& one : facts.gateways) {
    const std::string name = GatewayName(one.record);
    if (!one.has_kept_token) {
      out.push_back(Make(Id::kGatewayOldToken, name, {RestartGateway(facts, one.record)}));
    }
    if (is_general(one.record.upstream)) {
      out.push_back(
          Make(general, name,
               {ShownUrl(one.record.upstream),
                RestartGateway(facts, one.record,
                               absl::StrCat(ParseUrl("upstream", one.record.upstream)->origin,
                                            "/api/anthropic"))}));
    }
  }
  for (const AccountSettings& one : facts.config.accounts) {
    if (!is_general(one.upstream)) continue;
    out.push_back(
        Make(one.has_plan ? Id::kWrongEndpoint : Id::kGeneralEndpoint,
             absl::StrCat("account ", one.name),
             {ShownUrl(one.upstream),
              absl::StrCat("put ", zai::kProviderUrl, " in its place in ", facts.config.file)}));
  }
}

void FindInTools(const Facts& facts, Findings& out) {
  std::vector<Pointed> pointed;
  for (const ToolFacts& tool : facts.tools) {
    for (const RouteFacts& route : tool.routes) {
      if (route.through_ours || route.behind_token) AddPointed(facts, tool, route, pointed);
      const auto target = TargetOf(facts, route);
      if (!target || IsMerelyOffered(tool, route)) continue;
      if (IsOfTheProvider(*target)) FindInTarget(facts, tool, route, *target, out);
    }
    if (tool.remarks.empty()) continue;
    // Where a home can't be read there are many, for one reason.
    const size_t more = tool.remarks.size() - 1;
    out.push_back(Make(
        Id::kSettingsUnusable, tool.name,
        {absl::StrCat(tool.remarks[0], more == 0 ? "" : absl::StrCat("; and ", more, " more"))}));
  }
  for (const Pointed& one : pointed) out.push_back(ToFinding(facts, one));
}

}  // namespace zbroker::doctor
