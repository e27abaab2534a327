#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_SERVER_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_SERVER_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "tests/testing/upstream/settings.h"

namespace zbroker::testing {

inline constexpr size_t kConnectionsMax = 4096;  // more are closed as soon as they are accepted

// Serves on 127.0.0.1 in the calling thread until SIGTERM or SIGINT, whatever is in service then.
// `port` 0 lets the kernel choose; `on_listening` is told the port once clients can connect.
// Errors: when the port can't be had.
absl::Status RunServer(uint16_t port, Settings settings,
                       absl::FunctionRef<void(uint16_t)> on_listening);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_SERVER_H_
