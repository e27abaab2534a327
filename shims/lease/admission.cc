#include "shims/lease/admission.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "client/broker/wait_words.h"

namespace zbroker::lease {

void Admission::State::Abandon() {
  changed = nullptr;
  if (!ended || !end.ok() || !end->valid()) return;
  v1::ReleaseDetails details;
  details.set_unused(true);
  end->StartRelease(v1::OUTCOME_CANCELLED, details, nullptr);
}

Admission::Admission(asio::io_context& io, broker::BrokerClient& client, Wakeup& changed,
                     v1::Acquire request, OnWait on_wait)
    : client_(client), state_(std::make_shared<State>()) {
  state_->changed = &changed;
  state_->on_wait = std::move(on_wait);
  auto on_end = [&io, state = state_](absl::StatusOr<broker::Lease> lease) {
    // The client calls from its own threads, or from within Cancel.
    asio::post(io, [state, lease = std::move(lease)]() mutable {
      state->end = std::move(lease);
      state->ended = true;
      if (state->changed == nullptr) return state->Abandon();
      state->changed->Notify();
    });
  };
  broker::BrokerClient::Callbacks callbacks{.on_end = std::move(on_end)};
  if (state_->on_wait) {
    const auto tell = [&io, state = state_](std::string words) {
      asio::post(io, [state, words = std::move(words)]() mutable {
        if (state->changed != nullptr && !state->ended) state->on_wait(std::move(words));
      });
    };
    callbacks.on_queued = [tell](const v1::Queued& queued) { tell(broker::WaitWords(queued)); };
    callbacks.on_away = [tell](const absl::Status& cause) { tell(broker::AwayWords(cause)); };
  }
  ticket_ = client_.StartAcquire(std::move(request), std::move(callbacks));
}

Admission::~Admission() {
  state_->Abandon();
  if (!ended()) client_.Cancel(ticket_, keeps_place_);
}

absl::StatusOr<broker::Lease> Admission::Take() {
  return std::exchange(state_->end, absl::UnknownError("taken"));
}

}  // namespace zbroker::lease
