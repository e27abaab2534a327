// The lease of a request, from its grant to what the upstream said.
#ifndef ZBROKER_SHIMS_GATEWAY_HELD_LEASE_H_
#define ZBROKER_SHIMS_GATEWAY_HELD_LEASE_H_

#include <optional>
#include <string>

#include "client/broker/lease.h"
#include "shims/gateway/service.h"
#include "shims/gateway/upstream_answer.h"

namespace zbroker::gateway {

// Holds a lease or none. Move-only; not thread-safe.
class HeldLease {
 public:
  explicit HeldLease(Service& service) : service_(service) {}
  // A lease still held was given up in the middle: it ends as cancelled.
  ~HeldLease();
  HeldLease(const HeldLease&) = delete;
  HeldLease& operator=(const HeldLease&) = delete;

  void Take(broker::Lease lease);
  bool held() const { return lease_.valid(); }
  uint64_t id() const { return lease_.id(); }
  // The account only looks on, so nobody but us spaces what is tried again.
  bool shadow() const { return lease_.shadow(); }

  // Ends the lease as the answer says, without waiting. Returns its ticket. Nothing happens if none
  // is held.
  std::string Release(const UpstreamAnswer& answer);
  // Ends it because the client is gone, in the middle of the upstream's answer.
  void ReleaseCancelled();

 private:
  void Start(v1::Outcome outcome, const v1::ReleaseDetails& details);

  Service& service_;
  broker::Lease lease_;
  LoopTime granted_;
};

// What a verdict is to the daemon.
v1::Outcome OutcomeOf(const zai::Verdict& verdict);
v1::ReleaseDetails DetailsOf(const zai::Verdict& verdict);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_HELD_LEASE_H_
