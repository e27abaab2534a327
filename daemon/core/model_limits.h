// What is known of each model of an account: what of it was served, and its limit, once a throttle
// was blamed on it. Until then a model has no limit of its own.
//
// Models are those that clients ask for, by the name that they use: two names of one model upstream
// are two models here, and each learns what the other leaves it. The table is bounded, and what has
// long said nothing is forgotten: a model that is asked for again starts without a limit, which
// costs one throttle. A limit that has climbed as high as any may go is none, and is forgotten as
// well. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_MODEL_LIMITS_H_
#define ZBROKER_DAEMON_CORE_MODEL_LIMITS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/config.h"
#include "daemon/core/learned_limit.h"
#include "daemon/core/served_levels.h"

namespace zbroker::core {

class ModelLimits {
 public:
  // The one that has said nothing for longest makes room, those without a limit first.
  static constexpr size_t kModelsMax = 64;
  // A limit of a model that has said nothing for so long is forgotten.
  static constexpr absl::Duration kSilence = absl::Hours(24 * 7);

  // What was learned stays, within the new bounds. `pools` are there from the next EnterClass() on,
  // each with the limit that it is configured with, and are never forgotten.
  void Configure(const SlotsConfig& config, const std::map<std::string, int>& pools, BootTime now);
  void EnterClass(HourClass hours, BootTime now);
  void Advance(BootTime now);
  BootTime NextChange() const;

  // Nullptr: the model has no limit.
  LearnedLimit* Find(const std::string& model);
  const LearnedLimit* Find(const std::string& model) const;
  // Gives it one, which is so far as many as were in flight, if it has none.
  LearnedLimit& FindOrAdd(const std::string& model, int in_flight, BootTime now);
  // Gives it back what was known of it before; without a limit it has none.
  void Reset(const std::string& model, std::optional<LearnedLimit> limit, ServedLevels served);
  // Takes up what a former daemon learned.
  void Restore(const std::string& model, LearnedState state, BootTime now);

  ServedLevels& Served(const std::string& model, BootTime now);
  BootTime LastAt(const std::string& model, int in_flight) const;
  // Whether any other than this one has been served within so long.
  bool OthersServed(const std::string& model, absl::Duration within, BootTime now) const;

  // Whether some model's trial is under way.
  bool TrialUnderWay() const;
  // What has changed since the last call; without a state: it is forgotten.
  struct Change {
    std::string model;
    std::optional<LearnedState> state;
  };
  std::vector<Change> TakeChanges();

  // No limit is higher.
  int max() const { return config_.max; }
  // Those with a limit, by name.
  std::vector<std::string> Limited() const;

 private:
  struct Model {
    std::optional<LearnedLimit> limit;
    ServedLevels served;
    BootTime heard;  // when anything was last known of it
  };

  SlotsConfig LearnerConfig(const std::string& model) const;
  Model& Get(const std::string& model, BootTime now);
  void MakeRoom();
  void Forget(const std::string& name, Model& model);
  bool IsNone(const LearnedLimit& limit) const;

  SlotsConfig config_;
  std::map<std::string, int> pools_;
  HourClass hours_ = HourClass::kOffPeak;
  std::map<std::string, Model> models_;
  std::vector<std::string> forgotten_;  // since the last TakeChanges()
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_MODEL_LIMITS_H_
