#include "daemon/rpc/ended_leases.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "client/base/sparse_log.h"
#include "daemon/ledger/query.h"

namespace zbroker::rpc {

core::Event EndedLeases::Complete(core::Event event, const core::Client& client) const {
  auto* released = std::get_if<core::Released>(&event);
  if (released == nullptr || released->outcome) return event;
  const auto row = ledger::FindLease(ledger_path_, released->lease);
  if (!row.ok()) {
    LogWarningSparsely("can't look up how a lease ended: ", row.status().message());
    return event;
  }
  if (!*row) return event;
  if (!client.admin && client.holder.uid != (*row)->holder.uid) {
    return core::Failed{released->lease, absl::PermissionDeniedError(absl::StrCat(
                                             "lease ", released->lease, " was another user's"))};
  }
  released->outcome = (*row)->outcome;
  return event;
}

}  // namespace zbroker::rpc
