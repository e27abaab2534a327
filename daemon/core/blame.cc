#include "daemon/core/blame.h"

#include <algorithm>

namespace zbroker::core {
namespace {

double Suspicion(const Suspect& suspect, BootTime now) {
  const absl::Duration age =
      std::clamp(now - suspect.served, absl::Milliseconds(1), absl::Duration(kMemory));
  // One was seldom refused, as no limit is lower; but what ran before may still count upstream.
  return absl::ToDoubleSeconds(age) * (suspect.in_flight - 0.75);
}

}  // namespace

Blamed Blame(const Suspect& account, const Suspect& model, bool others, BootTime now) {
  if (!others) return Blamed::kAccount;
  if (account.in_flight <= 1) return Blamed::kAccount;
  const bool never = now - model.served >= kMemory;
  if (never && !account.beyond && model.in_flight > 1) return Blamed::kModel;
  return Suspicion(model, now) >= Suspicion(account, now) ? Blamed::kModel : Blamed::kAccount;
}

}  // namespace zbroker::core
