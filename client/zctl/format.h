// The wire's times and numbers as people read them.
#ifndef ZBROKER_CLIENT_ZCTL_FORMAT_H_
#define ZBROKER_CLIENT_ZCTL_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::zctl {

absl::Time ToTime(const google::protobuf::Timestamp& time);
absl::Duration ToDuration(const google::protobuf::Duration& length);

// "14:05:00", with the date before it when that is not today: "Nov 23 14:05:00", and with the year
// when that is not this year's: "2027-01-02 14:05:00".
std::string FormatInstant(absl::Time time, absl::Time now, absl::TimeZone zone);

// "14:05:00 (1h51m)": the instant, and how far off it is when that is less than half a day.
std::string FormatUntil(absl::Time time, absl::Time now, absl::TimeZone zone);

// "~14:20": an instant that is not to be taken by the second, with the date as in FormatInstant.
std::string FormatAbout(absl::Time time, absl::Time now, absl::TimeZone zone);

// Without a fraction when there is none, else with at most two digits of it.
std::string FormatNumber(double value);

// "999", "12.3k", "4.5M": three digits or so.
std::string FormatCount(int64_t count);

// What a lease costs; empty when that may not be known, which its kind tells.
template <typename Info>
std::string WeightOf(const Info& info) {
  return info.kind() == v1::KIND_UNSPECIFIED ? "" : FormatNumber(info.weight());
}

// Which attempt it is; empty for the first one.
template <typename Info>
std::string RetryOf(const Info& info) {
  return info.attempt() > 1 ? std::to_string(info.attempt()) : "";
}

// "12.3k/320": tokens that went in, cached ones included, and that came out; empty when none were
// reported.
template <typename Info>
std::string TokensOf(const Info& info) {
  if (!info.has_usage()) return "";
  const v1::TokenUsage& usage = info.usage();
  return FormatCount(usage.input_tokens() + usage.cached_tokens()) + "/" +
         FormatCount(usage.output_tokens());
}

// The program, or the user's number when that is all that may be known.
std::string HolderName(const v1::Holder& holder);

// The number of its process, empty when that is not known.
std::string HolderPid(const v1::Holder& holder);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_FORMAT_H_
