// Settings that nobody heeds, and settings that do not agree.
#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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
  std::vector<std::string> names, files, fixes;
  for (const ToolFacts& tool : facts.tools) {
    const bool is_deaf =
        std::ranges::find(kDeafTools, tool.name) != std::end(kDeafTools) && !tool.path.empty();
    const bool goes_there = std::ranges::any_of(tool.routes, [&](const RouteFacts& one) {
      const auto own = ParseUrl("URL", one.route.url);
      return own.ok() && own->origin == authority;
    });
    if (!is_deaf || goes_there) continue;
    names.push_back(tool.name);
    files.push_back(tool.file);
    fixes.push_back(absl::StrCat("zctl setup ", tool.name));
  }
  if (names.empty()) return;
  out.push_back(Make(Id::kUrlIgnored, JoinNames(names),
                     {kOpenAiUrl,
                      absl::StrCat(names.size() == 1 ? ", which goes by " : ", which go by ",
                                   JoinNames(files), " alone"),
                      absl::StrJoin(fixes, " && ")}));
}

void FindIgnoredVariables(const Facts& facts, Findings& out) {
  FindDeafTools(facts, out);
  if (!ValueOf(facts, "CLINE_API_BASE_URL").empty()) {
    out.push_back(Make(
        Id::kUrlIgnored, "cline",
        {"CLINE_API_BASE_URL", ", which goes by its providers file alone", "zctl setup cline"}));
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

// Of all that says otherwise of the same requests, one finding.
void FindOverridden(const ToolFacts& tool, Findings& out) {
  for (const RouteFacts& winner : tool.routes) {
    std::vector<std::string> losers, fixes;
    for (const tools::Route& loser : tool.overridden) {
      if (loser.what != winner.route.what || Agree(winner.route.url, loser.url)) continue;
      losers.push_back(absl::StrCat(loser.place, " (", ShownUrl(loser.url), ")"));
      fixes.push_back(IsVariable(loser.place)
                          ? absl::StrCat("unset ", loser.place)
                          : absl::StrCat("take one of the two out, in ", loser.place));
    }
    if (losers.empty()) continue;
    out.push_back(Make(Id::kSettingsDisagree, RouteName(tool, winner.route),
                       {winner.route.place, ShownUrl(winner.route.url), JoinNames(losers),
                        absl::StrJoin(fixes, "; ")}));
  }
}

struct Destination {
  std::string who;
  Url url;
};

// What the accounts' upstreams are measured by: the configuration, else the gateways that run, else
// the first tool of which it can be told.
std::vector<Destination> References(const Facts& facts) {
  std::vector<Destination> all;
  const auto add = [&](std::string who, absl::string_view text) {
    auto url = ParseUrl("URL", text);
    if (url.ok()) all.push_back({std::move(who), *std::move(url)});
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

// All that goes to one other place, in one finding.
class Strays {
 public:
  explicit Strays(const Facts& facts) : references_(References(facts)) {}

  // `fix`, given the URL that it should go to.
  void Measure(const Destination& one, const std::function<std::string(const Url& right)>& fix) {
    if (references_.empty()) references_.push_back(one);
    const auto is_there = [&](const Destination& other) {
      return other.url.origin == one.url.origin;
    };
    if (std::ranges::any_of(references_, is_there)) return;
    auto stray = std::ranges::find(strays_, one.url.origin, &Stray::origin);
    if (stray == strays_.end()) stray = strays_.insert(strays_.end(), {one.url.origin});
    stray->names.push_back(one.who);
    stray->fixes.push_back(fix(references_.front().url));
  }

  void Tell(Findings& out) const {
    for (const Stray& one : strays_) {
      const Destination& other = references_.front();
      out.push_back(Make(Id::kUpstreamsDiffer, JoinNames(one.names),
                         {one.origin, other.who, other.url.origin, JoinNames(one.fixes)}));
    }
  }

 private:
  struct Stray {
    std::string origin;
    std::vector<std::string> names, fixes;
  };

  std::vector<Destination> references_;
  std::vector<Stray> strays_;
};

void FindOtherUpstreams(const Facts& facts, Findings& out) {
  Strays strays(facts);
  for (const GatewayFacts& one : facts.gateways) {
    const auto url = ParseUrl("URL", one.record.upstream);
    if (!url.ok()) continue;
    strays.Measure({GatewayName(one.record), *url}, [&](const Url& right) {
      return RestartGateway(facts, one.record, right.text());
    });
  }
  for (const ToolFacts& tool : facts.tools) {
    for (const RouteFacts& one : tool.routes) {
      const auto url = ParseUrl("URL", one.route.url);
      const bool is_direct = url.ok() && !one.through_ours && !one.behind_token;
      // A tool's own catalogue is no decision of anybody's.
      if (!is_direct || one.route.place.empty() || !IsOfTheUpstream(one.route.url)) continue;
      strays.Measure({RouteName(tool, one.route), *url},
                     [&](const Url&) { return absl::StrCat("change it in ", one.route.place); });
    }
  }
  strays.Tell(out);
}

}  // namespace

void FindInSettings(const Facts& facts, Findings& out) {
  FindIgnoredVariables(facts, out);
  for (const ToolFacts& tool : facts.tools) FindOverridden(tool, out);
  FindOtherUpstreams(facts, out);
}

}  // namespace zbroker::doctor
