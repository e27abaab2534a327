// How large what one side of the wire says may be, for both sides: what a sender keeps within these
// is never taken for malformed.
#ifndef ZBROKER_CLIENT_BASE_BOUNDS_H_
#define ZBROKER_CLIENT_BASE_BOUNDS_H_

#include <cstddef>
#include <cstdint>

namespace zbroker {

// Tokens of one kind that one request may have used.
inline constexpr int64_t kTokensMax = 1'000'000'000;

// What the upstream said in words.
inline constexpr size_t kDetailBytesMax = 1024;

// A status of HTTP has three digits, though none beyond 599 is defined.
inline constexpr int kHttpStatusMin = 100;
inline constexpr int kHttpStatusMax = 999;

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_BOUNDS_H_
