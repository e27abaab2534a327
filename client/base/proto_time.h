// Times as Protobuf has them. Templates, so that nobody needs its headers for this.
#ifndef ZBROKER_CLIENT_BASE_PROTO_TIME_H_
#define ZBROKER_CLIENT_BASE_PROTO_TIME_H_

#include <cstdint>

#include "absl/time/time.h"

namespace zbroker {

// google.protobuf.Timestamp. An absent one reads as 1970.
template <typename Timestamp>
absl::Time FromProtoTime(const Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}
template <typename Timestamp>
void SetProtoTime(absl::Time time, Timestamp* out) {
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
  out->set_seconds(absl::IDivDuration(length, absl::Seconds(1), &length));
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(length)));
}

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_PROTO_TIME_H_
