// Whether the plan that the configuration names is the one that the provider's meter speaks of.
// Where it is not, quotas are kept to the wrong figures: a plan that is too small holds work up
// that has room, and one that is too large lets work through that has none. Pure.
#ifndef ZBROKER_SHIMS_METER_PLAN_CHECK_H_
#define ZBROKER_SHIMS_METER_PLAN_CHECK_H_

#include <optional>
#include <string>

#include "zbroker/v1/ledger.pb.h"

namespace zbroker::meter {

// What is configured of an account.
struct ConfiguredPlan {
  std::string plan;  // empty: none
  std::string file;  // the configuration; may be empty
};

struct PlanTrouble {
  std::string configured;  // "the configuration says plan pro"
  std::string metered;     // "says max"
  std::string fix;         // a command, or what to write where
};

// Goes by the plan's name, where the meter has told it (`level`; empty: not known), else by what it
// allows, as the daemon remembers it. Windows that their owner enforces (`hard`) or only counts by
// are left alone: they may differ from the plan's.
std::optional<PlanTrouble> CheckPlan(const ConfiguredPlan& configured, const std::string& level,
                                     const v1::AccountStatus& account);

// "the configuration says plan pro, and the provider's meter says max: …; FIX"
std::string Describe(const PlanTrouble& trouble);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_PLAN_CHECK_H_
