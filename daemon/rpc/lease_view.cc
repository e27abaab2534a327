#include "daemon/rpc/lease_view.h"

#include "client/base/process.h"

namespace zbroker::rpc {
namespace {

bool SeesDetail(const core::Client& viewer, const core::Holder& owner) {
  return viewer.admin || viewer.holder.uid == owner.uid;
}

void FillHolder(const core::Request& request, const core::Holder& holder, v1::Holder* out) {
  out->set_uid(holder.uid);
  FillProgram(request, holder, out);
  if (holder.pid == 0) return;
  const auto stat = ReadProcessStat(holder.pid);
  out->set_stopped(stat && stat->start_ticks == holder.start_ticks && stat->stopped());
}

}  // namespace

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
  out->set_host_lease_id(lease.host);
  out->set_shadow(lease.shadow);
  out->set_trial(lease.trial);
  out->set_command_runs(lease.command_runs);
  out->mutable_holder()->set_uid(lease.client.holder.uid);
  if (!SeesDetail(viewer, lease.client.holder)) return;
  FillRequest(lease.request, out);
  out->set_parent_lease_id(lease.request.parent);
  FillHolder(lease.request, lease.client.holder, out->mutable_holder());
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
    if (snapshot.state.until) *out->mutable_until() = ToProto(now.WallAt(*snapshot.state.until));
    if (snapshot.state.estimate) *out->mutable_estimate() = ToProto(*snapshot.state.estimate);
  }
  if (waiter.deadline != BootTime::InfiniteFuture()) {
    *out->mutable_deadline() = ToProto(now.WallAt(waiter.deadline));
  }
  out->mutable_holder()->set_uid(waiter.client.holder.uid);
  if (!SeesDetail(viewer, waiter.client.holder)) return;
  FillRequest(waiter.request, out);
  FillHolder(waiter.request, waiter.client.holder, out->mutable_holder());
}

}  // namespace zbroker::rpc
