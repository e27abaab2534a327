// Random configurations, and random changes of one.
#ifndef ZBROKER_TESTS_SIM_CONFIGS_H_
#define ZBROKER_TESTS_SIM_CONFIGS_H_

#include <random>

#include "absl/time/time.h"
#include "daemon/core/config.h"

namespace zbroker::sim {

// Accounts `a0` to `a2`, models `m0` to `m2`. What depends on the time of day does so in the first
// kBusyMinutes of a day, UTC.
inline constexpr int kBusyMinutes = 40;

constexpr core::Amount Units(int64_t count) { return core::Amount::FromMicros(count * 1'000'000); }

class Configs {
 public:
  explicit Configs(std::mt19937& random) : random_(random) {}

  core::BrokerConfig Any();
  // The same but for one thing, as when somebody edits the file.
  core::BrokerConfig Changed(core::BrokerConfig config);

 private:
  int Random(int below) { return static_cast<int>(random_() % static_cast<uint32_t>(below)); }
  bool Chance(int percent) { return Random(100) < percent; }
  core::AccountConfig AnyAccount(int number);
  core::WindowConfig AnyWindow(int number);
  core::PriorityRule AnyRule();
  core::WeekHours AnHour();

  std::mt19937& random_;
  int last_window_ = 10;  // names of windows that come later are never used again
};

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_CONFIGS_H_
