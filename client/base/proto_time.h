// Times as Protobuf has them. Templates, so that nobody needs its headers for this.
#ifndef ZBROKER_CLIENT_BASE_PROTO_TIME_H_
#define ZBROKER_CLIENT_BASE_PROTO_TIME_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace zbroker {

// What the two can hold: the years 1 to 9999, and some 10,000 years either way.
inline constexpr int64_t kFirstProtoSecond = -62'135'596'800;
inline constexpr int64_t kLastProtoSecond = 253'402'300'799;
inline constexpr int64_t kLongestProtoSeconds = 315'576'000'000;

// google.protobuf.Timestamp. An absent one reads as 1970. What it can't
// hold becomes the nearest that it can.
template <typename Timestamp>
absl::Time FromProtoTime(const Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}
template <typename Timestamp>
void SetProtoTime(absl::Time time, Timestamp* out) {
  time = std::clamp(time, absl::FromUnixSeconds(kFirstProtoSecond),
                    absl::FromUnixSeconds(kLastProtoSecond));
  const int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

// google.protobuf.Duration. An absent one reads as zero.
template <typename Duration>
absl::Duration FromProtoDuration(const Duration& length) {
  return absl::Seconds(length.seconds()) + absl::Nanoseconds(length.nanos());
}
template <typename Duration>
void SetProtoDuration(absl::Duration length, Duration* out) {
  length =
      std::clamp(length, -absl::Seconds(kLongestProtoSeconds), absl::Seconds(kLongestProtoSeconds));
  out->set_seconds(absl::IDivDuration(length, absl::Seconds(1), &length));
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(length)));
}

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_PROTO_TIME_H_
