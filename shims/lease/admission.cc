#include "shims/lease/admission.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace zbroker::lease {

void Admission::State::Abandon() {
  changed = nullptr;
  if (!ended || !end.ok() || !end->valid()) return;
  v1::ReleaseDetails details;
  details.set_unused(true);
  end->StartRelease(v1::OUTCOME_CANCELLED, details, nullptr);
}

Admission::Admission(asio::io_context& io, broker::BrokerClient& client, Wakeup& changed,
                     v1::Acquire request)
    : client_(client), state_(std::make_shared<State>()) {
  state_->changed = &changed;
  auto on_end = [&io, state = state_](absl::StatusOr<broker::Lease> lease) {
    // The client calls from its own threads, or from within Cancel.
    asio::post(io, [state, lease = std::move(lease)]() mutable {
      state->end = std::move(lease);
      state->ended = true;
      if (state->changed == nullptr) return state->Abandon();
      state->changed->Notify();
    });
  };
  ticket_ = client_.StartAcquire(std::move(request), {.on_end = std::move(on_end)});
}

Admission::~Admission() {
  state_->Abandon();
  if (!ended()) client_.Cancel(ticket_, /*keep_place=*/true);
}

absl::StatusOr<broker::Lease> Admission::Take() {
  return std::exchange(state_->end, absl::UnknownError("taken"));
}

}  // namespace zbroker::lease
