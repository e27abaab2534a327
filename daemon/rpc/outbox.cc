#include "daemon/rpc/outbox.h"

#include <optional>
#include <utility>

#include "client/base/process.h"
#include "client/base/sparse_log.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {

void Outbox::Keep(core::Event event) {
  MutexLock lock(events_mutex_);
  overflowed_ = overflowed_ || events_.size() >= kEventsMax;
  if (!overflowed_) events_.push_back(std::move(event));
}

void Outbox::Flush() {
  MutexLock lock(write_mutex_);
  if (!writing_) {
    WriteNext();
  } else if (Overflowed()) {
    CutOff();  // the write under way may never end
  }
}

void Outbox::Written(bool ok) {
  MutexLock lock(write_mutex_);
  writing_ = false;
  if (ok) WriteNext();
}

void Outbox::Detach() {
  MutexLock lock(write_mutex_);
  reactor_ = nullptr;
}

bool Outbox::Overflowed() {
  MutexLock lock(events_mutex_);
  return overflowed_;
}

void Outbox::CutOff() {
  if (reactor_ == nullptr) return;
  LogWarningSparsely("cutting off a client that does not read its replies: ",
                     client_.holder.program);
  reactor_ = nullptr;
  context_->TryCancel();
}

void Outbox::WriteNext() {
  while (reactor_ != nullptr && !writing_) {
    if (Overflowed()) return CutOff();
    core::Event event;
    {
      MutexLock lock(events_mutex_);
      if (events_.empty()) return;
      event = std::move(events_.front());
      events_.pop_front();
    }
    std::optional<v1::SessionReply> reply =
        ToSessionReply(ended_.Complete(std::move(event), client_), clock_.Read());
    if (!reply) continue;
    if (reply->has_granted() && client_.holder.pid != 0) {
      reply->mutable_granted()->set_holder(
          HolderMark(client_.holder.pid, client_.holder.start_ticks));
    }
    reply_ = *std::move(reply);
    writing_ = true;
    reactor_->StartWrite(&reply_);
  }
}

}  // namespace zbroker::rpc
