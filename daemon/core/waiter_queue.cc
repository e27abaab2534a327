#include "daemon/core/waiter_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace zbroker::core {
namespace {

size_t IndexOf(Priority rank) { return static_cast<size_t>(rank); }

constexpr size_t kFew = 4;

}  // namespace

WaiterQueue::GateKey WaiterQueue::KeyOf(const Waiter& waiter) {
  return {waiter.charges.windows(),
          waiter.request.kind,
          waiter.request.priority == Priority::kInteractive,
          waiter.patient,
          waiter.paused,
          waiter.takes_throttles,
          waiter.request.model};
}

WaiterQueue::HeadKey WaiterQueue::HeadKeyOf(const Session& session, const Lane& lane) {
  const auto& [rank, order] = lane.begin()->first;
  return {rank, session.tag, order};
}

WaiterQueue::Session& WaiterQueue::FindOrAdd(const std::string& name,
                                             std::optional<absl::Duration> joined) {
  auto [found, is_new] = sessions_.try_emplace(name);
  Session& session = found->second;
  if (is_new) session.name = name;
  if (session.idle()) idle_.erase({session.tag, name});
  if (!session.lanes.empty()) return session;
  CatchUp();
  const absl::Duration start = std::min(joined.value_or(virtual_time_), virtual_time_);
  if (session.tag < start) {
    if (session.slots > 0) session.forwarded += start - session.tag;
    session.tag = start;
  }
  return session;
}

void WaiterQueue::RetireIfIdle(Session& session) {
  if (!session.idle()) return;
  idle_.emplace(session.tag, session.name);
  while (!idle_.empty() &&
         (idle_.begin()->first <= virtual_time_ || idle_.size() > kIdleSessionsMax)) {
    sessions_.erase(idle_.begin()->second);
    idle_.erase(idle_.begin());
  }
}

void WaiterQueue::Insert(Waiter* waiter) {
  Session& session = FindOrAdd(waiter->request.session, waiter->joined);
  if (!waiter->joined) waiter->joined = session.tag;
  if (session.waiters[IndexOf(waiter->rank)].contains(waiter->order)) return;
  Join(session, *waiter);
}

void WaiterQueue::Erase(const Waiter& waiter) {
  const auto found = sessions_.find(waiter.request.session);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  if (!session.waiters[IndexOf(waiter.rank)].contains(waiter.order)) return;
  Leave(session, waiter);
  RetireIfIdle(session);
}

void WaiterQueue::MoveGate(Waiter& waiter, absl::FunctionRef<void(Waiter&)> change) {
  Session& session = sessions_.at(waiter.request.session);
  Leave(session, waiter);
  change(waiter);
  Join(session, waiter);
}

void WaiterQueue::Join(Session& session, Waiter& waiter) {
  const ByPriority above_before = SomebodyWaitsAboveEach();
  session.waiters[IndexOf(waiter.rank)].emplace(waiter.order, &waiter);
  const GateKey key = KeyOf(waiter);
  Gate& gate = gates_.try_emplace(key, Gate{key, {}}).first->second;
  Lane& lane = session.lanes[&gate];
  if (!lane.empty()) gate.heads.erase(HeadKeyOf(session, lane));
  lane.emplace(std::pair(waiter.rank, waiter.order), &waiter);
  gate.heads.emplace(HeadKeyOf(session, lane), lane.begin()->second);
  ++size_;
  by_priority_[IndexOf(waiter.request.priority)][IndexOf(waiter.rank)].emplace(waiter.order,
                                                                               &waiter);
  NoteHoldingBack(above_before);
}

void WaiterQueue::Leave(Session& session, const Waiter& waiter) {
  const ByPriority above_before = SomebodyWaitsAboveEach();
  session.waiters[IndexOf(waiter.rank)].erase(waiter.order);
  const auto gate = gates_.find(KeyOf(waiter));
  const auto lane = session.lanes.find(&gate->second);
  gate->second.heads.erase(HeadKeyOf(session, lane->second));
  lane->second.erase({waiter.rank, waiter.order});
  if (lane->second.empty()) {
    session.lanes.erase(lane);
  } else {
    gate->second.heads.emplace(HeadKeyOf(session, lane->second), lane->second.begin()->second);
  }
  if (gate->second.heads.empty()) gates_.erase(gate);
  --size_;
  by_priority_[IndexOf(waiter.request.priority)][IndexOf(waiter.rank)].erase(waiter.order);
  NoteHoldingBack(above_before);
}

void WaiterQueue::Clear() {
  const ByPriority above_before = SomebodyWaitsAboveEach();
  gates_.clear();
  by_priority_ = {};
  size_ = 0;
  std::vector<Session*> waiting;  // retiring one may forget others, but none of these
  for (auto& [name, session] : sessions_) {
    if (!session.lanes.empty()) waiting.push_back(&session);
  }
  for (Session* session : waiting) {
    session->lanes.clear();
    for (auto& waiters : session->waiters) waiters.clear();
    RetireIfIdle(*session);
  }
  // Who was held back, and comes again, has waited since then.
  NoteHoldingBack(above_before);
}

