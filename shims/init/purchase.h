// When a plan was bought, as people write it.
#ifndef ZBROKER_SHIMS_INIT_PURCHASE_H_
#define ZBROKER_SHIMS_INIT_PURCHASE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zbroker::init {

// By whose clocks dates without a zone are.
absl::TimeZone SiteZone();

struct Purchase {
  std::string literal;     // as TOML has it
  absl::CivilDay at_site;  // the day by the clocks of the provider, UTC+8
};

// "2026-08-20", the day by the provider's clocks; or with a time, "2026-08-20 14:05" or
// "2026-08-20T14:05:30", by the clock of `zone` unless an offset follows, "+02:00" or "Z". Errors:
// INVALID_ARGUMENT for anything else, for what is in the future, and for what is before there were
// plans.
absl::StatusOr<Purchase> ParsePurchase(absl::string_view text, absl::Time now, absl::TimeZone zone);

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_PURCHASE_H_
