// The texts of options and arguments as values. Errors: INVALID_ARGUMENT, quoting the text and
// saying what was expected; the value is then unspecified.
#ifndef ZBROKER_CLIENT_ZCTL_ARGUMENTS_H_
#define ZBROKER_CLIENT_ZCTL_ARGUMENTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/zctl/console.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// A name as the daemon takes it, and not an empty one: an empty selection would take all.
absl::Status ReadName(const std::string& text, std::string* name);

// A length of time.
absl::Status ReadDuration(const std::string& text, std::optional<absl::Duration>* length);

// An instant that is ahead.
absl::Status ReadInstant(const std::string& text, std::optional<absl::Time>* at);

// A length of time from 100 ms to 1 h.
absl::Status ReadInterval(const std::string& text, absl::Duration* interval);

// A number from 1 up.
absl::Status ReadLeaseId(const std::string& text, uint64_t* lease_id);
absl::Status ReadRowLimit(const std::string& text, std::optional<uint32_t>* limit);

// A number from 1 to 1000, or "auto", which is absent.
absl::Status ReadSlotLimit(const std::string& text, std::optional<uint32_t>* limit);

// A word of the enumeration.
absl::Status ReadPriority(const std::string& text, v1::Priority* priority);
absl::Status ReadOutcome(const std::string& text, v1::Outcome* outcome);
absl::Status ReadGroupBy(const std::string& text, v1::GroupBy* group_by);
absl::Status ReadColor(const std::string& text, ColorMode* color);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_ARGUMENTS_H_
