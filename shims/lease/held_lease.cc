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
  ++releases_.under_way;
  lease_.StartRelease(outcome, details, [&releases = releases_](const absl::Status&) {
    asio::post(releases.io, [&releases] { --releases.under_way; });
  });
  return ticket;
}

void HeldLease::ReleaseCancelled() {
  v1::ReleaseDetails details;
  details.set_under_way(true);
  Release(v1::OUTCOME_CANCELLED, details);
}

}  // namespace zbroker::lease
