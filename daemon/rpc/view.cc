#include "daemon/rpc/view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/process.h"
#include "client/base/status.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {
namespace {

// Enough for people; ListWaiters has them all.
constexpr size_t kWaitersInStatus = 20;

bool SeesDetail(const core::Client& viewer, const core::Holder& owner) {
  return viewer.admin || viewer.holder.uid == owner.uid;
}

void FillHolder(const core::Holder& holder, v1::Holder* out) {
  out->set_pid(holder.pid);
  out->set_uid(holder.uid);
  out->set_program(holder.program);
  if (holder.pid == 0) return;
  const auto stat = ReadProcessStat(holder.pid);
  out->set_stopped(stat && stat->start_ticks == holder.start_ticks && stat->stopped());
}

// Works for LeaseInfo, WaiterInfo and LedgerRow, which share these fields.
template <typename Info>
void FillRequest(const core::Request& request, Info* out) {
  out->set_model(request.model);
  out->set_kind(ToProto(request.kind));
  out->set_priority(ToProto(request.priority));
  out->set_weight(request.weight.ToDouble());
  out->set_session(request.session);
}

void FillLease(const core::Lease& lease, const Now& now, const core::Client& viewer,
               v1::LeaseInfo* out) {
  out->set_lease_id(lease.id);
  out->set_account(lease.request.account);
  out->set_state(ToProto(lease.state));
  *out->mutable_queued() = ToProto(now.WallAt(lease.queued));
  *out->mutable_granted() = ToProto(now.WallAt(lease.granted));
  *out->mutable_held() = ToProto(now.boot - lease.granted);
  out->set_attempt(lease.attempt);
  if (lease.until != BootTime::InfiniteFuture()) {
    *out->mutable_until() = ToProto(now.WallAt(lease.until));
  }
  out->mutable_holder()->set_uid(lease.client.holder.uid);
  if (!SeesDetail(viewer, lease.client.holder)) return;
  FillRequest(lease.request, out);
  out->set_parent_lease_id(lease.request.parent);
  FillHolder(lease.client.holder, out->mutable_holder());
}

void FillWaiter(const core::WaiterSnapshot& snapshot, const Now& now, const core::Client& viewer,
                v1::WaiterInfo* out) {
  const core::Waiter& waiter = snapshot.waiter;
  out->set_account(waiter.request.account);
  out->set_client_gone(waiter.client_gone());
  *out->mutable_queued() = ToProto(now.WallAt(waiter.order.arrival));
  *out->mutable_waited() = ToProto(now.boot - waiter.order.arrival);
  out->set_attempt(waiter.attempt);
  if (!waiter.client_gone()) {
    out->set_position(snapshot.state.position);
    out->set_reason(ToProto(snapshot.state.reason));
    out->set_detail(DescribeWait(snapshot.state, now));
    if (snapshot.state.estimate) *out->mutable_estimate() = ToProto(*snapshot.state.estimate);
  }
  if (waiter.deadline != BootTime::InfiniteFuture()) {
    *out->mutable_deadline() = ToProto(now.WallAt(waiter.deadline));
  }
  out->mutable_holder()->set_uid(waiter.client.holder.uid);
  if (!SeesDetail(viewer, waiter.client.holder)) return;
  FillRequest(waiter.request, out);
  FillHolder(waiter.client.holder, out->mutable_holder());
}

void FillWindow(const core::WindowSnapshot& window, const Now& now, v1::WindowStatus* out) {
  out->set_name(window.config.name);
  out->set_unit(std::string(core::Name(window.config.unit)));
  out->set_used(window.used.ToDouble());
  out->set_limit(window.config.limit.ToDouble());
  if (window.next_release) *out->mutable_next_release() = ToProto(now.WallAt(*window.next_release));
  out->set_exhausted(window.exhausted);
  *out->mutable_length() = ToProto(window.config.length);
  out->set_enforce(std::string(core::Name(window.config.enforce)));
}

// What keeps the whole account from granting until somebody acts, or for long.
void FillBlocked(const core::AccountSnapshot& account, const absl::Status& ledger_error,
                 const Now& now, v1::AccountStatus* out) {
  const auto say = [out](absl::string_view reason, absl::string_view detail) {
    out->mutable_blocked()->set_reason(std::string(reason));
    out->mutable_blocked()->set_detail(std::string(detail));
  };
  if (!ledger_error.ok()) return say("ledger", ledger_error.message());
  if (account.retired) return say("retired", "no longer configured; its open leases may end");
  if (account.paused) return say("paused", "paused by an administrator; `zctl resume` ends it");
  for (const core::Block& block : account.blocks) {
    if (!block.IsWall() || block.scope != core::Scope::kAccount) continue;
    say(core::Name(block.reason), block.detail.empty() ? core::Describe(block) : block.detail);
    *out->mutable_blocked()->mutable_until() = ToProto(now.WallAt(block.until));
    return;
  }
}

void FillAccount(const core::AccountSnapshot& account, const absl::Status& ledger_error,
                 const Now& now, const core::Client& viewer, v1::AccountStatus* out) {
  out->set_name(account.name);
  auto* slots = out->mutable_slots();
  slots->set_limit(static_cast<uint32_t>(account.slot_limit));
  slots->set_in_flight(static_cast<uint32_t>(account.leases.size()));
  slots->set_waiting(static_cast<uint32_t>(account.waiters.size()));
  slots->set_quarantined(static_cast<uint32_t>(std::count_if(
      account.leases.begin(), account.leases.end(),
      [](const core::Lease& lease) { return lease.state == core::LeaseState::kQuarantined; })));
  slots->set_pinned(account.pinned);
  for (const auto& window : account.windows) FillWindow(window, now, out->add_windows());
  FillBlocked(account, ledger_error, now, out);
  for (const core::Block& block : account.blocks) {
    *out->add_blocks() = ToProto(block, now);
    if (block.reason == core::BlockReason::kCoolDown) {
      *slots->mutable_cool_down_until() = ToProto(now.WallAt(block.until));
    }
  }
  out->mutable_totals()->set_granted(account.totals.granted);
  out->mutable_totals()->set_throttled(account.totals.throttled);
  out->mutable_totals()->set_lost(account.totals.lost);
  for (const core::Lease& lease : account.leases) FillLease(lease, now, viewer, out->add_leases());
  const size_t shown = std::min(account.waiters.size(), kWaitersInStatus);
  for (size_t i = 0; i < shown; ++i) {
    FillWaiter(account.waiters[i], now, viewer, out->add_waiters());
  }
}

void FillUsage(const core::TokenUsage& usage, v1::TokenUsage* out) {
  out->set_input_tokens(usage.input);
  out->set_cached_tokens(usage.cached);
  out->set_output_tokens(usage.output);
}

absl::Status ForEachAccount(const core::Snapshot& snapshot, const std::string& name,
                            const std::function<void(const core::AccountSnapshot&)>& fill) {
  bool found = false;
  for (const core::AccountSnapshot& account : snapshot.accounts) {
    if (!name.empty() && account.name != name) continue;
    found = true;
    fill(account);
  }
  return found ? absl::OkStatus() : absl::NotFoundError(absl::StrCat("no account ", name));
}

}  // namespace

