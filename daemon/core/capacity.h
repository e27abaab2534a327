// What an account can have in flight: its slots and pools, who holds them, where their number comes
// from, and how quickly one start may follow another. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_CAPACITY_H_
#define ZBROKER_DAEMON_CORE_CAPACITY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/config.h"
#include "daemon/core/lease.h"
#include "daemon/core/limits.h"
#include "daemon/core/record.h"
#include "daemon/core/release_details.h"
#include "daemon/core/slot_limit.h"
#include "daemon/core/slots.h"
#include "daemon/core/snapshot.h"
#include "daemon/core/start_pacer.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::core {

class Capacity {
 public:
  Capacity() = default;
  Capacity(const Capacity&) = delete;
  Capacity& operator=(const Capacity&) = delete;

  // What the next lease that is not nested could be granted on.
  enum class Offer : uint8_t {
    kNone,
    kSlot,
    kTrial,  // beyond the limit: to a lease only whose client takes a throttle back
  };

  // Takes a new configuration. The slots are free: every open lease must be put again.
  void Configure(const AccountConfig& config, BootTime now);

  // Finds what the present hours are: after Configure() and at NextHours().
  void EnterHours(BootTime now, const WallClock& wall) { limits_.EnterHours(now, wall); }
  absl::Time NextHours(absl::Time time) const { return limits_.slot_limit().NextHours(time); }
  void Advance(BootTime now);
  // When a limit, or what is known of it, changes by time alone.
  BootTime NextChange() const { return limits_.NextChange(); }

  // --- What can be had.

  // As far as slots go, and as far as slots and the pace of starts go.
  Offer Slot() const;
  Offer Next() const { return MayStart() ? Slot() : Offer::kNone; }
  bool MayStart() const { return pacer_.MayStart(now_); }
  bool MayStartNested() const { return pacer_.MayStartNested(now_); }
  // Whether the slot is kept for interactive requests, which this is not.
  bool IsReserved(const Request& request, Offer offer) const;
  // The same of what a group of models may have by its own limit: kSlot where it has none.
  Offer OfGroup(const std::string& group) const;
  std::optional<int> LimitOf(const std::string& group) const { return limits_.OfModel(group); }
  // Whether the group's own limit lets a lease be granted on the offer, or whatever the offer is.
  bool IsOpen(const std::string& group, Offer offer, bool takes_throttles) const;
  std::string GroupOf(const std::string& model) const { return slots_.GroupOf(model); }
  PoolSet PoolsOf(const std::string& model) const { return slots_.PoolsOf(model); }
  PoolSet FullPools() const { return slots_.FullPools(); }
  const PoolConfig& pool(size_t index) const { return slots_.pool(index); }
  int TakenInPool(size_t index) const { return slots_.taken_in_pool(index); }
  int TakenOf(const std::string& group) const { return slots_.taken_of(group); }

  // --- What is had.

  // Puts a lease where it belongs now; see Slots::Put. Returns whether it holds a slot there.
  bool Put(const Lease& lease, const Lease* host);
  void Remove(const Lease& lease) { slots_.Remove(lease); }
  bool Holds(LeaseId lease) const { return slots_.Holds(lease); }
  int taken() const { return slots_.taken(); }
  absl::Duration MeanAge() const { return slots_.MeanAge(now_); }

  // --- What becomes of leases.

  // It was put, and starts. A shadow does not, nor what is slotless.
  void Started(Lease& lease);
  // One that went without gets a slot now, and counts as a start.
  void StartedLate() { pacer_.Started(now_); }
  // The start was taken back, with every other one since the last call of Mark().
  void TakeBackStart(const Lease& lease);
  void Mark() { pacer_at_mark_ = pacer_; }
  // Its holder is gone, so whether it is still at work is not known; and how it ended.
  void HolderGone(const Lease& lease);
  void Ended(const Lease& lease, Outcome outcome);
  // The upstream refused it as one too many. Returns who has to cool down.
  CoolDown Throttled(const Lease& lease, const std::string& upstream_code);

  // --- The pace of starts.

  // The lease was throttled for its start.
  void StartThrottled(const Lease& lease) { pacer_.OnStartRateThrottle(lease.granted, now_); }
  // A wall is over: those who were held back by it must not arrive all at once.
  void StartSlowly() { pacer_.SlowStart(now_, limit()); }
  void StopPacing() { pacer_.Stop(); }
  BootTime NextStart() const { return pacer_.NextStart(); }
  absl::Duration StartGap() const { return pacer_.gap(); }
  // Whether starts are spaced only because a wall has ended.
  bool OnlyStartsSlowly() const { return pacer_.interval() == absl::ZeroDuration(); }

  // --- The limit.

  int limit() const { return limits_.account(); }
  void Pin(std::optional<int> limit) { limits_.slot_limit().Pin(limit, now_); }
  std::optional<int> pinned() const { return limits_.slot_limit().pinned(); }
  // What the limit, or the group's (0: none), would be if that were pinned, or nothing were.
  int LimitIfPinned(std::optional<int> limit) const { return limits_.AccountIfPinned(limit); }
  int LimitOfIfPinned(const std::string& group, std::optional<int> limit) const {
    return limits_.OfModelIfPinned(group, limit).value_or(0);
  }
  // Pins, or without a limit unpins, what the group may have; false: too many are pinned.
  bool PinModel(const std::string& group, std::optional<int> limit);
  // REQUIRES: EnterHours() was called.
  void Recall(const LimitLearned& learned) { limits_.Restore(learned); }
  // What has changed of all limits since the last call.
  void TakeLearned(const std::string& account, std::vector<Record>& records) {
    limits_.TakeChanges(account, records);
  }

  void View(AccountSnapshot& account) const;

 private:
  BootTime now_;
  Slots slots_;
  Limits limits_;
  StartPacer pacer_;
  StartPacer pacer_at_mark_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_CAPACITY_H_
