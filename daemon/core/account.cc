#include "daemon/core/account.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/core/glob.h"

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

Account::Account(AccountConfig config, absl::Duration age_after) {
  Configure(std::move(config), age_after);
}

void Account::Configure(AccountConfig config, absl::Duration age_after) {
  config_ = std::move(config);
  windows_.clear();
  for (const WindowConfig& window : config_.windows) windows_.emplace_back(window);
  slots.Configure(config_.slots, config_.pools);
  queue.Clear();
  queue.set_age_after(age_after);
  children.clear();
  retired = false;
}

Priority Account::PriorityFor(const Request& request, const std::string& program,
                              bool background) const {
  for (const PriorityRule& rule : config_.priority_rules) {
    if (!rule.models.empty() && !AnyGlobMatches(rule.models, request.model)) continue;
    if (!rule.programs.empty() && !AnyGlobMatches(rule.programs, program)) continue;
    if (rule.background && *rule.background != background) continue;
    return rule.priority;
  }
  return background ? Priority::kBackground : Priority::kNormal;
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
  queue.Advance(now);
}

WaiterQueue::WindowSet Account::Lacking(const Waiter& waiter) const {
  WaiterQueue::WindowSet lacking = 0;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (!windows_[i].HasRoomFor(waiter.charges[i])) lacking |= WaiterQueue::WindowSet{1} << i;
  }
  return lacking;
}

bool Account::SessionIsFull(const Waiter& waiter) const {
  const int cap = config_.slots.per_session;
  return cap > 0 && queue.SlotsOf(waiter.request.session) >= cap;
}

bool Account::IsReserved(const Waiter& waiter) const {
  return waiter.request.priority != Priority::kInteractive &&
         slots.OnlyForInteractive(slot_limit());
}

template <typename Body>
auto Account::WithAdmission(Body body) const {
  const PoolSet full = slots.FullPools();
  return body(WaiterQueue::Admission{
      .open =
          [&](const Waiter& one) {
            return (one.pools & full) == 0 && blocks.Match(one.request) == nullptr;
          },
      .may = [&](const Waiter& one) { return !SessionIsFull(one) && !IsReserved(one); },
      .lacking = [&](const Waiter& one) { return Lacking(one); }});
}

const Waiter* Account::Next(WaiterQueue::WindowSet& contested) const {
  return WithAdmission(
      [&](const WaiterQueue::Admission& admission) { return queue.Next(admission, contested); });
}

bool Account::NeedsOnlySlot(const Waiter& waiter) const {
  return blocks.Match(waiter.request) == nullptr && Lacking(waiter) == 0;
}

BootTime Account::RoomFor(const Waiter& waiter) const {
  BootTime room;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i].HasRoomFor(waiter.charges[i])) continue;
    room = std::max(room, windows_[i].RoomAt(waiter.charges[i]));
  }
  return room;
}

BootTime Account::NextChance() const {
  BootTime next = blocks.NextEnd();
  const auto heads = WithAdmission(
      [&](const WaiterQueue::Admission& admission) { return queue.Heads(admission); });
  for (const Waiter* head : heads) {
    const BootTime room = RoomFor(*head);
    if (room > BootTime()) next = std::min(next, room);
  }
  // Those who could be nested don't depend on order.
  for (const auto& [parent, waiters] : children) {
    for (const auto& [order, waiter] : waiters) {
      const BootTime room = RoomFor(*waiter);
      if (room > BootTime()) next = std::min(next, room);
    }
  }
  return next;
}

size_t Account::PositionOf(const Waiter& waiter) const {
  return queue.CountBefore(waiter, expected_hold()) + 1;
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
  if (const PoolSet full = waiter.pools & slots.FullPools(); full != 0) {
    state.reason = WaitReason::kPool;
    const PoolConfig& pool = slots.pool(static_cast<size_t>(std::countr_zero(full)));
    state.slot_limit = pool.limit;
    state.pool = absl::StrJoin(pool.models, ", ");
  } else if (SessionIsFull(waiter)) {
    state.reason = WaitReason::kSession;
    state.slot_limit = config_.slots.per_session;
  } else if (!HasFreeSlot()) {
    state.reason = WaitReason::kSlots;
    state.slot_limit = slot_limit();
  } else if (IsReserved(waiter)) {
    state.reason = WaitReason::kReserved;
    state.slot_limit = slot_limit();
  } else {
    ExplainOrder(waiter, state);
    return state;
  }
  if (mean_hold_) state.estimate = *mean_hold_ * static_cast<double>(position) / slot_limit();
  return state;
}

// A slot is free and the windows have room for it: somebody ahead needs more room in one.
void Account::ExplainOrder(const Waiter& waiter, WaitState& state) const {
  state.reason = WaitReason::kOrder;
  const auto heads = WithAdmission(
      [&](const WaiterQueue::Admission& admission) { return queue.Heads(admission); });
  for (const Waiter* head : heads) {
    const WaiterQueue::WindowSet lacking = Lacking(*head);
    for (size_t i = 0; i < windows_.size(); ++i) {
      if (waiter.charges[i] > Amount() && (lacking >> i & 1) != 0) {
        state.window = windows_[i].config().name;
      }
    }
  }
}

void Account::ObserveHold(absl::Duration held) {
  // Exponentially weighted: the last ten or so leases count.
  mean_hold_ = mean_hold_ ? *mean_hold_ * 0.9 + held * 0.1 : held;
}

absl::Duration Account::expected_hold() const {
  // A request takes about so long, when nothing is known yet; and never nothing.
  return std::max(mean_hold_.value_or(absl::Seconds(10)), absl::Milliseconds(1));
}

}  // namespace zbroker::core
