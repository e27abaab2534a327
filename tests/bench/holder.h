// A process that holds a lease until it is killed.
#ifndef ZBROKER_TESTS_BENCH_HOLDER_H_
#define ZBROKER_TESTS_BENCH_HOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/process.h"
#include "tests/bench/settings.h"

namespace zbroker::bench {

// The child's part. Holds until it is killed; returns only errors.
absl::Status HoldLease(const std::string& socket);

// Starts such a child; it holds the lease when this returns.
absl::StatusOr<Child> StartHolder(const Settings& settings, const std::string& socket);

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_HOLDER_H_
