#include "tests/sim/model_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/core/window.h"

namespace zbroker::sim {

using core::Amount;
using core::LeaseId;

void ModelLedger::Write(const std::vector<core::Record>& records) {
  for (const core::Record& record : records) {
    if (const auto* opened = std::get_if<core::LeaseOpened>(&record)) {
      EXPECT_TRUE(leases_.empty() || opened->lease > leases_.rbegin()->first)
          << "lease ids must grow";
      leases_[opened->lease] = {*opened, false};
      ++accounts_[opened->request.account].totals.granted;
    } else if (const auto* closed = std::get_if<core::LeaseClosed>(&record)) {
      const auto found = leases_.find(closed->lease);
      ASSERT_TRUE(found != leases_.end()) << "closed lease " << closed->lease << " was never open";
      EXPECT_FALSE(found->second.closed) << "lease " << closed->lease << " ended twice";
      found->second.closed = true;
      if (!closed->refunds.empty()) {
        auto& charges = found->second.opened.charges;
        EXPECT_TRUE(std::ranges::equal(closed->refunds, charges, [](const auto& a, const auto& b) {
          return a.window == b.window && a.amount == b.amount;
        })) << "a refund that is not exact";
        charges.clear();
      }
      for (const core::Charge& settled : closed->settled) {
        auto& charges = found->second.opened.charges;
        std::erase_if(charges, [&](const auto& one) { return one.window == settled.window; });
        if (settled.amount > Amount()) charges.push_back(settled);
      }
      core::Totals& totals = accounts_[closed->account].totals;
      totals.lost += closed->outcome == core::Outcome::kLost ? 1 : 0;
      totals.throttled += closed->outcome == core::Outcome::kThrottle ? 1 : 0;
    } else if (const auto* settings = std::get_if<core::AccountSettings>(&record)) {
      accounts_[settings->account].settings = *settings;
    } else if (const auto* set = std::get_if<core::BlockSet>(&record)) {
      RemoveBlock(set->account, set->block);
      blocks_.push_back(*set);
    } else if (const auto* learned = std::get_if<core::LimitLearned>(&record)) {
      limits_[{learned->account, learned->state.hours}] = *learned;
    } else if (const auto* reset = std::get_if<core::ResetKnown>(&record)) {
      resets_[{reset->account, reset->window}] = *reset;
    } else {
      const auto& removed = std::get<core::BlockRemoved>(record);
      EXPECT_TRUE(RemoveBlock(removed.account, removed.block)) << "a block that never was";
    }
  }
}

bool ModelLedger::RemoveBlock(const std::string& account, const core::Block& name) {
  return std::erase_if(blocks_, [&](const core::BlockSet& set) {
           return set.account == account && set.block.SameName(name);
         }) > 0;
}

const core::Block* ModelLedger::BlockAgainst(const std::string& account,
                                             const core::Request& request, BootTime now) const {
  for (const core::BlockSet& set : blocks_) {
    if (set.account != account || set.block.until <= now) continue;
    const core::Block& block = set.block;
    const bool matches = block.scope == core::Scope::kAccount ||
                         (block.scope == core::Scope::kModel && block.model == request.model) ||
                         (block.scope == core::Scope::kKind && block.kind == request.kind);
    if (matches) return &block;
  }
  return nullptr;
}

size_t ModelLedger::StandingBlocks(const std::string& account, BootTime now) const {
  return static_cast<size_t>(std::count_if(
      blocks_.begin(), blocks_.end(),
      [&](const core::BlockSet& set) { return set.account == account && set.block.until > now; }));
}

std::vector<LeaseId> ModelLedger::OpenLeases(const std::string& account) const {
  std::vector<LeaseId> open;
  for (const auto& [id, entry] : leases_) {
    if (!entry.closed && entry.opened.request.account == account) open.push_back(id);
  }
  return open;
}

Amount ModelLedger::Used(const std::string& account, const core::WindowConfig& window,
                         BootTime now) const {
  Amount used;
  for (const auto& charge : Charges()) {
    const bool inside = charge.at <= now && charge.at + window.length > now;
    if (charge.account == account && charge.window == window.name && inside) used += charge.amount;
  }
  return used;
}

Amount ModelLedger::Rebuilt(const std::string& account, const core::WindowConfig& config,
                            const core::WallClock& wall, BootTime now) const {
  core::Window window(config);
  window.SetWallClock(wall);
  for (const auto& charge : Charges()) {
    if (charge.account == account && charge.window == config.name) {
      window.Add(charge.at, charge.amount);
    }
  }
  const auto reset = resets_.find({account, config.name});
  if (reset != resets_.end() && reset->second.at) window.SetReset(*reset->second.at);
  window.Advance(now);
  return window.used();
}

bool ModelLedger::KnowsReset(const std::string& account, const std::string& window) const {
  const auto reset = resets_.find({account, window});
  return reset != resets_.end() && reset->second.at.has_value();
}

core::Totals ModelLedger::TotalsOf(const std::string& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? core::Totals() : found->second.totals;
}

std::vector<core::Recovered::PastCharges> ModelLedger::Charges() const {
  std::vector<core::Recovered::PastCharges> charges;
  for (const auto& [id, entry] : leases_) {
    for (const core::Charge& charge : entry.opened.charges) {
      charges.push_back(
          {entry.opened.request.account, charge.window, {{entry.opened.granted, charge.amount}}});
    }
  }
  return charges;
}

core::Recovered ModelLedger::Recover(const std::map<int32_t, bool>& alive) const {
  core::Recovered recovered;
  recovered.last_lease = leases_.empty() ? 0 : leases_.rbegin()->first;
  for (const auto& [id, entry] : leases_) {
    if (entry.closed) continue;
    const auto found = alive.find(entry.opened.holder.pid);
    recovered.leases.push_back({entry.opened, found != alive.end() && found->second});
  }
  recovered.charges = Charges();
  recovered.blocks = blocks_;
  for (const auto& [key, learned] : limits_) recovered.limits.push_back(learned);
  for (const auto& [key, reset] : resets_) recovered.resets.push_back(reset);
  for (const auto& [name, account] : accounts_) {
    recovered.accounts.push_back(account);
    recovered.accounts.back().settings.account = name;
  }
  return recovered;
}

}  // namespace zbroker::sim
