#include "daemon/rpc/explain_view.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "daemon/core/words.h"
#include "daemon/rpc/lease_view.h"
#include "daemon/rpc/translate.h"
#include "daemon/rpc/view.h"

namespace zbroker::rpc {
namespace {

bool MaySee(const core::Client& viewer, const core::Holder& owner) {
  return viewer.admin || viewer.holder.uid == owner.uid;
}

void FillGate(const core::GateState& gate, const Now& now, v1::Gate* out) {
  out->set_name(std::string(core::Name(gate.name)));
  out->set_applies(gate.applies);
  out->set_passed(gate.passed);
  out->set_binds(gate.binds);
  out->set_detail(gate.words);
  out->set_opens(gate.opens);
  if (gate.until) *out->mutable_until() = ToProto(now.WallAt(*gate.until));
}

void FillExplained(const core::WaiterExplanation& explained, const Now& now,
                   const core::Client& viewer, v1::WaiterExplanation* out) {
  FillWaiter(explained.waiter, now, viewer, out->mutable_waiter());
  out->set_ticket(explained.waiter.waiter.request.ticket);
  for (const core::GateState& gate : explained.gates) FillGate(gate, now, out->add_gates());
  out->set_before(static_cast<uint32_t>(explained.before));
  for (const core::WaiterSnapshot& one : explained.first_before) {
    FillWaiter(one, now, viewer, out->add_first_before());
  }
}

std::string Waiters(size_t count) {
  return absl::StrCat(count, count == 1 ? " request waits" : " requests wait");
}

std::string VerdictOf(const core::AccountExplanation& account) {
  if (account.retired) return "the account is no longer configured; its open leases may end";
  if (account.kept.empty()) {
    if (account.wait && *account.wait <= absl::ZeroDuration()) {
      return "nothing waits, and a new request would be granted at once";
    }
    for (const core::GateState& gate : account.newcomer.gates) {
      if (gate.binds) return absl::StrCat("nothing waits; what keeps a new request: ", gate.words);
    }
    return "nothing waits";
  }
  const core::AccountExplanation::Kept& most = account.kept.front();
  if (account.kept.size() == 1) {
    return absl::StrCat(Waiters(account.waiting), ": ", most.gate.words);
  }
  return absl::StrCat(Waiters(account.waiting), ", ", most.waiters, " of them since ",
                      most.gate.words);
}

void FillAccount(const core::AccountExplanation& account, const Now& now,
                 const core::Client& viewer, v1::AccountExplanation* out) {
  out->set_account(account.name);
  out->set_verdict(VerdictOf(account));
  out->set_in_flight(static_cast<uint32_t>(account.in_flight));
  out->set_limit(static_cast<uint32_t>(account.slot_limit));
  out->set_waiting(static_cast<uint32_t>(account.waiting));
  for (const core::GateState& gate : account.newcomer.gates) FillGate(gate, now, out->add_gates());
  if (account.wait) *out->mutable_expected_wait() = ToProto(*account.wait);
  for (const core::AccountExplanation::Kept& kept : account.kept) {
    v1::Kept* one = out->add_kept();
    FillGate(kept.gate, now, one->mutable_gate());
    one->set_waiters(static_cast<uint32_t>(kept.waiters));
  }
  // Whose it is may see it.
  if (account.first && MaySee(viewer, account.first->waiter.waiter.client.holder)) {
    FillExplained(*account.first, now, viewer, out->mutable_first());
  }
  if (account.oldest) FillLease(*account.oldest, now, viewer, out->mutable_oldest());
}

std::string VerdictOf(const core::Lease& lease, const Now& now) {
  const std::string held = absl::StrCat(
      "lease ", lease.id, " was granted ", zbroker::FormatDuration(now.boot - lease.granted),
      " ago, after a wait of ", zbroker::FormatDuration(lease.granted - lease.queued));
  switch (lease.state) {
    case core::LeaseState::kHeld:
      if (lease.host != 0)
        return absl::StrCat(held, ", and lives in the slot of lease ", lease.host);
      return absl::StrCat(held, lease.guest == 0
                                    ? ", and is held"
                                    : absl::StrCat(", and lends its slot to lease ", lease.guest));
    case core::LeaseState::kOrphaned:
      return absl::StrCat(held, "; its client is away, and may come back for it");
    case core::LeaseState::kQuarantined:
      return absl::StrCat(held,
                          "; its holder is gone, and its slot is kept since the upstream may ",
                          "still count the request");
  }
  return held;
}

}  // namespace

void FillExplanation(const core::Explanation& explanation, const Now& now,
                     const core::Client& viewer, v1::Explanation* out) {
  *out->mutable_now() = ToProto(now.wall);
  out->set_ledger_error(std::string(explanation.ledger_error.message()));
  if (explanation.lease) {
    FillLease(*explanation.lease, now, viewer, out->mutable_lease());
    out->set_verdict(VerdictOf(*explanation.lease, now));
  }
  for (const core::WaiterExplanation& one : explanation.waiters) {
    FillExplained(one, now, viewer, out->add_waiters());
  }
  for (const core::AccountExplanation& one : explanation.accounts) {
    FillAccount(one, now, viewer, out->add_accounts());
  }
  if (!explanation.ledger_error.ok()) {
    out->set_verdict(absl::StrCat("nothing is granted: ", out->ledger_error()));
  } else if (!explanation.waiters.empty()) {
    out->set_verdict(DescribeWait(explanation.waiters.front().waiter.state, now));
  } else if (out->accounts_size() > 0) {
    out->set_verdict(out->accounts(0).verdict());
  }
}

void FillEnded(const ledger::Row& row, const Now& now, v1::Explanation* out) {
  *out->mutable_now() = ToProto(now.wall);
  FillRow(row, out->mutable_ended());
  const absl::Time closed = row.closed.value_or(now.wall);
  out->set_verdict(
      absl::StrCat("lease ", row.lease, " ended ", zbroker::FormatDuration(now.wall - closed),
                   " ago", row.outcome ? absl::StrCat(" as ", core::Name(*row.outcome)) : "",
                   ", after a wait of ", zbroker::FormatDuration(row.granted - row.queued), " and ",
                   zbroker::FormatDuration(closed - row.granted), " of work"));
}

}  // namespace zbroker::rpc
