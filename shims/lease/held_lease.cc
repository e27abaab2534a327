#include "shims/lease/held_lease.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace zbroker::lease {

HeldLease::~HeldLease() { ReleaseCancelled(); }

void HeldLease::Take(broker::Lease lease) {
  lease_ = std::move(lease);
  granted_ = LoopClock::now();
}

std::string HeldLease::Release(v1::Outcome outcome, const v1::ReleaseDetails& details) {
  if (!held()) return "";
  std::string ticket = lease_.ticket();
  lease_.StartRelease(outcome, details, Expect());
  return ticket;
}

std::function<void()> HeldLease::ReleaseCancelled(v1::ReleaseDetails details) {
  if (!held()) return [] {};
  details.set_under_way(true);
  return lease_.StartReleaseUnderWay(v1::OUTCOME_CANCELLED, details, Expect());
}

broker::Lender::ReleaseCallback HeldLease::Expect() {
  ++releases_.under_way;
  return [&releases = releases_](const absl::Status&) {
    asio::post(releases.io, [&releases] { --releases.under_way; });
  };
}

}  // namespace zbroker::lease
