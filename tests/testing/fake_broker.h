// A broker without a daemon, for tests of programs that take leases.
#ifndef ZBROKER_TESTS_TESTING_FAKE_BROKER_H_
#define ZBROKER_TESTS_TESTING_FAKE_BROKER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/base/mutex.h"
#include "client/broker/broker_client.h"

namespace zbroker::testing {

// Grants as many leases as it has slots, in the order in which they are asked for. Callbacks run
// within the call that causes them: a grant within StartAcquire, SetSlots, or the release that
// freed its slot. Leases may outlive it. Thread-safe.
class FakeBroker final : public broker::BrokerClient {
 public:
  struct End {
    uint64_t lease_id = 0;
    v1::Acquire request;
    v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
    v1::ReleaseDetails details;
  };

  explicit FakeBroker(size_t slots = 1);
  // Cancels what waits.
  ~FakeBroker() override;

  std::string StartAcquire(v1::Acquire request, Callbacks callbacks) override;
  void Cancel(const std::string& ticket, bool keep_place) override;

  void SetSlots(size_t slots);
  // Every Acquire from now on ends so; those that wait, too. OK: leases are granted again.
  void Refuse(const absl::Status& status);
  // To every Acquire that waits.
  void SayQueued(const v1::Queued& queued);
  void SayAway(const absl::Status& cause);
  // Takes all leases away.
  void LoseAll(const std::string& why);

  size_t held() const;
  size_t waiting() const;
  // The requests that wait, the next one first.
  std::vector<v1::Acquire> Waiters() const;
  // The leases that were given back, in order.
  std::vector<End> Ends() const;
  // The leases that were given back as under way and then seen to be done, in order.
  std::vector<uint64_t> EndsSeen() const;
  // The tickets whose place was to be kept when they were cancelled.
  std::vector<std::string> KeptPlaces() const;

 private:
  class State;
  const std::shared_ptr<State> state_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_FAKE_BROKER_H_
