#include "daemon/core/slots.h"

#include <algorithm>
#include <utility>

#include "daemon/core/glob.h"

namespace zbroker::core {

void Slots::Configure(const SlotsConfig& config, std::vector<PoolConfig> pools) {
  config_ = config;
  pools_ = std::move(pools);
  holders_.clear();
  since_us_ = 0;
  not_interactive_.clear();
  reporting_.clear();
  pool_holders_.assign(pools_.size(), {});
}

PoolSet Slots::PoolsOf(const std::string& model) const {
  PoolSet set = 0;
  for (size_t i = 0; i < pools_.size(); ++i) {
    if (AnyGlobMatches(pools_[i].models, model)) set |= PoolSet{1} << i;
  }
  return set;
}

void Slots::Put(const Lease& lease, const Lease* host) {
  Remove(lease);
  if (lease.shadow) return;
  if (lease.reports) reporting_.insert(lease.id);
  if (host == nullptr) {
    holders_[lease.id] = lease.slot_since;
    since_us_ += lease.slot_since.micros();
    if (lease.request.priority != Priority::kInteractive) not_interactive_.insert(lease.id);
  }
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
  for (auto& holders : pool_holders_) holders.erase(lease.id);
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
