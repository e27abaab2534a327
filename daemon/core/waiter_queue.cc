#include "daemon/core/waiter_queue.h"

#include <algorithm>

namespace zbroker::core {

WaiterQueue::WindowSet WindowsOf(const Waiter& waiter) {
  WaiterQueue::WindowSet set = 0;
  for (size_t i = 0; i < waiter.charges.size(); ++i) {
    if (waiter.charges[i] > Amount()) set |= WaiterQueue::WindowSet{1} << i;
  }
  return set;
}

void WaiterQueue::Insert(Waiter* waiter) {
  if (lanes_[WindowsOf(*waiter)].emplace(waiter->order, waiter).second) ++size_;
}

void WaiterQueue::Erase(const Waiter& waiter) {
  const auto lane = lanes_.find(WindowsOf(waiter));
  if (lane == lanes_.end() || lane->second.erase(waiter.order) == 0) return;
  --size_;
  if (lane->second.empty()) lanes_.erase(lane);
}

Waiter* WaiterQueue::NextWithRoom(const std::vector<RollingWindow>& windows,
                                  WindowSet& blocked) const {
  for (;;) {
    Waiter* first = nullptr;
    for (const auto& [set, lane] : lanes_) {
      Waiter* head = lane.begin()->second;
      if ((set & blocked) == 0 && (first == nullptr || head->order < first->order)) first = head;
    }
    if (first == nullptr) return nullptr;
    WindowSet lacking = 0;
    for (size_t i = 0; i < first->charges.size(); ++i) {
      if (!windows[i].HasRoomFor(first->charges[i])) lacking |= WindowSet{1} << i;
    }
    if (lacking == 0) return first;
    blocked |= lacking;  // ends the loop in the end: its lane is out, and lanes are few
  }
}

std::vector<const Waiter*> WaiterQueue::Heads() const {
  std::vector<const Waiter*> heads;
  heads.reserve(lanes_.size());
  for (const auto& [set, lane] : lanes_) heads.push_back(lane.begin()->second);
  return heads;
}

std::vector<const Waiter*> WaiterQueue::InOrder() const {
  std::vector<const Waiter*> all;
  all.reserve(size_);
  for (const auto& [set, lane] : lanes_) {
    const auto middle = static_cast<ptrdiff_t>(all.size());
    for (const auto& [order, waiter] : lane) all.push_back(waiter);
    std::inplace_merge(all.begin(), all.begin() + middle, all.end(),
                       [](const Waiter* a, const Waiter* b) { return a->order < b->order; });
  }
  return all;
}

size_t WaiterQueue::CountBefore(const QueueOrder& order) const {
  size_t count = 0;
  for (const auto& [set, lane] : lanes_) {
    // Newcomers, the usual question, are behind everybody.
    if (std::prev(lane.end())->first < order) {
      count += lane.size();
    } else {
      count += static_cast<size_t>(std::distance(lane.begin(), lane.lower_bound(order)));
    }
  }
  return count;
}

}  // namespace zbroker::core