absl::Status FillStatus(const core::Snapshot& snapshot, const Now& now, const std::string& account,
                        const core::Client& viewer, v1::Status* out) {
  *out->mutable_now() = ToProto(now.wall);
  if (!snapshot.ledger_error.ok()) {
    out->mutable_daemon()->set_ledger_error(std::string(snapshot.ledger_error.message()));
  }
  return ForEachAccount(snapshot, account, [&](const core::AccountSnapshot& one) {
    FillAccount(one, snapshot.ledger_error, now, viewer, out->add_accounts());
  });
}

absl::Status FillLeases(const core::Snapshot& snapshot, const Now& now, const std::string& account,
                        const core::Client& viewer, v1::LeaseList* out) {
  return ForEachAccount(snapshot, account, [&](const core::AccountSnapshot& one) {
    for (const core::Lease& lease : one.leases) FillLease(lease, now, viewer, out->add_leases());
  });
}

absl::Status FillWaiters(const core::Snapshot& snapshot, const Now& now, const std::string& account,
                         const core::Client& viewer, v1::WaiterList* out) {
  return ForEachAccount(snapshot, account, [&](const core::AccountSnapshot& one) {
    for (const auto& waiter : one.waiters) FillWaiter(waiter, now, viewer, out->add_waiters());
  });
}

void FillRow(const ledger::Row& row, v1::LedgerRow* out) {
  out->set_lease_id(row.lease);
  out->set_account(row.request.account);
  FillRequest(row.request, out);
  out->set_parent_lease_id(row.request.parent);
  out->set_program(row.holder.program);
  out->set_pid(row.holder.pid);
  out->set_uid(row.holder.uid);
  *out->mutable_queued() = ToProto(row.queued);
  *out->mutable_granted() = ToProto(row.granted);
  if (row.closed) *out->mutable_closed() = ToProto(*row.closed);
  if (row.outcome) out->set_outcome(ToProto(*row.outcome));
  out->set_upstream_code(row.upstream_code);
  out->set_detail(row.detail);
  out->set_attempt(row.attempt);
  if (row.first_byte) *out->mutable_first_byte() = ToProto(*row.first_byte);
  out->set_http_status(static_cast<uint32_t>(row.http_status));
  if (row.usage) FillUsage(*row.usage, out->mutable_usage());
}

void FillGroup(const ledger::Group& group, v1::LedgerGroup* out) {
  out->set_key(group.key);
  out->set_leases(group.leases);
  out->set_charged(group.charged.ToDouble());
  *out->mutable_held() = ToProto(group.held);
  *out->mutable_waited() = ToProto(group.waited);
  out->set_throttled(group.throttled);
  out->set_lost(group.lost);
  if (group.usage) FillUsage(*group.usage, out->mutable_usage());
}

}  // namespace zbroker::rpc
