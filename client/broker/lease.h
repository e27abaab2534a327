// A slot that this process holds.
#ifndef ZBROKER_CLIENT_BROKER_LEASE_H_
#define ZBROKER_CLIENT_BROKER_LEASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::broker {

// Whom a lease is given back to: the client that took it, or a test's fake of one. Thread-safe.
class Lender {
 public:
  // On the daemon's answer, once, on a thread that must not be blocked. May be empty.
  using ReleaseCallback = std::function<void(const absl::Status&)>;

  virtual ~Lender() = default;
  virtual void StartRelease(uint64_t lease_id, v1::Outcome outcome,
                            const v1::ReleaseDetails& details, ReleaseCallback done) = 0;
  // What was released as under way is seen to be done. Nothing happens if that release is answered.
  virtual void EndSeen(uint64_t lease_id) = 0;
};

// Move-only; holds none by default. It survives the daemon's restarts: the client that granted it
// re-claims it behind the scenes. Keeps what it needs of its client alive. Not thread-safe.
class Lease {
 public:
  Lease() = default;
  // For those who grant: clients, and their fakes.
  Lease(std::shared_ptr<Lender> lender, const v1::Granted& granted);
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  // Releases as OUTCOME_OK, without waiting for the answer.
  ~Lease();

  bool valid() const { return lender_ != nullptr; }
  uint64_t id() const { return id_; }
  const std::string& account() const { return account_; }
  absl::Duration waited() const { return waited_; }
  // See v1::Granted.
  bool shadow() const { return shadow_; }
  const std::string& holder() const { return holder_; }
  // Of the Acquire. With it in the next one, after a release as OUTCOME_THROTTLE or
  // OUTCOME_OVERLOAD, the client keeps its place in the queue.
  const std::string& ticket() const { return ticket_; }

  // Gives the slot back and waits until that is recorded, `timeout` at most. If the daemon is away
  // the release is sent when it returns, as long as this process lives. Invalid afterwards.
  // Errors: DEADLINE_EXCEEDED; whatever the daemon says.
  absl::Status Release(v1::Outcome outcome, const v1::ReleaseDetails& details,
                       absl::Duration timeout);

  // The same without waiting. `done`, which may be empty, runs once on a thread of the client when
  // the daemon has answered, and must not block; never, if the client is destroyed before.
  void StartRelease(v1::Outcome outcome, const v1::ReleaseDetails& details,
                    Lender::ReleaseCallback done);
  // The same for details.under_way. What comes back is to be called when the upstream is seen to be
  // done, if it is: at any time, on any thread.
  std::function<void()> StartReleaseUnderWay(v1::Outcome outcome, const v1::ReleaseDetails& details,
                                             Lender::ReleaseCallback done);

 private:
  std::shared_ptr<Lender> lender_;
  uint64_t id_ = 0;
  std::string account_;
  std::string ticket_;
  absl::Duration waited_;
  bool shadow_ = false;
  std::string holder_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_LEASE_H_
