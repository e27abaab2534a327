#include "daemon/core/account.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

bool Counts(Unit unit, Kind kind) {
  switch (unit) {
    case Unit::kPrompts:
      return kind == Kind::kPrompt;
    case Unit::kCalls:
      return kind == Kind::kPrompt || kind == Kind::kCall;
    case Unit::kMcpCalls:
      return kind == Kind::kMcp;
    case Unit::kTokens:
    case Unit::kCredits:
      return false;
  }
  return false;
}

}  // namespace

Account::Account(AccountConfig config) { Configure(std::move(config)); }

void Account::Configure(AccountConfig config) {
  config_ = std::move(config);
  windows_.clear();
  for (const WindowConfig& window : config_.windows) windows_.emplace_back(window);
  queue = WaiterQueue();
  retired = false;
}

std::vector<Amount> Account::ChargesFor(const Request& request) const {
  std::vector<Amount> charges;
  charges.reserve(windows_.size());
  for (const RollingWindow& window : windows_) {
    charges.push_back(Counts(window.config().unit, request.kind) ? request.weight : Amount());
  }
  return charges;
}

absl::Status Account::CheckFits(const std::vector<Amount>& charges) const {
  for (size_t i = 0; i < charges.size(); ++i) {
    if (windows_[i].CanEverFit(charges[i])) continue;
    const WindowConfig& window = windows_[i].config();
    return absl::FailedPreconditionError(
        absl::StrCat("weight ", charges[i].ToDouble(), " can never fit into window ", window.name,
                     " of account ", name(), ", whose limit is ", window.limit.ToDouble()));
  }
  return absl::OkStatus();
}

std::vector<Charge> Account::AddCharges(BootTime at, const std::vector<Amount>& charges) {
  std::vector<Charge> named;
  for (size_t i = 0; i < charges.size(); ++i) {
    if (charges[i] == Amount()) continue;
    windows_[i].Add(at, charges[i]);
    named.push_back({windows_[i].config().name, charges[i]});
  }
  return named;
}

void Account::RemoveCharges(BootTime at, const std::vector<Charge>& charges) {
  for (const Charge& charge : charges) {
    for (RollingWindow& window : windows_) {
      if (window.config().name == charge.window) window.Remove(at, charge.amount);
    }
  }
}

void Account::Advance(BootTime now) {
  for (RollingWindow& window : windows_) window.Advance(now);
  blocks.Advance(now);
}

BootTime Account::NextChance() const {
  BootTime next = blocks.NextEnd();
  for (const Waiter* head : queue.Heads(blocks)) {
    BootTime room;
    for (size_t i = 0; i < windows_.size(); ++i) {
      if (windows_[i].HasRoomFor(head->charges[i])) continue;
      room = std::max(room, windows_[i].RoomAt(head->charges[i]));
    }
    if (room > BootTime()) next = std::min(next, room);
  }
  return next;
}

WaitState Account::Explain(const Waiter& waiter, size_t position, BootTime now) const {
  WaitState state;
  state.position = static_cast<uint32_t>(position);
  if (paused) {
    state.reason = WaitReason::kPaused;
    return state;
  }
  if (const Block* block = blocks.Match(waiter.request)) {
    state.reason = WaitReason::kBlocked;
    state.block = Describe(*block);
    state.until = block->until;
    state.estimate = block->until - now;
    return state;
  }
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i].HasRoomFor(waiter.charges[i])) continue;
    const BootTime room = windows_[i].RoomAt(waiter.charges[i]);
    if (state.until && *state.until >= room) continue;
    state.reason = WaitReason::kWindow;
    state.window = windows_[i].config().name;
    state.until = room;
    state.estimate = room - now;
  }
  if (state.until) return state;
  if (HasFreeSlot()) {
    // A slot is free and the windows have room for it: somebody ahead needs more room in one.
    state.reason = WaitReason::kOrder;
    for (const Waiter* head : queue.Heads(blocks)) {
      for (size_t i = 0; i < windows_.size(); ++i) {
        if (waiter.charges[i] > Amount() && !windows_[i].HasRoomFor(head->charges[i])) {
          state.window = windows_[i].config().name;
        }
      }
    }
    return state;
  }
  state.reason = WaitReason::kSlots;
  state.slot_limit = slot_limit();
  if (mean_hold_) state.estimate = *mean_hold_ * static_cast<double>(position) / slot_limit();
  return state;
}

void Account::ObserveHold(absl::Duration held) {
  // Exponentially weighted: the last ten or so leases count.
  mean_hold_ = mean_hold_ ? *mean_hold_ * 0.9 + held * 0.1 : held;
}

}  // namespace zbroker::core
