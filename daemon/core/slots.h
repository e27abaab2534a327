// Which open leases hold a slot: of the account, of its pools, and of those that work of no
// particular urgency may take.
//
// In flight is the number of leases that are here; there is no other counter that could drift. Not
// thread-safe.
#ifndef ZBROKER_DAEMON_CORE_SLOTS_H_
#define ZBROKER_DAEMON_CORE_SLOTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "daemon/core/config.h"
#include "daemon/core/lease.h"

namespace zbroker::core {

class Slots {
 public:
  // Takes a new configuration, and forgets who holds what: every open lease must be put again.
  void Configure(const SlotsConfig& config, std::vector<PoolConfig> pools);

  // The pools that the model belongs to.
  PoolSet PoolsOf(const std::string& model) const;
  // What its limit is learned with: the first pool that learns and that it belongs to, by its
  // globs, else the model itself.
  std::string GroupOf(const std::string& model) const;
  // The name of the pool's group; empty if it does not learn.
  std::string GroupOfPool(size_t index) const;
  // The pools that learn, by the names of their groups, and where each starts.
  std::map<std::string, int> LearningPools() const;
  const PoolConfig& pool(size_t index) const { return pools_[index]; }
  size_t pools() const { return pools_.size(); }

  // Puts a lease where it belongs now: with a host it needs no slot of the account, and none of the
  // pools that its host is in. Repeating it after its host has changed is how it moves.
  void Put(const Lease& lease, const Lease* host);
  void Remove(const Lease& lease);

  int taken() const { return static_cast<int>(holders_.size()); }
  // How long the present holders have had theirs, on average; zero without any.
  absl::Duration MeanAge(BootTime now) const;
  bool Holds(LeaseId lease) const { return holders_.contains(lease); }
  // Those that are here whose clients report what the upstream answers, nested ones too: as many
  // are known to be in flight upstream.
  int reporting() const { return static_cast<int>(reporting_.size()); }
  // The same of one group: those that need a slot of it, and those whose clients report.
  int taken_of(const std::string& group) const { return CountOf(group).taken; }
  int reporting_of(const std::string& group) const { return CountOf(group).reporting; }
  int taken_in_pool(size_t index) const { return static_cast<int>(pool_holders_[index].size()); }
  // The pools in which no slot is free.
  PoolSet FullPools() const;
  // Whether all slots are taken that others than interactive waiters may have, by the limit in
  // force.
  bool OnlyForInteractive(int limit) const;

 private:
  struct Count {
    int taken = 0;
    int reporting = 0;
  };
  // Which of a group's counts an open lease is part of.
  struct Counted {
    std::string group;
    bool taken = false;
    bool reporting = false;
  };

  Count CountOf(const std::string& group) const;
  bool Learns(const PoolConfig& pool) const { return pool.learn && config_.learn; }
  void Add(const Counted& counted, int by);

  SlotsConfig config_;
  std::vector<PoolConfig> pools_;
  absl::flat_hash_map<LeaseId, BootTime> holders_;  // since when
  int64_t since_us_ = 0;                            // the sum of those
  absl::flat_hash_set<LeaseId> not_interactive_;    // of the holders
  absl::flat_hash_set<LeaseId> reporting_;
  absl::flat_hash_map<LeaseId, Counted> counted_;
  absl::flat_hash_map<std::string, Count> groups_;  // none is empty
  std::vector<absl::flat_hash_set<LeaseId>> pool_holders_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_SLOTS_H_
