// A wait for a lease, on the loop.
#ifndef ZBROKER_SHIMS_LEASE_ADMISSION_H_
#define ZBROKER_SHIMS_LEASE_ADMISSION_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/broker/broker_client.h"
#include "shims/lease/asio.h"
#include "shims/lease/wakeup.h"

namespace zbroker::lease {

// One Acquire. The client's threads answer; what they say is seen on the loop. Not thread-safe.
class Admission {
 public:
  // Starts it. `changed` is notified at the end; all arguments must outlive this.
  Admission(asio::io_context& io, broker::BrokerClient& client, Wakeup& changed,
            v1::Acquire request);
  // If the wait has not ended, the client is gone: the daemon keeps the place for a moment.
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  bool ended() const { return state_->ended; }
  // The lease, or why there is none. REQUIRES: ended(); once.
  absl::StatusOr<broker::Lease> Take();
  // With it in another Acquire, soon, that one stands where this one stood.
  const std::string& ticket() const { return ticket_; }

 private:
  struct State {
    // Nobody waits any more: a lease that comes is given back.
    void Abandon();

    Wakeup* changed;  // nullptr: abandoned
    bool ended = false;
    absl::StatusOr<broker::Lease> end = absl::UnknownError("");
  };

  broker::BrokerClient& client_;
  const std::shared_ptr<State> state_;
  std::string ticket_;
};

}  // namespace zbroker::lease

#endif  // ZBROKER_SHIMS_LEASE_ADMISSION_H_
