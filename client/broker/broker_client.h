// Taking leases from the daemon.
//
//   auto client = BrokerClient::Create({.client_name = "indexer"});
//   v1::Acquire request;
//   request.set_model("glm-4.7");
//   absl::StatusOr<Lease> lease = client->Acquire(request);
//   if (!lease.ok()) return lease.status();
//   … call upstream …
//   lease->Release(v1::OUTCOME_OK, {}, absl::Seconds(5)).IgnoreError();
#ifndef ZBROKER_CLIENT_BROKER_BROKER_CLIENT_H_
#define ZBROKER_CLIENT_BROKER_BROKER_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "client/broker/lease.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::broker {

// Takes leases from the daemon. Thread-safe.
//
// What Create() makes keeps one connection, made when first needed, for any number of leases. When
// the daemon goes away it reconnects, starting the daemon if nobody else does, re-claims what is
// held and presents again what waits, with the original arrival. A program's own tests may derive a
// fake from this class.
class BrokerClient {
 public:
  struct Options {
    std::string socket_path;  // empty: SocketPath()
    std::string client_name;  // what status shows; empty: the process's name
    bool start_daemon = true;
    // How long an Acquire may be without a daemon that can serve it. Zero: not at all, but for the
    // few seconds that a daemon needs that was started for it. One that then can't run ends at once
    // an Acquire that has not been queued yet.
    absl::Duration broker_timeout = absl::Seconds(30);
    const Clock* clock = &Clock::System();  // lives as long as the process
  };

  struct Callbacks {
    // Once: the lease, or why there is none. UNAVAILABLE: no daemon within broker_timeout. Other
    // errors are those of Refused in broker.proto; BlockOf() in refusal.h knows of a wall.
    std::function<void(absl::StatusOr<Lease>)> on_end;
    // Whenever the daemon says where the Acquire stands. May be empty.
    std::function<void(const v1::Queued&)> on_queued;
    // The daemon is away, or can't serve; the client keeps trying. May be empty.
    std::function<void(const absl::Status&)> on_away;
    // After the grant: the lease was revoked, or could not be re-claimed in time. May be empty.
    std::function<void(const std::string& why)> on_lost;
  };

  // Errors: no home directory to find the socket in.
  static absl::StatusOr<std::unique_ptr<BrokerClient>> Create(Options options);
  // Cancels what waits. Leases that live on keep working. With the last of client and leases the
  // connection ends; releases that are not answered by then are given a second, which the caller
  // waits for, unless it is a callback.
  virtual ~BrokerClient() = default;

  // Returns the ticket: the request's own, or a new one if it has none. A ticket of its own is that
  // of a lease which the upstream sent back (see broker.proto), released by now, and must not wait
  // already. The callbacks run on threads of the client and must not block.
  virtual std::string StartAcquire(v1::Acquire request, Callbacks callbacks) = 0;
  // on_end follows, with CANCELLED if the grant did not come first. With `keep_place` an Acquire
  // with the same ticket within 5 s stands where this one stood.
  virtual void Cancel(const std::string& ticket, bool keep_place) = 0;
  void Cancel(const std::string& ticket) { Cancel(ticket, /*keep_place=*/false); }

  // The same as StartAcquire(), waiting for the end.
  absl::StatusOr<Lease> Acquire(v1::Acquire request);
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_BROKER_CLIENT_H_