void WaiterQueue::SetRank(Waiter& waiter, size_t rank) {
  Session& session = sessions_.at(waiter.request.session);
  Leave(session, waiter);
  waiter.rank = static_cast<Priority>(rank);
  Join(session, waiter);
}

bool WaiterQueue::SomebodyWaitsAbove(size_t priority) const {
  return std::any_of(by_priority_.begin(), by_priority_.begin() + static_cast<ptrdiff_t>(priority),
                     [](const ByRank& one) {
                       return !std::all_of(one.begin(), one.end(),
                                           [](const auto& waiters) { return waiters.empty(); });
                     });
}

WaiterQueue::ByPriority WaiterQueue::SomebodyWaitsAboveEach() const {
  return {false, SomebodyWaitsAbove(1), SomebodyWaitsAbove(2)};
}

void WaiterQueue::NoteHoldingBack(const ByPriority& above_before) {
  for (size_t priority = 1; priority < by_priority_.size(); ++priority) {
    const bool above = SomebodyWaitsAbove(priority);
    if (above == above_before[priority]) continue;
    if (!above) {
      last_above_[priority] = now_;
    } else if (held_back_since_[priority] == BootTime::InfiniteFuture() ||
               now_ - last_above_[priority] >= age_after_) {
      held_back_since_[priority] = now_;
    }
  }
}

void WaiterQueue::Advance(BootTime now) {
  now_ = now;
  for (size_t priority = 1; priority < by_priority_.size(); ++priority) {
    ByRank& waiters = by_priority_[priority];
    if (!SomebodyWaitsAbove(priority)) {
      for (size_t rank = 0; rank < priority; ++rank) {
        while (!waiters[rank].empty()) SetRank(*waiters[rank].begin()->second, priority);
      }
      continue;
    }
    for (size_t rank = priority; rank > 0; --rank) {
      const absl::Duration length = age_after_ * static_cast<int64_t>(priority - rank + 1);
      while (!waiters[rank].empty()) {
        Waiter& oldest = *waiters[rank].begin()->second;
        if (std::max(oldest.order.arrival, held_back_since_[priority]) + length > now) break;
        SetRank(oldest, rank - 1);
      }
    }
  }
}

BootTime WaiterQueue::NextRise() const {
  BootTime next = BootTime::InfiniteFuture();
  for (size_t priority = 1; priority < by_priority_.size(); ++priority) {
    if (!SomebodyWaitsAbove(priority)) continue;
    for (size_t rank = priority; rank > 0; --rank) {
      const auto& waiters = by_priority_[priority][rank];
      if (waiters.empty()) continue;
      next = std::min(next, std::max(waiters.begin()->first.arrival, held_back_since_[priority]) +
                                age_after_ * static_cast<int64_t>(priority - rank + 1));
    }
  }
  return next;
}

void WaiterQueue::MoveTag(Session& session, absl::Duration tag) {
  for (const auto& [gate, lane] : session.lanes) gate->heads.erase(HeadKeyOf(session, lane));
  session.tag = tag;
  for (const auto& [gate, lane] : session.lanes) {
    gate->heads.emplace(HeadKeyOf(session, lane), lane.begin()->second);
  }
}

absl::Duration WaiterQueue::Had(const Session& session) const {
  const absl::Duration taken = absl::Microseconds(session.slots * now_.micros() - session.since_us);
  const absl::Duration unexpected = taken - session.expected;
  return session.tag + unexpected - std::clamp(unexpected, absl::ZeroDuration(), session.forwarded);
}

void WaiterQueue::CatchUp() {
  absl::Duration least = absl::InfiniteDuration();
  for (const Session* session : holding_) least = std::min(least, Had(*session));
  if (!holding_.empty()) virtual_time_ = std::max(virtual_time_, least);
}

void WaiterQueue::SlotTaken(const std::string& name, BootTime since, absl::Duration expected) {
  Session& session = FindOrAdd(name, std::nullopt);
  virtual_time_ = std::max(virtual_time_, Had(session));
  if (session.slots++ == 0) holding_.insert(&session);
  session.since_us += since.micros();
  session.expected += expected;
  MoveTag(session, session.tag + expected);
}

void WaiterQueue::SlotFreed(const std::string& name, BootTime since, absl::Duration expected,
                            BootTime paid_until) {
  const auto found = sessions_.find(name);
  if (found == sessions_.end() || found->second.slots == 0) return;
  Session& session = found->second;
  const absl::Duration unexpected = paid_until - since - expected;
  const absl::Duration counted = std::clamp(unexpected, absl::ZeroDuration(), session.forwarded);
  session.forwarded -= counted;
  session.since_us -= since.micros();
  session.expected -= expected;
  MoveTag(session, session.tag + unexpected - counted);
  if (--session.slots == 0) {
    session.forwarded = absl::ZeroDuration();
    holding_.erase(&session);
  }
  RetireIfIdle(session);
}

const Waiter* WaiterQueue::Oldest() const {
  const Waiter* oldest = nullptr;
  for (const ByRank& ranks : by_priority_) {
    for (const auto& waiters : ranks) {
      if (waiters.empty()) continue;
      const auto& [order, first] = *waiters.begin();
      if (oldest == nullptr || order < oldest->order) oldest = first;
    }
  }
  return oldest;
}

