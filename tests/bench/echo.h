// Bare gRPC: a process that answers as the daemon does, and does nothing else. Its connections are
// accepted by the daemon's own listener. Grants and releases are made up on the spot, so what
// remains is the transport, with messages of the same size.
#ifndef ZBROKER_TESTS_BENCH_ECHO_H_
#define ZBROKER_TESTS_BENCH_ECHO_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/process.h"
#include "tests/bench/settings.h"

namespace zbroker::bench {

// The child's part. Serves until it is killed; returns only errors.
absl::Status ServeEcho(const std::string& socket);

// Starts such a child; it serves when this returns.
absl::StatusOr<Child> StartEcho(const Settings& settings, const std::string& socket);

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_ECHO_H_
