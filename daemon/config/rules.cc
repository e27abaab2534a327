#include "daemon/config/rules.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/config/globs.h"
#include "daemon/config/hours.h"

namespace zbroker::config {
namespace {

constexpr size_t kRulesMax = 64;
constexpr double kLargestWeight = 1000;
constexpr double kLargestRate = 1e6;

constexpr std::pair<absl::string_view, core::Priority> kPriorities[] = {
    {"interactive", core::Priority::kInteractive},
    {"normal", core::Priority::kNormal},
    {"background", core::Priority::kBackground}};

core::WeekHours ReadRuleHours(TableReader& reader) {
  return ReadHours(reader, {.zone = ProviderZone()});
}

// What `read` makes of each element.
template <typename Rule>
std::vector<Rule> ReadRules(TableReader& account, absl::string_view key, size_t most,
                            Rule (*read)(TableReader&)) {
  std::vector<Rule> rules;
  for (TableReader& reader : account.Tables(key)) {
    if (rules.size() == most) {
      reader.Reject(absl::StrCat("one ", key, " too many; expected at most ", most));
    }
    rules.push_back(read(reader));
    reader.RejectOtherKeys();
  }
  return rules;
}

core::PoolConfig ReadPool(TableReader& reader) {
  core::PoolConfig pool;
  pool.models = ReadGlobs(reader, "models");
  pool.limit = reader.Integer("limit", 1, core::SlotsConfig::kLargest).value_or(pool.limit);
  pool.learn = reader.Boolean("learn").value_or(pool.learn);
  return pool;
}

core::WeightConfig ReadWeight(TableReader& reader) {
  core::WeightConfig weight;
  weight.models = ReadGlobs(reader, "models");
  weight.weight = reader.Number("weight", kLargestWeight, Presence::kRequired).value_or(1);
  weight.when = ReadRuleHours(reader);
  return weight;
}

core::RateConfig ReadRate(TableReader& reader) {
  core::RateConfig rate;
  rate.models = ReadGlobs(reader, "models");
  rate.input = reader.Number("input", kLargestRate, Presence::kRequired).value_or(0);
  rate.cached = reader.Number("cached", kLargestRate, Presence::kRequired).value_or(0);
  rate.output = reader.Number("output", kLargestRate, Presence::kRequired).value_or(0);
  return rate;
}

core::ScheduleConfig ReadSchedule(TableReader& reader) {
  core::ScheduleConfig schedule;
  schedule.limit =
      reader.Integer("limit", 1, core::SlotsConfig::kLargest, Presence::kRequired).value_or(1);
  schedule.when = ReadRuleHours(reader);
  return schedule;
}

core::PriorityRule ReadPriorityRule(TableReader& reader) {
  core::PriorityRule rule;
  rule.models = ReadGlobs(reader, "models", Presence::kOptional);
  rule.programs = ReadGlobs(reader, "programs", Presence::kOptional);
  rule.background = reader.Boolean("background");
  rule.priority =
      reader.Choice("priority", kPriorities, Presence::kRequired).value_or(rule.priority);
  return rule;
}

}  // namespace

std::vector<core::PoolConfig> ReadPools(TableReader& account) {
  return ReadRules(account, "pool", core::AccountConfig::kPoolsMax, ReadPool);
}

std::vector<core::WeightConfig> ReadWeights(TableReader& account) {
  return ReadRules(account, "weight", kRulesMax, ReadWeight);
}

std::vector<core::RateConfig> ReadRates(TableReader& account) {
  return ReadRules(account, "rate", kRulesMax, ReadRate);
}

std::vector<core::ScheduleConfig> ReadSchedules(TableReader& account) {
  return ReadRules(account, "schedule", kRulesMax, ReadSchedule);
}

std::vector<core::PriorityRule> ReadPriorityRules(TableReader& account) {
  return ReadRules(account, "priority", kRulesMax, ReadPriorityRule);
}

}  // namespace zbroker::config
