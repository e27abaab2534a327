// Settings that nobody heeds, and settings that do not agree.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "shims/doctor/rule_parts.h"
#include "shims/doctor/rules.h"
#include "shims/tools/known_gateway.h"

namespace zbroker::doctor {
namespace {

std::string ValueOf(const Facts& facts, absl::string_view name) {
  for (const auto& [one, value] : facts.environment) {
    if (one == name) return value;
  }
  return "";
}

// Whether two base URLs lead to the same place, however they write it.
bool Agree(absl::string_view one, absl::string_view other) {
  const auto a = ParseUrl("URL", one);
  const auto b = ParseUrl("URL", other);
  return a.ok() && b.ok() && *a == *b;
}

// Whether the URL is of the upstream, or of a gateway before it.
bool IsOfTheUpstream(absl::string_view text) {
  const auto url = ParseUrl("URL", text);
  return url.ok() && (IsOfTheProvider(*url) || tools::BehindToken(text).has_value());
}

// The tools of which it was seen that they take their base URL from their own files alone.
constexpr absl::string_view kDeafTools[] = {"opencode", "kilo", "cline", "continue", "codex"};
constexpr char kOpenAiUrl[] = "OPENAI_BASE_URL";

void FindDeafTools(const Facts& facts, Findings& out) {
  const std::string url = ValueOf(facts, kOpenAiUrl);
  if (!IsOfTheUpstream(url)) return;
  const auto authority = ParseUrl("URL", url)->origin;
  for (const ToolFacts& tool : facts.tools) {
    const bool is_deaf =
        std::ranges::find(kDeafTools, tool.name) != std::end(kDeafTools) && !tool.path.empty();
    const bool goes_there = std::ranges::any_of(tool.routes, [&](const RouteFacts& one) {
      const auto own = ParseUrl("URL", one.route.url);
      return own.ok() && own->origin == authority;
    });
    if (!is_deaf || goes_there) continue;
    out.push_back(Make(Id::kUrlIgnored, tool.name,
                       {kOpenAiUrl, absl::StrCat(": it goes by ", tool.file, " alone"),
                        absl::StrCat("zctl setup ", tool.name)}));
  }
}

void FindIgnoredVariables(const Facts& facts, Findings& out) {
  FindDeafTools(facts, out);
  if (!ValueOf(facts, "CLINE_API_BASE_URL").empty()) {
    out.push_back(
        Make(Id::kUrlIgnored, "cline",
             {"CLINE_API_BASE_URL", ": it goes by its providers file alone", "zctl setup cline"}));
  }
  for (const char* mode : {"Z_AI_MODE", "PLATFORM_MODE"}) {
    if (ValueOf(facts, "Z_AI_BASE_URL").empty() || ValueOf(facts, mode).empty()) continue;
    out.push_back(Make(Id::kUrlIgnored, "@z_ai/mcp-server",
                       {"Z_AI_BASE_URL", absl::StrCat(", as ", mode, " is set too"),
                        absl::StrCat("unset ", mode)}));
    return;
  }
}

bool IsVariable(absl::string_view place) {
  return !place.empty() && !absl::StrContains(place, '/');
}

void FindOverridden(const ToolFacts& tool, Findings& out) {
  for (const tools::Route& loser : tool.overridden) {
    const auto winner = std::ranges::find_if(
        tool.routes, [&](const RouteFacts& one) { return one.route.what == loser.what; });
    if (winner == tool.routes.end() || Agree(winner->route.url, loser.url)) continue;
    const std::string fix = IsVariable(loser.place)
                                ? absl::StrCat("unset ", loser.place)
                                : absl::StrCat("take one of the two out, in ", loser.place);
    out.push_back(Make(
        Id::kSettingsDisagree, RouteName(tool, loser),
        {winner->route.place, ShownUrl(winner->route.url), loser.place, ShownUrl(loser.url), fix}));
  }
}

struct Destination {
  std::string who;
  std::string origin;
  std::string fix;
};

// What the accounts' upstreams are measured by: the configuration, else the gateways that run, else
// the first tool of which it can be told.
std::vector<Destination> References(const Facts& facts) {
  std::vector<Destination> all;
  const auto add = [&](std::string who, absl::string_view text) {
    const auto url = ParseUrl("URL", text);
    if (url.ok()) all.push_back({std::move(who), url->origin, ""});
  };
  for (const AccountSettings& one : facts.config.accounts) {
    add(absl::StrCat("account ", one.name), one.upstream);
  }
  if (!all.empty()) return all;
  for (const GatewayFacts& one : facts.gateways) {
    add(GatewayName(one.record), one.record.upstream);
  }
  return all;
}

void FindOtherUpstreams(const Facts& facts, Findings& out) {
  std::vector<Destination> references = References(facts);
  const auto measure = [&](const Destination& one) {
    if (references.empty()) references.push_back(one);
    const auto is_same = [&](const Destination& other) { return other.origin == one.origin; };
    if (std::ranges::any_of(references, is_same)) return;
    const Destination& other = references.front();
    out.push_back(
        Make(Id::kUpstreamsDiffer, one.who, {one.origin, other.who, other.origin, one.fix}));
  };
  for (const GatewayFacts& one : facts.gateways) {
    const auto url = ParseUrl("URL", one.record.upstream);
    if (!url.ok()) continue;
    measure({GatewayName(one.record), url->origin,
             absl::StrCat("kill ", one.record.pid, " && zlease gateway --upstream URL")});
  }
  for (const ToolFacts& tool : facts.tools) {
    for (const RouteFacts& one : tool.routes) {
      const auto url = ParseUrl("URL", one.route.url);
      const bool is_direct = url.ok() && !one.through_ours && !one.behind_token;
      // A tool's own catalogue is no decision of anybody's.
      if (!is_direct || one.route.place.empty() || !IsOfTheUpstream(one.route.url)) continue;
      measure({RouteName(tool, one.route), url->origin,
               absl::StrCat("change it in ", one.route.place)});
    }
  }
}

}  // namespace

void FindInSettings(const Facts& facts, Findings& out) {
  FindIgnoredVariables(facts, out);
  for (const ToolFacts& tool : facts.tools) FindOverridden(tool, out);
  FindOtherUpstreams(facts, out);
}

}  // namespace zbroker::doctor
