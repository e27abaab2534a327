// A wait for a lease, on the loop.
#ifndef ZBROKER_SHIMS_LEASE_ADMISSION_H_
#define ZBROKER_SHIMS_LEASE_ADMISSION_H_

#include <functional>
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
  // Hears on the loop what the wait is for, in words, whenever that is said.
  using OnWait = std::function<void(std::string state)>;

  // Starts it. `changed` is notified at the end; all arguments must outlive this.
  Admission(asio::io_context& io, broker::BrokerClient& client, Wakeup& changed,
            v1::Acquire request, OnWait on_wait = nullptr);
  // If the wait has not ended, the client is gone: the daemon keeps the place for a moment, unless
  // it was Withdrawn().
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  bool ended() const { return state_->ended; }
  // The lease, or why there is none. REQUIRES: ended(); once.
  absl::StatusOr<broker::Lease> Take();
  // With it in another Acquire, soon, that one stands where this one stood.
  const std::string& ticket() const { return ticket_; }
  // Nobody will ask again: the place in the queue goes with this.
  void Withdraw() { keeps_place_ = false; }

 private:
  struct State {
    // Nobody waits any more: a lease that comes is given back.
    void Abandon();

    Wakeup* changed;  // nullptr: abandoned
    OnWait on_wait;
    bool ended = false;
    absl::StatusOr<broker::Lease> end = absl::UnknownError("");
  };

  broker::BrokerClient& client_;
  const std::shared_ptr<State> state_;
  std::string ticket_;
  bool keeps_place_ = true;
};

}  // namespace zbroker::lease

#endif  // ZBROKER_SHIMS_LEASE_ADMISSION_H_
