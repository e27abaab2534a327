#include "client/broker/lease.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/proto_time.h"
namespace zbroker::broker {

Lease::Lease(std::shared_ptr<Lender> lender, const v1::Granted& granted)
    : lender_(std::move(lender)),
      id_(granted.lease_id()),
      account_(granted.account()),
      ticket_(granted.ticket()),
      waited_(FromProtoDuration(granted.waited())),
      shadow_(granted.shadow()),
      holder_(granted.holder()) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  std::swap(lender_, other.lender_);
  std::swap(id_, other.id_);
  std::swap(account_, other.account_);
  std::swap(ticket_, other.ticket_);
  std::swap(waited_, other.waited_);
  std::swap(shadow_, other.shadow_);
  std::swap(holder_, other.holder_);
  return *this;
}

Lease::~Lease() {
  if (lender_ != nullptr) lender_->StartRelease(id_, v1::OUTCOME_OK, {}, nullptr);
}

absl::Status Lease::Release(v1::Outcome outcome, const v1::ReleaseDetails& details,
                            absl::Duration timeout) {
  const std::shared_ptr<Lender> lender = lender_;  // lives until the answer is here
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
                         Lender::ReleaseCallback done) {
  const std::shared_ptr<Lender> lender = std::exchange(lender_, nullptr);
  if (lender != nullptr) {
    lender->StartRelease(id_, outcome, details, std::move(done));
  } else if (done) {
    done(absl::FailedPreconditionError("no lease is held"));
  }
}

std::function<void()> Lease::StartReleaseUnderWay(v1::Outcome outcome,
                                                  const v1::ReleaseDetails& details,
                                                  Lender::ReleaseCallback done) {
  // Does not keep the client alive.
  auto end_seen = [lender = std::weak_ptr<Lender>(lender_), id = id_] {
    if (const auto to = lender.lock()) to->EndSeen(id);
  };
  StartRelease(outcome, details, std::move(done));
  return end_seen;
}

}  // namespace zbroker::broker
