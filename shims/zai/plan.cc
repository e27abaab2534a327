#include "shims/zai/plan.h"

#include <array>

#include "shims/zai/endpoint.h"

namespace zbroker::zai {
namespace {

constexpr absl::CivilDay kLastOfV1(2026, 2, 12);
constexpr absl::CivilDay kLastOfV2(2026, 7, 30);

struct Allowances {
  absl::string_view unit;
  absl::Duration length;
  std::array<double, 3> of_plans;  // in the order of Plans()
};
constexpr Allowances kAllowances[] = {
    {"credits", absl::Hours(5), {2'000, 12'000, 28'000}},
    {"credits", absl::Hours(7 * 24), {10'000, 60'000, 140'000}},
    {"mcp_calls", absl::ZeroDuration(), {100, 1'000, 4'000}},
};

}  // namespace

const std::vector<std::string>& Plans() {
  static const auto& plans = *new std::vector<std::string>{"lite", "pro", "max"};
  return plans;
}

const std::vector<std::string>& Generations() {
  static const auto& generations = *new std::vector<std::string>{"v1", "v2", "v3"};
  return generations;
}

absl::string_view PlanThatAllows(absl::string_view unit, absl::Duration length, double allowance) {
  for (const Allowances& one : kAllowances) {
    if (one.unit != unit || one.length != length) continue;
    for (size_t i = 0; i < one.of_plans.size(); ++i) {
      if (one.of_plans[i] == allowance) return Plans()[i];
    }
  }
  return "";
}

absl::string_view GenerationOf(absl::CivilDay bought) {
  if (bought <= kLastOfV1) return "v1";
  return bought <= kLastOfV2 ? "v2" : "v3";
}

const std::vector<Site>& Sites() {
  static const auto& sites = *new std::vector<Site>{
      {"zai", "api.z.ai", std::string(kProviderUrl)},
      {"bigmodel", "open.bigmodel.cn", "https://open.bigmodel.cn/api/anthropic"}};
  return sites;
}

}  // namespace zbroker::zai
