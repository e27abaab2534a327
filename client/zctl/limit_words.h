// Where a slot limit comes from, in words.
#ifndef ZBROKER_CLIENT_ZCTL_LIMIT_WORDS_H_
#define ZBROKER_CLIENT_ZCTL_LIMIT_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// Who decided it: "configured", "scheduled", "learned" or "pinned".
absl::string_view LimitOrigin(const v1::SlotsStatus& slots);

// "limit 4, learned; configured 3": with what configuration says, where that does not decide.
std::string DescribeLimit(const v1::SlotsStatus& slots);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_LIMIT_WORDS_H_
