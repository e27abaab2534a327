// The provider's SDKs, and most of what is made with them, take ANTHROPIC_BASE_URL and
// OPENAI_BASE_URL (https://docs.anthropic.com/en/api/client-sdks and
// https://platform.openai.com/docs/libraries). Which of the two a program uses can't be told from
// outside, so both are pointed at the gateway where both are of one origin.
#include "shims/tools/environment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "shims/tools/loopback.h"
#include "shims/tools/upstream.h"
#include "shims/tools/url.h"

namespace zbroker::tools {
namespace {

struct Endpoint {
  absl::string_view variable;
  Protocol protocol;
};
// The first one that is set decides the upstream.
constexpr Endpoint kEndpoints[] = {{"ANTHROPIC_BASE_URL", Protocol::kAnthropic},
                                   {"OPENAI_BASE_URL", Protocol::kOpenAi}};

bool CallsModels(const std::vector<std::string>&) { return true; }

absl::StatusOr<std::optional<Url>> FromEnvironment(absl::string_view variable,
                                                   const Surroundings& surroundings) {
  const auto text = surroundings.Variable(std::string(variable));
  if (!text || text->empty()) return std::nullopt;
  ZB_ASSIGN_OR_RETURN(Url url, ParseUrl(variable, *text));
  return url;
}

absl::StatusOr<Url> FindUpstream(const Invocation& invocation, const Surroundings& surroundings) {
  if (!invocation.upstream.empty()) return ParseUrl("--upstream", invocation.upstream);
  for (const Endpoint& endpoint : kEndpoints) {
    ZB_ASSIGN_OR_RETURN(const auto url, FromEnvironment(endpoint.variable, surroundings));
    if (url) return *url;
  }
  return AccountUpstream("this command", invocation, surroundings, Protocol::kAnthropic);
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  Plan plan;
  ZB_ASSIGN_OR_RETURN(const Url upstream, FindUpstream(invocation, surroundings));
  plan.upstream = upstream.text();
  std::vector<std::pair<std::string, Url>> targets;
  for (const Endpoint& endpoint : kEndpoints) {
    Url target = ForProtocol(upstream, endpoint.protocol);
    if (invocation.upstream.empty()) {
      ZB_ASSIGN_OR_RETURN(const auto own, FromEnvironment(endpoint.variable, surroundings));
      if (own) target = *own;
    }
    if (target.origin != upstream.origin) {
      plan.remarks.push_back(absl::StrCat("leaving ", endpoint.variable,
                                          " alone: one gateway has one upstream, here ",
                                          upstream.origin));
      continue;
    }
    targets.emplace_back(endpoint.variable, std::move(target));
  }
  Variables variables =
      ReachLoopback([&](const std::string& name) { return surroundings.Variable(name); });
  plan.launch = [=, arguments = invocation.arguments](absl::string_view gateway) {
    Launch launch{.arguments = arguments, .variables = variables};
    for (const auto& [variable, target] : targets) {
      if (auto url = Through(gateway, upstream, target)) {
        launch.variables.emplace_back(variable, *std::move(url));
      }
    }
    return launch;
  };
  return plan;
}

}  // namespace

const Tool kAnyProgram = {.name = "", .calls_models = CallsModels, .plan = MakePlan};

}  // namespace zbroker::tools
