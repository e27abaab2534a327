// What the provider's meter answers: how much of each of its limits is used.
//
// The envelope is {"code":200,"data":{"limits":[…]},"success":true}; errors come under HTTP 200
// too. A limit names its length by a unit and a number; everything else of it may be missing, its
// parts need not add up, and its percentage is cut off. So what is used is `currentValue` of
// `usage`, which is the allowance; and the percentage where these are missing or contradict it.
#ifndef ZBROKER_SHIMS_ZAI_METER_H_
#define ZBROKER_SHIMS_ZAI_METER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/bounds.h"

namespace zbroker::zai {

// Where the meter is, on the host of the account's upstream. Some good keys are refused by the
// first and served by the second.
inline constexpr absl::string_view kMeterPath = "/api/monitor/usage/quota/limit";
inline constexpr absl::string_view kMeterPathElse = "/api/monitor/usage";

// What is longer is no answer of the meter.
inline constexpr size_t kMeterBytesMax = 256 * 1024;

struct MeterLimit {
  enum class Counts { kTokens, kCredits, kToolCalls };

  Counts counts = Counts::kTokens;
  absl::Duration length;  // zero: `months`; at most kMeterLengthMax
  int months = 0;         // at most kMeterMonthsMax
  double percent = 0;     // of what is allowed; from 0 to kMeterPercentMax
  // Both, or zero where they are not known; at most 1e9.
  double used = 0;
  double allowed = 0;
  std::optional<absl::Time> reset;
};

struct MeterAnswer {
  enum class State {
    kRead,     // there are limits
    kSilent,   // the meter has nothing to say of this account, and won't soon
    kRefused,  // the key is not good here
    kTrouble,  // anything else
  };

  State state = State::kTrouble;
  std::vector<MeterLimit> limits;
  std::string level;  // the plan, in the provider's word: "pro"; at most 40 bytes, printable
  // Why there are none: at most 300 bytes, printable.
  std::string trouble;
};

// Any bytes.
MeterAnswer ReadMeter(int http_status, absl::string_view body);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_METER_H_
