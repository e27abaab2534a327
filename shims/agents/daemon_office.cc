#include "shims/agents/daemon_office.h"

#include <utility>

#include "absl/time/clock.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"

namespace zbroker::agents {
namespace {

constexpr absl::Duration kFresh = absl::Milliseconds(250);

}  // namespace

absl::Status DaemonOffice::Ask(
    bool start_daemon, const std::function<absl::Status(broker::ControlClient&)>& question) {
  absl::Status answered = absl::UnavailableError("");
  if (client_ != nullptr) answered = question(*client_);
  if (absl::IsUnavailable(answered)) {
    ZB_ASSIGN_OR_RETURN(client_, broker::ControlClient::Connect(
                                     {.start_daemon = start_daemon, .timeout = timeout_}));
    answered = question(*client_);
  }
  if (absl::IsUnavailable(answered) || absl::IsDeadlineExceeded(answered)) client_.reset();
  return answered;
}

absl::StatusOr<v1::Status> DaemonOffice::GetStatus(const std::string& account,
                                                   const std::string& model) {
  return AskStatus(start_daemon_, account, model);
}

absl::StatusOr<v1::Status> DaemonOffice::LookAgain(const std::string& account) {
  const auto now = [] { return Clock::System().Read().boot; };
  // Of a daemon that hangs, too, all who wait hear after the time of one call.
  const bool is_fresh = looked_ != BootTime() && now() - looked_ < kFresh;
  if (is_fresh && looked_at_ == account) return seen_;
  seen_ = AskStatus(false, account, "");
  looked_at_ = account;
  looked_ = now();
  return seen_;
}

absl::StatusOr<v1::Status> DaemonOffice::AskStatus(bool start_daemon, const std::string& account,
                                                   const std::string& model) {
  v1::Status status;
  ZB_RETURN_IF_ERROR(Ask(start_daemon, [&](broker::ControlClient& client) -> absl::Status {
    ZB_ASSIGN_OR_RETURN(status, client.GetStatus(account, model));
    return absl::OkStatus();
  }));
  if (status.accounts().empty()) return absl::NotFoundError("there is no account");
  return status;
}

absl::StatusOr<v1::Explanation> DaemonOffice::Explain(const std::string& account,
                                                      const std::string& what) {
  v1::Explanation explanation;
  ZB_RETURN_IF_ERROR(Ask(start_daemon_, [&](broker::ControlClient& client) -> absl::Status {
    ZB_ASSIGN_OR_RETURN(explanation, client.Explain(account, what));
    return absl::OkStatus();
  }));
  return explanation;
}

Experience DaemonOffice::Recall(const std::string& account) {
  Experience experience;
  v1::QueryLedgerRequest request;
  request.set_account(account);
  request.set_limit(Experience::kRowsMax);
  SetProtoTime(absl::Now() - Experience::kReach, request.mutable_since());
  const absl::Status asked = Ask(start_daemon_, [&](broker::ControlClient& client) {
    experience = Experience();
    return client.QueryLedger(request, [&](const v1::LedgerPage& page) {
      for (const v1::LedgerRow& row : page.rows()) experience.Add(row);
      return true;
    });
  });
  return asked.ok() ? experience : Experience();
}

}  // namespace zbroker::agents
