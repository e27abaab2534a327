#include "shims/gateway/admission.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace zbroker::gateway {

Admission::Admission(asio::io_context& io, broker::BrokerClient& client, Wakeup& changed,
                     v1::Acquire request)
    : client_(client), state_(std::make_shared<State>(&changed, std::nullopt)) {
  auto on_end = [&io, state = state_](absl::StatusOr<broker::Lease> lease) {
    // The client calls from its own threads, or from within Cancel.
    asio::post(io, [state, lease = std::move(lease)]() mutable {
      if (state->changed == nullptr) return;  // a lease that nobody wants ends here
      state->end = std::move(lease);
      state->changed->Notify();
    });
  };
  ticket_ = client_.StartAcquire(std::move(request), {.on_end = std::move(on_end)});
}

Admission::~Admission() {
  state_->changed = nullptr;
  if (!ended()) client_.Cancel(ticket_);
}

}  // namespace zbroker::gateway