int WaiterQueue::SlotsOf(const std::string& session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? 0 : found->second.slots;
}

Waiter* WaiterQueue::FirstWhoMay(const Gate& gate, const Admission& admission) {
  if (!admission.open(*gate.heads.begin()->second)) return nullptr;
  for (const auto& [key, head] : gate.heads) {
    if (admission.may(*head)) return head;
  }
  return nullptr;
}

Waiter* WaiterQueue::Next(const Admission& admission) const {
  // Windows that somebody who goes before lacks room in, and whose pace one is ahead of.
  WindowSet contested = 0, paced = 0;
  for (;;) {
    Waiter* first = nullptr;
    HeadKey first_key;
    for (const auto& [key, gate] : gates_) {
      const auto& [windows, kind, interactive, patient, paused, throttles, model] = key;
      if ((windows & (patient ? contested | paced : contested)) != 0) continue;
      // Whoever may be granted here comes no earlier than the first.
      if (first != nullptr && first_key < gate.heads.begin()->first) continue;
      Waiter* head = FirstWhoMay(gate, admission);
      if (head == nullptr) continue;
      const HeadKey head_key{head->rank, sessions_.at(head->request.session).tag, head->order};
      if (first != nullptr && first_key < head_key) continue;
      first = head;
      first_key = head_key;
    }
    if (first == nullptr) return nullptr;
    const WindowSet lacking = admission.lacking(*first), ahead = admission.ahead(*first);
    if ((lacking | ahead) == 0) return first;
    contested |= lacking;  // ends the loop in the end: its gate is out
    paced |= ahead;
  }
}

std::vector<Waiter*> WaiterQueue::Heads(const Admission& admission) const {
  std::vector<Waiter*> heads;
  for (const auto& [key, gate] : gates_) {
    if (Waiter* head = FirstWhoMay(gate, admission)) heads.push_back(head);
  }
  return heads;
}

bool WaiterQueue::HasSlotless() const {
  return std::any_of(gates_.begin(), gates_.end(), [](const auto& entry) {
    return entry.second.heads.begin()->second->slotless;
  });
}

std::vector<Waiter*> WaiterQueue::Fronts() const {
  std::vector<Waiter*> fronts;
  for (const auto& [key, gate] : gates_) fronts.push_back(gate.heads.begin()->second);
  return fronts;
}

std::vector<Waiter*> WaiterQueue::InOrder(absl::Duration expected) const {
  std::vector<std::pair<HeadKey, Waiter*>> keyed;
  keyed.reserve(size_);
  for (const auto& [name, session] : sessions_) {
    absl::Duration tag = session.tag;
    for (const auto& waiters : session.waiters) {
      for (const auto& [order, waiter] : waiters) {
        keyed.emplace_back(HeadKey{waiter->rank, tag, order}, waiter);
        tag += expected;
      }
    }
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<Waiter*> all;
  all.reserve(keyed.size());
  for (const auto& [key, waiter] : keyed) all.push_back(waiter);
  return all;
}

absl::Duration WaiterQueue::TagOf(const Session& session, const Waiter& waiter,
                                  absl::Duration expected) {
  ptrdiff_t before = 0;
  for (size_t rank = 0; rank < IndexOf(waiter.rank); ++rank) {
    before += static_cast<ptrdiff_t>(session.waiters[rank].size());
  }
  const auto& equals = session.waiters[IndexOf(waiter.rank)];
  // Newcomers, the usual question, are behind all of their session.
  before += !equals.empty() && std::prev(equals.end())->first < waiter.order
                ? static_cast<ptrdiff_t>(equals.size())
                : std::distance(equals.begin(), equals.lower_bound(waiter.order));
  return session.tag + expected * before;
}

size_t WaiterQueue::CountBefore(const Waiter& waiter, absl::Duration expected) const {
  const auto own = sessions_.find(waiter.request.session);
  if (own == sessions_.end()) return size_;
  const HeadKey key{waiter.rank, TagOf(own->second, waiter, expected), waiter.order};
  const size_t rank = IndexOf(waiter.rank);
  size_t before = 0;
  for (const auto& [name, session] : sessions_) {
    size_t higher = 0;
    for (size_t r = 0; r < rank; ++r) higher += session.waiters[r].size();
    before += higher;
    const auto& equals = session.waiters[rank];
    if (equals.empty()) continue;
    // Most sessions have one waiter or two, and a Duration is slow to multiply.
    absl::Duration tag = session.tag;
    if (higher > 0) tag += expected * static_cast<int64_t>(higher);
    if (std::get<absl::Duration>(key) < tag) continue;
    // All but perhaps the last: no need to look at them one by one.
    if (equals.size() > kFew &&
        tag + expected * static_cast<int64_t>(equals.size()) <= std::get<absl::Duration>(key)) {
      before += equals.size();
      continue;
    }
    for (const auto& [order, one] : equals) {
      if (key <= HeadKey{one->rank, tag, order}) break;
      ++before;
      tag += expected;
    }
  }
  return before;
}

}  // namespace zbroker::core
