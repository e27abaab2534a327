#include "daemon/core/waiter_queue.h"

#include <iterator>

namespace zbroker::core {

WaiterQueue::GroupKey WaiterQueue::KeyOf(const Waiter& waiter) {
  WindowSet set = 0;
  for (size_t i = 0; i < waiter.charges.size(); ++i) {
    if (waiter.charges[i] > Amount()) set |= WindowSet{1} << i;
  }
  return {set, waiter.request.kind};
}

void WaiterQueue::Insert(Waiter* waiter) {
  if (!all_.emplace(waiter->order, waiter).second) return;
  Group& group = groups_[KeyOf(*waiter)];
  Lane& lane = group.lanes[waiter->request.model];
  const bool first = lane.empty() || waiter->order < lane.begin()->first;
  if (first) {
    if (!lane.empty()) group.heads.erase(lane.begin()->first);
    group.heads.emplace(waiter->order, waiter);
  }
  lane.emplace(waiter->order, waiter);
}

void WaiterQueue::Erase(const Waiter& waiter) {
  if (all_.erase(waiter.order) == 0) return;
  const auto group = groups_.find(KeyOf(waiter));
  const auto lane = group->second.lanes.find(waiter.request.model);
  lane->second.erase(waiter.order);
  if (group->second.heads.erase(waiter.order) > 0 && !lane->second.empty()) {
    group->second.heads.insert(*lane->second.begin());
  }
  if (lane->second.empty()) group->second.lanes.erase(lane);
  if (group->second.lanes.empty()) groups_.erase(group);
}

Waiter* WaiterQueue::FirstUnblocked(Kind kind, const Group& group, const Blocks& blocks) {
  if (blocks.StopsKind(kind)) return nullptr;
  // Few models are blocked at a time, so this ends soon.
  for (const auto& [order, head] : group.heads) {
    if (blocks.Match(head->request) == nullptr) return head;
  }
  return nullptr;
}

Waiter* WaiterQueue::Next(const std::vector<RollingWindow>& windows, const Blocks& blocks,
                          WindowSet& contested) const {
  for (;;) {
    Waiter* first = nullptr;
    for (const auto& [key, group] : groups_) {
      if ((key.first & contested) != 0) continue;
      Waiter* head = FirstUnblocked(key.second, group, blocks);
      if (head != nullptr && (first == nullptr || head->order < first->order)) first = head;
    }
    if (first == nullptr) return nullptr;
    WindowSet lacking = 0;
    for (size_t i = 0; i < first->charges.size(); ++i) {
      if (!windows[i].HasRoomFor(first->charges[i])) lacking |= WindowSet{1} << i;
    }
    if (lacking == 0) return first;
    contested |= lacking;  // ends the loop in the end: its group is out, and groups are few
  }
}

std::vector<Waiter*> WaiterQueue::Heads(const Blocks& blocks) const {
  std::vector<Waiter*> heads;
  for (const auto& [key, group] : groups_) {
    if (Waiter* head = FirstUnblocked(key.second, group, blocks)) heads.push_back(head);
  }
  return heads;
}

std::vector<Waiter*> WaiterQueue::InOrder() const {
  std::vector<Waiter*> all;
  all.reserve(all_.size());
  for (const auto& [order, waiter] : all_) all.push_back(waiter);
  return all;
}

size_t WaiterQueue::CountBefore(const QueueOrder& order) const {
  // Newcomers, the usual question, are behind everybody.
  if (all_.empty() || std::prev(all_.end())->first < order) return all_.size();
  return static_cast<size_t>(std::distance(all_.begin(), all_.lower_bound(order)));
}

}  // namespace zbroker::core
