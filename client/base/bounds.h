// How large what one side of the wire says may be, for both sides: what a sender keeps within these
// is never taken for malformed.
#ifndef ZBROKER_CLIENT_BASE_BOUNDS_H_
#define ZBROKER_CLIENT_BASE_BOUNDS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace zbroker {

// Tokens of one kind that one request may have used.
inline constexpr int64_t kTokensMax = 1'000'000'000;

// What the upstream said in words.
inline constexpr size_t kDetailBytesMax = 1024;

// A status of HTTP has three digits, though none beyond 599 is defined.
inline constexpr int kHttpStatusMin = 100;
inline constexpr int kHttpStatusMax = 999;

// Limits in one reading of the provider's meter, how long each of them is, and its share that may
// be used: what was in flight may exceed one, but hardly by as much again, and that is not
// believed.
inline constexpr size_t kMeterLimitsMax = 32;
inline constexpr absl::Duration kMeterLengthMax = absl::Hours(24 * 3660);
inline constexpr int kMeterMonthsMax = 120;
inline constexpr double kMeterPercentMax = 200;

// A line between an MCP server and its client that is read before it is passed on. A longer one
// passes as it comes, unread.
inline constexpr size_t kMcpLineBytesMax = size_t{32} << 20;
// Tool calls of one server that wait for a lease or have one, and the bytes of those that wait.
inline constexpr size_t kMcpCallsMax = 1024;
inline constexpr size_t kMcpWaitingBytesMax = size_t{64} << 20;
// What one side of a relay has not taken yet: with more, the other side is not read.
inline constexpr size_t kMcpUnsentBytesMax = size_t{1} << 20;

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_BOUNDS_H_
