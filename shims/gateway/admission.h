// A wait for a lease, on the loop.
#ifndef ZBROKER_SHIMS_GATEWAY_ADMISSION_H_
#define ZBROKER_SHIMS_GATEWAY_ADMISSION_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/broker/broker_client.h"
#include "shims/gateway/asio.h"
#include "shims/gateway/wakeup.h"

namespace zbroker::gateway {

// One Acquire. The client's threads answer; what they say is seen on the loop. Not thread-safe.
class Admission {
 public:
  // Starts it. `changed` is notified at the end; all arguments must outlive this.
  Admission(asio::io_context& io, broker::BrokerClient& client, Wakeup& changed,
            v1::Acquire request);
  // Gives the place up, if the wait has not ended.
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  bool ended() const { return state_->end.has_value(); }
  // The lease, or why there is none. REQUIRES: ended(); once.
  absl::StatusOr<broker::Lease> Take() { return *std::move(state_->end); }

 private:
  struct State {
    Wakeup* changed;  // nullptr: nobody waits any more
    std::optional<absl::StatusOr<broker::Lease>> end;
  };

  broker::BrokerClient& client_;
  const std::shared_ptr<State> state_;
  std::string ticket_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_ADMISSION_H_
