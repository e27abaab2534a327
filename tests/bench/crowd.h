// Many waiters on a few connections.
#ifndef ZBROKER_TESTS_BENCH_CROWD_H_
#define ZBROKER_TESTS_BENCH_CROWD_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/mutex.h"
#include "tests/bench/samples.h"
#include "tests/bench/stream.h"

namespace zbroker::bench {

// For one thread; the replies are taken on gRPC's.
class Crowd {
 public:
  struct Grant {
    size_t stream = 0;
    uint64_t lease_id = 0;
    Instant at;  // when the client had the reply
  };

  // Each stream has a connection of its own.
  static absl::StatusOr<std::unique_ptr<Crowd>> Open(const std::string& socket, size_t streams);

  // Asks for a lease that charges nothing. `stream` counts from 0.
  void Acquire(size_t stream);
  // The answer is not waited for.
  void Release(const Grant& grant);

  // Waits until every Acquire has been granted, or told that it waits. Errors: that of a Refused,
  // or DEADLINE_EXCEEDED after kPatience without any answer.
  absl::Status AwaitAnswers();
  // The grants in the order of their arrival. Errors as above.
  absl::StatusOr<Grant> NextGrant();

 private:
  Crowd() = default;

  void OnReply(size_t stream, const v1::SessionReply& reply);
  // Waits for the next reply.
  absl::Status WaitForChange() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  TicketSource tickets_;

  Mutex mutex_;
  CondVar changed_;
  absl::flat_hash_set<std::string> unanswered_ ABSL_GUARDED_BY(mutex_);  // tickets
  std::deque<Grant> grants_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);

  std::vector<std::unique_ptr<Stream>> streams_;  // last: their reactions use the rest
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_CROWD_H_
