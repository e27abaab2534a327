#include "client/broker/lease.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/broker/client_state.h"

namespace zbroker::broker {

Lease::Lease(std::shared_ptr<ClientState> state, const v1::Granted& granted)
    : state_(std::move(state)),
      id_(granted.lease_id()),
      account_(granted.account()),
      ticket_(granted.ticket()),
      waited_(absl::Seconds(granted.waited().seconds()) +
              absl::Nanoseconds(granted.waited().nanos())),
      shadow_(granted.shadow()) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(id_, other.id_);
  std::swap(account_, other.account_);
  std::swap(ticket_, other.ticket_);
  std::swap(waited_, other.waited_);
  std::swap(shadow_, other.shadow_);
  return *this;
}

Lease::~Lease() {
  if (state_ != nullptr) state_->StartRelease(id_, v1::OUTCOME_OK, {}, nullptr);
}

absl::Status Lease::Release(v1::Outcome outcome, const v1::ReleaseDetails& details,
                            absl::Duration timeout) {
  const std::shared_ptr<ClientState> state = state_;  // lives until the answer is here
  auto answered = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> answer = answered->get_future();
  StartRelease(outcome, details,
               [answered](const absl::Status& status) { answered->set_value(status); });
  if (answer.wait_for(absl::ToChronoMicroseconds(timeout)) != std::future_status::ready) {
    return absl::DeadlineExceededError(
        absl::StrCat("the release of lease ", id_, " was not answered in time"));
  }
  return answer.get();
}

void Lease::StartRelease(v1::Outcome outcome, const v1::ReleaseDetails& details,
                         std::function<void(const absl::Status&)> done) {
  const std::shared_ptr<ClientState> state = std::exchange(state_, nullptr);
  if (state != nullptr) {
    state->StartRelease(id_, outcome, details, std::move(done));
  } else if (done) {
    done(absl::FailedPreconditionError("no lease is held"));
  }
}

}  // namespace zbroker::broker
