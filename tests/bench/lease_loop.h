// One client that acquires and releases, again and again.
#ifndef ZBROKER_TESTS_BENCH_LEASE_LOOP_H_
#define ZBROKER_TESTS_BENCH_LEASE_LOOP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/mutex.h"
#include "tests/bench/samples.h"
#include "tests/bench/stream.h"

namespace zbroker::bench {

// Times from sending a request to having its answer.
struct LeaseTimes {
  Samples acquire;
  Samples release;
  Samples pair;  // from sending the acquire to having the answer to the release

  void Add(const LeaseTimes& other);
};

// Every request is sent from the reaction to the answer before it, so that no thread of ours has to
// be woken in between. Start, Stop, Wait and Run are for one thread.
class LeaseLoop {
 public:
  static absl::StatusOr<std::unique_ptr<LeaseLoop>> Open(const std::string& socket, v1::Kind kind);

  // Begins up to `pairs` pairs of acquire and release. REQUIRES: not running.
  void Start(int64_t pairs);
  // Ends after the present pair.
  void Stop() { stopping_ = true; }
  // Returns the times when the last pair has ended. Errors: that of a Refused, or DEADLINE_EXCEEDED
  // after kPatience.
  absl::StatusOr<LeaseTimes> Wait();

  // Start and Wait.
  absl::StatusOr<LeaseTimes> Run(int64_t pairs);

 private:
  explicit LeaseLoop(v1::Kind kind) : kind_(kind) {}

  void Acquire();
  void OnReply(const v1::SessionReply& reply);
  void OnGranted(const v1::Granted& granted);
  void OnReleased();
  void End(const absl::Status& status);

  const v1::Kind kind_;
  std::atomic<bool> stopping_ = false;

  // While running, only in reactions, which come one after the other.
  TicketSource tickets_;
  int64_t left_ = 0;
  Instant acquire_sent_;
  Instant release_sent_;
  LeaseTimes times_;

  Mutex mutex_;
  CondVar changed_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<Stream> stream_;  // last: its reactions use the rest
};

// One loop for each of `count` connections of its own.
absl::StatusOr<std::vector<std::unique_ptr<LeaseLoop>>> OpenLoops(const std::string& socket,
                                                                  v1::Kind kind, int count);

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_LEASE_LOOP_H_
