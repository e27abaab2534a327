// The limits of an account, its own and those of its models, and which of them learns what from
// what becomes of a lease. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_LIMITS_H_
#define ZBROKER_DAEMON_CORE_LIMITS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/blame.h"
#include "daemon/core/config.h"
#include "daemon/core/learned_limit.h"
#include "daemon/core/lease.h"
#include "daemon/core/model_limits.h"
#include "daemon/core/record.h"
#include "daemon/core/served_levels.h"
#include "daemon/core/slot_limit.h"
#include "daemon/core/slot_source.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::core {

class Limits {
 public:
  Limits() = default;
  Limits(const Limits&) = delete;
  Limits& operator=(const Limits&) = delete;

  static constexpr size_t kPinsMax = 64;

  // `pools`: those that learn, by the names of their groups, and the limit that each starts with.
  void Configure(const AccountConfig& config, const std::map<std::string, int>& pools,
                 BootTime now);
  void EnterHours(BootTime now, const WallClock& wall);
  void Advance(BootTime now);
  BootTime NextChange() const;

  // --- What may be granted.

  // At least one.
  int account() const;
  // What it would be with this pin, or without any; the same of a model.
  int AccountIfPinned(std::optional<int> pin) const;
  std::optional<int> OfModelIfPinned(const std::string& model, std::optional<int> pin) const;
  // Whether one more than that may be tried; and one more than the model's limit. No two trials are
  // under way at a time, so that each is known by what becomes of it.
  bool MayTryAccount() const { return source_.MayTry() && !models_.TrialUnderWay(); }
  bool MayTryModel(const std::string& model) const;
  // Empty: it has none of its own.
  std::optional<int> OfModel(const std::string& model) const;

  // Pins what the model may have, or without a limit unpins it. Nothing is learned of it meanwhile.
  // False: too many are pinned.
  bool PinModel(const std::string& model, std::optional<int> limit, BootTime now);
  const std::map<std::string, int>& pins() const { return pins_; }

  // --- What becomes of leases. `lease` has how many were in flight right after its grant.

  void Started(const Lease& lease);
  // It has ended well, as its client reports.
  void Served(const Lease& lease);
  // It has ended otherwise, or may have.
  void Gone(const Lease& lease);
  // It was refused as one too many.
  CoolDown Throttled(const Lease& lease, const std::string& upstream_code);

  // --- Over restarts. REQUIRES: EnterHours() was called.

  void Restore(const LimitLearned& learned);
  void TakeChanges(const std::string& account, std::vector<Record>& records);

  // What is known of models, but for how many are in flight: of each what is in force first.
  std::vector<KnownModelLimit> KnownOfModels() const;

  // --- The account's, and what is known of all.

  SlotLimit& slot_limit() { return limit_; }
  const SlotLimit& slot_limit() const { return limit_; }
  const ModelLimits& models() const { return models_; }

 private:
  // What has been in flight for so long was not refused.
  static constexpr absl::Duration kTaken = absl::Seconds(2);
  // Models that were served within so long are in use.
  static constexpr absl::Duration kInUse = absl::Minutes(10);
  // Two throttles further apart than this have nothing to do with each other.
  static constexpr absl::Duration kDoubt = absl::Minutes(1);

  // A lease that may show what is served.
  struct Witness {
    std::string model;
    BootTime granted;
    int in_flight = 0, model_in_flight = 0;
  };
  // The model that was blamed last, and what it had before.
  struct Accused {
    std::string model;
    BootTime at;
    int in_flight = 0;
    bool was_served = false;  // as WasServed()
    std::optional<LearnedLimit> limit;
    ServedLevels served;
  };

  // How many were in flight upstream right after its grant, with what is left to others; 0: it is
  // no evidence.
  int LevelOf(const Lease& lease) const;
  bool IsPinned(const std::string& model) const { return pins_.contains(model); }
  KnownModelLimit KnownOf(const std::string& model, const LearnedLimit& limit,
                          const LearnedState& state) const;
  void Note(const Witness& witness);
  void HearWitnesses();
  // The rule of blame.h, for a lease.
  bool IsModelToBlame(const Lease& lease) const;
  // Whether another model was refused a moment ago, and the account has served no more since: then
  // it is the account, both times.
  bool IsAnotherRefused(const Lease& lease) const;
  // Whether of its model as many as with it were lately served.
  bool WasServed(const Lease& lease) const;
  // Whether others than this one are at work, or were lately.
  bool OthersInUse(const std::string& model) const;
  CoolDown BlameAccount(const Lease& lease, const std::string& upstream_code);
  CoolDown BlameModel(const Lease& lease, const std::string& upstream_code);
  Lesson Tell(Evidence::What what, const Lease& lease, const std::string& code = "");

  BootTime now_;
  bool learn_ = true;
  int outside_ = 0;  // left to programs out of reach
  SlotLimit limit_;
  SlotSource& source_ = limit_;
  ModelLimits models_;
  std::map<std::string, int> pins_;              // of models, by an administrator
  ServedLevels served_;                          // of the account
  absl::btree_map<LeaseId, Witness> witnesses_;  // in an order: what is noted last stays longest
  std::optional<Accused> accused_;
  // When the account's limit fell last. What was granted until then belongs to that.
  BootTime fell_ = BootTime() - absl::InfiniteDuration();
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_LIMITS_H_
