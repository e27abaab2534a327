// The lease of a request, from its grant to its end.
#ifndef ZBROKER_SHIMS_LEASE_HELD_LEASE_H_
#define ZBROKER_SHIMS_LEASE_HELD_LEASE_H_

#include <functional>
#include <string>

#include "client/broker/lease.h"
#include "shims/lease/asio.h"

namespace zbroker::lease {

// The releases of a loop that the daemon has not answered yet: it must not end before.
struct Releases {
  asio::io_context& io;
  int under_way = 0;
};

// Holds a lease or none. Move-only; not thread-safe.
class HeldLease {
 public:
  // `releases` must live until all of its releases are answered.
  explicit HeldLease(Releases& releases) : releases_(releases) {}
  // A lease still held was given up in the middle: it ends as cancelled.
  ~HeldLease();
  HeldLease(const HeldLease&) = delete;
  HeldLease& operator=(const HeldLease&) = delete;

  void Take(broker::Lease lease);
  bool held() const { return lease_.valid(); }
  uint64_t id() const { return lease_.id(); }
  // The account only looks on, so nobody but us spaces what is tried again.
  bool shadow() const { return lease_.shadow(); }
  // When the last one was taken.
  LoopTime granted() const { return granted_; }

  // Ends the lease without waiting. Returns its ticket. Nothing happens if none is held.
  std::string Release(v1::Outcome outcome, const v1::ReleaseDetails& details);
  // Ends it because whoever asked is gone, while the upstream is still at work. What comes back is
  // to be called when the upstream is seen to be done, if it is.
  std::function<void()> ReleaseCancelled(v1::ReleaseDetails details = {});

 private:
  // For the daemon's answer.
  broker::Lender::ReleaseCallback Expect();

  Releases& releases_;
  broker::Lease lease_;
  LoopTime granted_;
};

}  // namespace zbroker::lease

#endif  // ZBROKER_SHIMS_LEASE_HELD_LEASE_H_
