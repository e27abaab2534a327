#include "daemon/rpc/view.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "daemon/rpc/lease_view.h"
#include "daemon/rpc/meter.h"
#include "daemon/rpc/slots_view.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {
namespace {

// Enough for people; ListWaiters has them all.
constexpr size_t kWaitersInStatus = 20;

void FillWindow(const core::WindowSnapshot& window, const Now& now, v1::WindowStatus* out) {
  out->set_name(window.config.name);
  out->set_unit(std::string(core::Name(window.config.unit)));
  out->set_used(window.used.ToDouble());
  out->set_limit(window.config.limit.ToDouble());
  if (window.next_release) *out->mutable_next_release() = ToProto(now.WallAt(*window.next_release));
  out->set_exhausted(window.exhausted);
  if (window.config.months == 0) *out->mutable_length() = ToProto(window.config.length);
  out->set_enforce(std::string(core::Name(window.config.enforce)));
  out->set_kind(std::string(core::Name(window.config.kind)));
  out->set_months(static_cast<uint32_t>(window.config.months));
  if (window.reset) *out->mutable_reset() = ToProto(now.WallAt(*window.reset));
  for (const std::string& glob : window.config.models) out->add_models(glob);
  out->set_pace(window.config.pace);
  if (window.ahead_until) *out->mutable_ahead_until() = ToProto(now.WallAt(*window.ahead_until));
  if (window.runs_out) *out->mutable_runs_out() = ToProto(now.WallAt(*window.runs_out));
  FillMeter(window, out);
}

void FillShadow(const core::AccountSnapshot& account, v1::AccountStatus* out) {
  if (!account.shadow && account.totals.shadow_waits == 0) return;
  out->mutable_shadow()->set_on(account.shadow);
  out->mutable_shadow()->set_waits(account.totals.shadow_waits);
  *out->mutable_shadow()->mutable_waited() = ToProto(account.totals.shadow_waited);
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
  for (const core::Pause& pause : account.pauses) {
    if (!pause.part.whole()) continue;
    say("paused", "paused by an administrator; `zctl resume` ends it");
    if (pause.until != BootTime::InfiniteFuture()) {
      *out->mutable_blocked()->mutable_until() = ToProto(now.WallAt(pause.until));
    }
    return;
  }
  for (const core::Block& block : account.blocks) {
    if (!block.Refuses() || block.scope != core::Scope::kAccount) continue;
    say(core::Name(block.reason), block.detail.empty() ? core::Describe(block) : block.detail);
    *out->mutable_blocked()->mutable_until() = ToProto(now.WallAt(block.until));
    return;
  }
}

void FillAccount(const core::AccountSnapshot& account, const absl::Status& ledger_error,
                 const Now& now, const core::Client& viewer, v1::AccountStatus* out) {
  out->set_name(account.name);
  FillSlots(account, now, out->mutable_slots());
  for (const core::Pause& pause : account.pauses) *out->add_pauses() = ToProto(pause, now);
  for (const auto& window : account.windows) FillWindow(window, now, out->add_windows());
  FillBlocked(account, ledger_error, now, out);
  for (const core::Block& block : account.blocks) *out->add_blocks() = ToProto(block, now);
  out->mutable_totals()->set_granted(account.totals.granted);
  out->mutable_totals()->set_throttled(account.totals.throttled);
  out->mutable_totals()->set_lost(account.totals.lost);
  FillShadow(account, out);
  FillMeter(account, now, out);
  if (account.wait) *out->mutable_expected_wait() = ToProto(*account.wait);
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
    const auto unseen = std::ranges::count_if(
        one.leases, [](const core::Lease& lease) { return lease.client.holder.pid == 0; });
    out->mutable_daemon()->set_unseen_holders(out->daemon().unseen_holders() +
                                              static_cast<uint32_t>(unseen));
  });
}

void FillPrices(const core::Snapshot& snapshot, const Now& now, const std::string& model,
                v1::Status* out) {
  core::Request prompt{.model = model, .kind = core::Kind::kPrompt};
  core::Request call{.model = model, .kind = core::Kind::kCall};
  for (v1::AccountStatus& status : *out->mutable_accounts()) {
    const auto account =
        std::ranges::find(snapshot.accounts, status.name(), &core::AccountSnapshot::name);
    if (account == snapshot.accounts.end() || !account->prices) continue;
    for (int i = 0; i < status.windows_size(); ++i) {
      const core::WindowConfig& window = account->windows[static_cast<size_t>(i)].config;
      const auto charge = [&](const core::Request& request) {
        return account->prices->ChargeFor(window, request, now.wall).ToDouble();
      };
      status.mutable_windows(i)->set_prompt_charge(charge(prompt));
      status.mutable_windows(i)->set_call_charge(charge(call));
    }
  }
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
  FillProgram(row.request, row.holder, out);
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
  out->set_served_model(row.served_model);
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
