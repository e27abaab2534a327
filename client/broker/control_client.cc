#include "client/broker/control_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/broker/connect.h"
#include "zbroker/v1/admin.grpc.pb.h"
#include "zbroker/v1/events.grpc.pb.h"
#include "zbroker/v1/explain.grpc.pb.h"
#include "zbroker/v1/ledger.grpc.pb.h"

namespace zbroker::broker {
namespace {

template <typename Stub, typename Request, typename Reply>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Reply*);

// A connection that breaks gives gRPC's words, such as "Socket closed", which say nothing of what
// was asked of whom. What the daemon itself answers stays as it is, but for UNAVAILABLE, which may
// be either.
absl::Status Explained(const grpc::Status& status, absl::string_view call,
                       absl::string_view socket) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
      return absl::UnavailableError(
          absl::StrCat("the daemon on ", socket, " did not finish ", call, ": ",
                       status.error_message(), "; try again, and see its log if it says so again"));
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(absl::StrCat("the daemon on ", socket, " did not answer ",
                                                      call, " in time; it may be busy or stopped"));
    default:
      return FromRpcStatus(status);
  }
}

// Feeds a stream to `each`, which ends it by returning false.
template <typename Reply>
grpc::Status ReadAll(grpc::ClientContext& context, grpc::ClientReader<Reply>& reader,
                     const std::function<bool(const Reply&)>& each) {
  Reply reply;
  bool ended_by_us = false;
  while (!ended_by_us && reader.Read(&reply)) {
    ended_by_us = !each(reply);
    if (ended_by_us) context.TryCancel();
  }
  const grpc::Status status = reader.Finish();
  return ended_by_us ? grpc::Status::OK : status;
}

template <typename Request>
Request ForAccount(const std::string& account) {
  Request request;
  request.set_account(account);
  return request;
}

}  // namespace

struct ControlClient::Stubs {
  Stubs(const std::shared_ptr<grpc::Channel>& channel, const Options& options)
      : ledger(channel),
        admin(channel),
        explain(channel),
        events(channel),
        socket(options.socket_path),
        timeout(options.timeout) {}

  template <typename Stub, typename Request, typename Reply>
  absl::StatusOr<Reply> Call(absl::string_view name, Stub& stub,
                             Method<Stub, Request, Reply> method, const Request& request) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
    Reply reply;
    const grpc::Status status = (stub.*method)(&context, request, &reply);
    if (!status.ok()) return Explained(status, name, socket);
    return reply;
  }

  v1::Ledger::Stub ledger;
  v1::Admin::Stub admin;
  v1::Explain::Stub explain;
  v1::Events::Stub events;
  const std::string socket;
  const absl::Duration timeout;
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
      new ControlClient(std::make_unique<Stubs>(channel, options)));
}

ControlClient::ControlClient(std::unique_ptr<Stubs> stubs) : stubs_(std::move(stubs)) {}

ControlClient::~ControlClient() = default;

absl::StatusOr<v1::Status> ControlClient::GetStatus(const std::string& account,
                                                    const std::string& model) {
  auto request = ForAccount<v1::GetStatusRequest>(account);
  request.set_model(model);
  return stubs_->Call("GetStatus", stubs_->ledger, &v1::Ledger::Stub::GetStatus, request);
}

absl::StatusOr<v1::LeaseList> ControlClient::ListLeases(const std::string& account) {
  return stubs_->Call("ListLeases", stubs_->ledger, &v1::Ledger::Stub::ListLeases,
                      ForAccount<v1::ListLeasesRequest>(account));
}

absl::StatusOr<v1::WaiterList> ControlClient::ListWaiters(const std::string& account) {
  return stubs_->Call("ListWaiters", stubs_->ledger, &v1::Ledger::Stub::ListWaiters,
                      ForAccount<v1::ListWaitersRequest>(account));
}

absl::Status ControlClient::WatchStatus(const std::string& account, absl::Duration interval,
                                        const std::function<bool(const v1::Status&)>& each,
                                        absl::Time deadline) {
  auto request = ForAccount<v1::WatchStatusRequest>(account);
  SetProtoDuration(interval, request.mutable_interval());
  grpc::ClientContext context;
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  return Explained(ReadAll(context, *stubs_->ledger.WatchStatus(&context, request), each),
                   "WatchStatus", stubs_->socket);
}

absl::Status ControlClient::QueryLedger(const v1::QueryLedgerRequest& request,
                                        const std::function<bool(const v1::LedgerPage&)>& each) {
  grpc::ClientContext context;
  return Explained(ReadAll(context, *stubs_->ledger.QueryLedger(&context, request), each),
                   "QueryLedger", stubs_->socket);
}

absl::StatusOr<v1::Explanation> ControlClient::Explain(const std::string& account,
                                                       const std::string& what) {
  auto request = ForAccount<v1::ExplainRequest>(account);
  request.set_what(what);
  return stubs_->Call("Explain", stubs_->explain, &v1::Explain::Stub::Explain, request);
}

absl::Status ControlClient::WatchEvents(const v1::WatchEventsRequest& request,
                                        const std::function<bool(const v1::EventPage&)>& each) {
  grpc::ClientContext context;
  return Explained(ReadAll(context, *stubs_->events.Watch(&context, request), each), "Watch",
                   stubs_->socket);
}

absl::StatusOr<v1::HookList> ControlClient::ListHooks() {
  return stubs_->Call("ListHooks", stubs_->events, &v1::Events::Stub::ListHooks,
                      v1::ListHooksRequest());
}

absl::StatusOr<v1::SetLimitReply> ControlClient::SetLimit(const v1::SetLimitRequest& request) {
  return stubs_->Call("SetLimit", stubs_->admin, &v1::Admin::Stub::SetLimit, request);
}

absl::StatusOr<v1::PauseReply> ControlClient::Pause(const v1::PauseRequest& request) {
  return stubs_->Call("Pause", stubs_->admin, &v1::Admin::Stub::Pause, request);
}

absl::StatusOr<v1::ResumeReply> ControlClient::Resume(const v1::ResumeRequest& request) {
  return stubs_->Call("Resume", stubs_->admin, &v1::Admin::Stub::Resume, request);
}

absl::Status ControlClient::RevokeLease(uint64_t lease_id) {
  v1::RevokeLeaseRequest request;
  request.set_lease_id(lease_id);
  return stubs_->Call("RevokeLease", stubs_->admin, &v1::Admin::Stub::RevokeLease, request)
      .status();
}

absl::StatusOr<v1::ReportMeterReply> ControlClient::ReportMeter(
    const v1::ReportMeterRequest& request) {
  return stubs_->Call("ReportMeter", stubs_->admin, &v1::Admin::Stub::ReportMeter, request);
}

absl::StatusOr<v1::ReloadReply> ControlClient::Reload(bool check) {
  v1::ReloadRequest request;
  request.set_check(check);
  return stubs_->Call("Reload", stubs_->admin, &v1::Admin::Stub::Reload, request);
}

absl::StatusOr<v1::ConfigReport> ControlClient::GetConfig() {
  return stubs_->Call("GetConfig", stubs_->admin, &v1::Admin::Stub::GetConfig,
                      v1::GetConfigRequest());
}

}  // namespace zbroker::broker
