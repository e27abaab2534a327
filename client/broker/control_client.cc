#include "client/broker/control_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/broker/connect.h"
#include "zbroker/v1/admin.grpc.pb.h"
#include "zbroker/v1/ledger.grpc.pb.h"

namespace zbroker::broker {
namespace {

template <typename Stub, typename Request, typename Reply>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Reply*);

template <typename Stub, typename Request, typename Reply>
absl::StatusOr<Reply> Call(Stub& stub, Method<Stub, Request, Reply> method, const Request& request,
                           absl::Duration timeout) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
  Reply reply;
  const grpc::Status status = (stub.*method)(&context, request, &reply);
  if (!status.ok()) return FromRpcStatus(status);
  return reply;
}

// Feeds a stream to `each`, which ends it by returning false.
template <typename Reply>
absl::Status ReadAll(grpc::ClientContext& context, grpc::ClientReader<Reply>& reader,
                     const std::function<bool(const Reply&)>& each) {
  Reply reply;
  bool ended_by_us = false;
  while (!ended_by_us && reader.Read(&reply)) {
    ended_by_us = !each(reply);
    if (ended_by_us) context.TryCancel();
  }
  const grpc::Status status = reader.Finish();
  return ended_by_us ? absl::OkStatus() : FromRpcStatus(status);
}

template <typename Request>
Request ForAccount(const std::string& account) {
  Request request;
  request.set_account(account);
  return request;
}

}  // namespace

struct ControlClient::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel) : ledger(channel), admin(channel) {}
  v1::Ledger::Stub ledger;
  v1::Admin::Stub admin;
};

absl::StatusOr<std::unique_ptr<ControlClient>> ControlClient::Connect(Options options) {
  if (options.socket_path.empty()) {
    ZB_ASSIGN_OR_RETURN(options.socket_path, SocketPath());
  }
  // A look at the broker should not hang when there is none; only a start takes its time.
  ZB_ASSIGN_OR_RETURN(const auto channel, broker::Connect({.socket_path = options.socket_path,
                                                           .start_daemon = options.start_daemon,
                                                           .timeout = absl::ZeroDuration()},
                                                          [] { return false; }));
  return std::unique_ptr<ControlClient>(
      new ControlClient(std::make_unique<Stubs>(channel), options.timeout));
}

ControlClient::ControlClient(std::unique_ptr<Stubs> stubs, absl::Duration timeout)
    : stubs_(std::move(stubs)), timeout_(timeout) {}

ControlClient::~ControlClient() = default;

absl::StatusOr<v1::Status> ControlClient::GetStatus(const std::string& account) {
  return Call(stubs_->ledger, &v1::Ledger::Stub::GetStatus,
              ForAccount<v1::GetStatusRequest>(account), timeout_);
}

absl::StatusOr<v1::LeaseList> ControlClient::ListLeases(const std::string& account) {
  return Call(stubs_->ledger, &v1::Ledger::Stub::ListLeases,
              ForAccount<v1::ListLeasesRequest>(account), timeout_);
}

absl::StatusOr<v1::WaiterList> ControlClient::ListWaiters(const std::string& account) {
  return Call(stubs_->ledger, &v1::Ledger::Stub::ListWaiters,
              ForAccount<v1::ListWaitersRequest>(account), timeout_);
}

absl::Status ControlClient::WatchStatus(const std::string& account, absl::Duration interval,
                                        const std::function<bool(const v1::Status&)>& each) {
  auto request = ForAccount<v1::WatchStatusRequest>(account);
  const int64_t seconds = absl::IDivDuration(interval, absl::Seconds(1), &interval);
  request.mutable_interval()->set_seconds(seconds);
  request.mutable_interval()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(interval)));
  grpc::ClientContext context;
  return ReadAll(context, *stubs_->ledger.WatchStatus(&context, request), each);
}

absl::Status ControlClient::QueryLedger(const v1::QueryLedgerRequest& request,
                                        const std::function<bool(const v1::LedgerPage&)>& each) {
  grpc::ClientContext context;
  return ReadAll(context, *stubs_->ledger.QueryLedger(&context, request), each);
}

absl::StatusOr<v1::SetLimitReply> ControlClient::SetLimit(const v1::SetLimitRequest& request) {
  return Call(stubs_->admin, &v1::Admin::Stub::SetLimit, request, timeout_);
}

absl::StatusOr<v1::PauseReply> ControlClient::Pause(const std::string& account) {
  return Call(stubs_->admin, &v1::Admin::Stub::Pause, ForAccount<v1::PauseRequest>(account),
              timeout_);
}

absl::StatusOr<v1::ResumeReply> ControlClient::Resume(const std::string& account) {
  return Call(stubs_->admin, &v1::Admin::Stub::Resume, ForAccount<v1::ResumeRequest>(account),
              timeout_);
}

absl::Status ControlClient::RevokeLease(uint64_t lease_id) {
  v1::RevokeLeaseRequest request;
  request.set_lease_id(lease_id);
  return Call(stubs_->admin, &v1::Admin::Stub::RevokeLease, request, timeout_).status();
}

absl::StatusOr<v1::ReloadReply> ControlClient::Reload() {
  return Call(stubs_->admin, &v1::Admin::Stub::Reload, v1::ReloadRequest(), timeout_);
}

}  // namespace zbroker::broker
