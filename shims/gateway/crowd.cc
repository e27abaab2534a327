#include "shims/gateway/crowd.h"

#include <utility>
#include <vector>

namespace zbroker::gateway {

Crowd::Member::Member(Crowd& crowd, LoopTime now, std::function<void()> end)
    : crowd_(crowd), since_(now), end_(std::move(end)) {
  MoveTo(&crowd_.unproven_);
  ++crowd_.size_;
}

Crowd::Member::~Member() {
  MoveTo(nullptr);
  --crowd_.size_;
}

void Crowd::Member::MoveTo(Queue* queue) {
  if (queue_ != nullptr) queue_->erase(at_);
  queue_ = queue;
  if (queue == nullptr) return;
  at_ = crowd_.next_++;
  queue->emplace(at_, this);
}

void Crowd::Member::SetBusy() {
  proven_ = true;
  MoveTo(&crowd_.staying_);
}

void Crowd::Member::SetIdle() { MoveTo(&crowd_.idle_); }

void Crowd::MakeRoom(LoopTime now) {
  if (all_busy()) return;
  const bool had_time = !unproven_.empty() && now - unproven_.begin()->second->since_ >= kGrace;
  const Member::Queue& queue = had_time || idle_.empty() ? unproven_ : idle_;
  Member* const first = queue.begin()->second;
  first->MoveTo(&staying_);
  first->end_();
}

void Crowd::EndAll() {
  std::vector<Member*> all;
  for (const Member::Queue* queue : {&unproven_, &idle_, &staying_}) {
    for (const auto& [at, member] : *queue) all.push_back(member);
  }
  for (const Member* member : all) member->end_();
}

}  // namespace zbroker::gateway
