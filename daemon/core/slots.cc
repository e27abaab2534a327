#include "daemon/core/slots.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "client/base/glob.h"

namespace zbroker::core {
namespace {

std::string NameOf(const PoolConfig& pool) { return absl::StrJoin(pool.models, ", "); }

}  // namespace

void Slots::Configure(const SlotsConfig& config, std::vector<PoolConfig> pools) {
  config_ = config;
  pools_ = std::move(pools);
  holders_.clear();
  since_us_ = 0;
  not_interactive_.clear();
  reporting_.clear();
  counted_.clear();
  groups_.clear();
  pool_holders_.assign(pools_.size(), {});
}

PoolSet Slots::PoolsOf(const std::string& model) const {
  PoolSet set = 0;
  for (size_t i = 0; i < pools_.size(); ++i) {
    if (Learns(pools_[i])) continue;
    if (AnyGlobMatches(pools_[i].models, model)) set |= PoolSet{1} << i;
  }
  return set;
}

std::string Slots::GroupOf(const std::string& model) const {
  for (const PoolConfig& pool : pools_) {
    if (Learns(pool) && AnyGlobMatches(pool.models, model)) return NameOf(pool);
  }
  return model;
}

std::string Slots::GroupOfPool(size_t index) const {
  return Learns(pools_[index]) ? NameOf(pools_[index]) : "";
}

std::map<std::string, int> Slots::LearningPools() const {
  std::map<std::string, int> pools;
  for (const PoolConfig& pool : pools_) {
    if (Learns(pool)) pools.emplace(NameOf(pool), pool.limit);
  }
  return pools;
}

void Slots::Put(const Lease& lease, const Lease* host) {
  Remove(lease);
  if (lease.shadow || lease.slotless) return;
  if (lease.reports) reporting_.insert(lease.id);
  if (host == nullptr) {
    holders_[lease.id] = lease.slot_since;
    since_us_ += lease.slot_since.micros();
    if (lease.request.priority != Priority::kInteractive) not_interactive_.insert(lease.id);
  }
  const bool of_its_own = host == nullptr || host->group != lease.group;
  const Counted counted{lease.group, of_its_own, lease.reports};
  counted_[lease.id] = counted;
  Add(counted, 1);
  const PoolSet needed = lease.pools & ~(host == nullptr ? PoolSet{0} : host->pools);
  for (size_t i = 0; i < pools_.size(); ++i) {
    if ((needed >> i & 1) != 0) pool_holders_[i].insert(lease.id);
  }
}

void Slots::Remove(const Lease& lease) {
  if (const auto holder = holders_.find(lease.id); holder != holders_.end()) {
    since_us_ -= holder->second.micros();
    holders_.erase(holder);
  }
  not_interactive_.erase(lease.id);
  reporting_.erase(lease.id);
  if (const auto counted = counted_.find(lease.id); counted != counted_.end()) {
    Add(counted->second, -1);
    counted_.erase(counted);
  }
  for (auto& holders : pool_holders_) holders.erase(lease.id);
}

void Slots::Add(const Counted& counted, int by) {
  Count& count = groups_[counted.group];
  if (counted.taken) count.taken += by;
  if (counted.reporting) count.reporting += by;
  if (count.taken == 0 && count.reporting == 0) groups_.erase(counted.group);
}

Slots::Count Slots::CountOf(const std::string& group) const {
  const auto count = groups_.find(group);
  return count == groups_.end() ? Count() : count->second;
}

absl::Duration Slots::MeanAge(BootTime now) const {
  if (holders_.empty()) return absl::ZeroDuration();
  return now - BootTime::FromMicros(since_us_ / taken());
}

PoolSet Slots::FullPools() const {
  PoolSet full = 0;
  for (size_t i = 0; i < pools_.size(); ++i) {
    if (pool_holders_[i].size() >= static_cast<size_t>(pools_[i].limit)) full |= PoolSet{1} << i;
  }
  return full;
}

bool Slots::OnlyForInteractive(int limit) const {
  const int reserved = std::min(config_.reserve_interactive, limit - 1);
  return static_cast<int>(not_interactive_.size()) >= limit - reserved;
}

}  // namespace zbroker::core
