// What holds after every step of a history.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/sim/history.h"

namespace zbroker::sim {

using core::Amount;
using core::LeaseId;

void History::CheckInvariants() {
  for (const core::AccountSnapshot& account : broker_->TakeSnapshot(now_).accounts) {
    CheckInFlight(account);
    CheckNothingAdmissible(account);
    CheckWindows(account);
    CheckBlocks(account);
  }
}

// A block stands against nobody who was granted in the batch that it is in: a grant is the last
// thing that a batch does.
void History::CheckGrantsOf(const core::Effects& effects) {
  for (const core::Record& record : effects.records) {
    const auto* opened = std::get_if<core::LeaseOpened>(&record);
    if (opened == nullptr) continue;
    EXPECT_EQ(ledger_.BlockAgainst(opened->request.account, opened->request, now_), nullptr)
        << "a grant in spite of a block: " << opened->request.ticket;
  }
}

void History::CheckBlocks(const core::AccountSnapshot& account) {
  EXPECT_EQ(account.blocks.size(), ledger_.StandingBlocks(account.name, now_))
      << "status and ledger disagree";
  for (const core::WaiterSnapshot& one : account.waiters) {
    const core::Request& request = one.waiter.request;
    const core::Block* block = ledger_.BlockAgainst(account.name, request, now_);
    if (one.waiter.client_gone() || account.paused) continue;
    EXPECT_EQ(one.state.reason == core::WaitReason::kBlocked, block != nullptr) << request.ticket;
    if (block == nullptr || !block->IsWall()) continue;
    EXPECT_TRUE(one.waiter.hold_until_reset) << "waits at a wall unasked: " << request.ticket;
  }
}

void History::CheckInFlight(const core::AccountSnapshot& account) {
  std::vector<LeaseId> held;
  for (const core::Lease& lease : account.leases) held.push_back(lease.id);
  EXPECT_EQ(held, ledger_.OpenLeases(account.name)) << "status and ledger disagree";
  EXPECT_EQ(account.totals.granted, ledger_.TotalsOf(account.name).granted);
  EXPECT_EQ(account.totals.lost, ledger_.TotalsOf(account.name).lost);
  // A lowered limit may leave more in flight, but then nothing is granted.
  if (granted_now_.contains(account.name)) {
    EXPECT_LE(account.leases.size(), static_cast<size_t>(account.slot_limit));
  }
}

void History::CheckNothingAdmissible(const core::AccountSnapshot& account) {
  const bool free = account.leases.size() < static_cast<size_t>(account.slot_limit);
  if (!free || account.paused || account.retired) return;
  std::set<std::string> contested;  // windows that somebody ahead lacks room in
  for (const core::WaiterSnapshot& one : account.waiters) {
    if (one.waiter.client_gone()) continue;
    if (ledger_.BlockAgainst(account.name, one.waiter.request, now_) != nullptr) continue;
    bool stands_back = false;
    bool lacks_room = false;
    std::set<std::string> lacking;
    for (size_t w = 0; w < account.windows.size(); ++w) {
      const auto& window = account.windows[w];
      const Amount charge = one.waiter.charges[w];
      if (charge == Amount() || window.config.enforce == core::Enforce::kOff) continue;
      stands_back |= contested.contains(window.config.name);
      if (window.used + charge > window.config.limit) {
        lacks_room = true;
        lacking.insert(window.config.name);
      }
    }
    EXPECT_TRUE(stands_back || lacks_room)
        << "a free slot and an admissible waiter: " << one.waiter.request.ticket;
    if (!stands_back) contested.merge(lacking);
  }
}

void History::CheckWindows(const core::AccountSnapshot& account) {
  for (const core::WindowSnapshot& window : account.windows) {
    EXPECT_EQ(window.used, ledger_.Used(account.name, window.config, now_))
        << account.name << " " << window.config.name;
    // A new configuration may find more used than it allows, but then nothing is charged.
    if (window.config.enforce == core::Enforce::kHard &&
        charged_now_.contains({account.name, window.config.name})) {
      EXPECT_LE(window.used, window.config.limit);
    }
  }
}

}  // namespace zbroker::sim
