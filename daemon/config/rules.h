// The lists of an account's section: what holds for some models, or at some hours.
#ifndef ZBROKER_DAEMON_CONFIG_RULES_H_
#define ZBROKER_DAEMON_CONFIG_RULES_H_

#include <vector>

#include "client/config/table_reader.h"
#include "daemon/core/config.h"

namespace zbroker::config {

// [[account.NAME.pool]]: models, limit. At most AccountConfig::kPoolsMax.
std::vector<core::PoolConfig> ReadPools(TableReader& account);

// [[account.NAME.weight]]: models, weight, days, hours, tz. At most 64, as of the following.
std::vector<core::WeightConfig> ReadWeights(TableReader& account);

// [[account.NAME.rate]]: models, input, cached, output.
std::vector<core::RateConfig> ReadRates(TableReader& account);

// [[account.NAME.schedule]]: limit, days, hours, tz.
std::vector<core::ScheduleConfig> ReadSchedules(TableReader& account);

// [[account.NAME.priority]]: models, programs, background, priority.
std::vector<core::PriorityRule> ReadPriorityRules(TableReader& account);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_RULES_H_
