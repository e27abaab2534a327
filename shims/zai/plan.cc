#include "shims/zai/plan.h"

#include "shims/zai/endpoint.h"

namespace zbroker::zai {
namespace {

constexpr absl::CivilDay kLastOfV1(2026, 2, 12);
constexpr absl::CivilDay kLastOfV2(2026, 7, 30);

}  // namespace

const std::vector<std::string>& Plans() {
  static const auto& plans = *new std::vector<std::string>{"lite", "pro", "max"};
  return plans;
}

const std::vector<std::string>& Generations() {
  static const auto& generations = *new std::vector<std::string>{"v1", "v2", "v3"};
  return generations;
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
