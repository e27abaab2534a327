#include "daemon/rpc/ledger_service.h"

#include <grpcpp/alarm.h>
#include <unistd.h>

#include <utility>

#include "absl/time/clock.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/ledger/query.h"
#include "daemon/rpc/translate.h"
#include "daemon/rpc/view.h"

namespace zbroker::rpc {
namespace {

grpc::Status ToGrpc(const absl::Status& status) { return ToRpcStatus<grpc::Status>(status); }

// Ends a stream before it begins.
template <typename Reply>
class FailedStream final : public grpc::ServerWriteReactor<Reply> {
 public:
  explicit FailedStream(const absl::Status& status) { this->Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

// Snapshot, write, pause, and again. One step is under way at a time, and each starts the next, so
// the members need no lock; only a cancellation comes from the side.
class StatusWatch final : public grpc::ServerWriteReactor<v1::Status> {
 public:
  StatusWatch(engine::Engine& engine, const DaemonFacts& facts, core::Client viewer,
              std::string account, absl::Duration interval)
      : engine_(engine),
        facts_(facts),
        viewer_(std::move(viewer)),
        account_(std::move(account)),
        interval_(interval) {}

  void Look() {
    const absl::Status asked = engine_.RequestSnapshot(
        [this](std::shared_ptr<const core::Snapshot> snapshot, const Now& now) {
          status_.Clear();
          const absl::Status filled = FillStatus(*snapshot, now, account_, viewer_, &status_);
          FillPrices(*snapshot, now, "", &status_);
          facts_.Fill(status_.mutable_daemon());
          if (!filled.ok()) {
            Finish(ToGrpc(filled));
          } else {
            StartWrite(&status_);
          }
        });
    if (!asked.ok()) Finish(ToGrpc(asked));
  }

  void OnWriteDone(bool ok) override {
    if (!ok || cancelled_) {
      Finish(grpc::Status::CANCELLED);
      return;
    }
    alarm_.Set(absl::ToChronoTime(absl::Now() + interval_), [this](bool) {
      if (cancelled_) {
        Finish(grpc::Status::CANCELLED);
      } else {
        Look();
      }
    });
    // A cancellation that came before the alarm was set found nothing to wake.
    if (cancelled_) alarm_.Cancel();
  }

  void OnCancel() override {
    cancelled_ = true;
    alarm_.Cancel();
  }

  void OnDone() override { delete this; }

 private:
  engine::Engine& engine_;
  const DaemonFacts& facts_;
  const core::Client viewer_;
  const std::string account_;
  const absl::Duration interval_;
  v1::Status status_;
  grpc::Alarm alarm_;
  std::atomic<bool> cancelled_{false};
};

// Reads a page, writes it, and again.
class LedgerStream final : public grpc::ServerWriteReactor<v1::LedgerPage> {
 public:
  LedgerStream(std::unique_ptr<ledger::Query> query, v1::GroupBy group_by,
               std::atomic<int>& running)
      : query_(std::move(query)), group_by_(group_by), running_(running) {}

  void Start() {
    if (group_by_ == v1::GROUP_BY_UNSPECIFIED) {
      WritePage();
    } else {
      WriteGroups();
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok || cancelled_) {
      Finish(grpc::Status::CANCELLED);
    } else if (group_by_ != v1::GROUP_BY_UNSPECIFIED) {
      Finish(grpc::Status::OK);
    } else {
      WritePage();
    }
  }

  void OnCancel() override { cancelled_ = true; }

  void OnDone() override {
    --running_;
    delete this;
  }

 private:
  void WritePage() {
    const auto rows = query_->NextPage();
    if (!rows.ok() || rows->empty()) {
      Finish(ToGrpc(rows.status()));
      return;
    }
    page_.Clear();
    for (const ledger::Row& row : *rows) FillRow(row, page_.add_rows());
    StartWrite(&page_);
  }

  void WriteGroups() {
    static constexpr std::pair<v1::GroupBy, ledger::Grouping> kGroupings[] = {
        {v1::GROUP_BY_SESSION, ledger::Grouping::kSession},
        {v1::GROUP_BY_MODEL, ledger::Grouping::kModel},
        {v1::GROUP_BY_HOUR, ledger::Grouping::kHour},
        {v1::GROUP_BY_OUTCOME, ledger::Grouping::kOutcome},
        {v1::GROUP_BY_PROJECT, ledger::Grouping::kProject}};
    for (const auto& [proto, grouping] : kGroupings) {
      if (proto != group_by_) continue;
      const auto groups =
          query_->GroupBy(grouping, absl::Now(), [this] { return cancelled_.load(); });
      if (!groups.ok()) {
        Finish(ToGrpc(groups.status()));
        return;
      }
      for (const ledger::Group& group : *groups) FillGroup(group, page_.add_groups());
      StartWrite(&page_);
      return;
    }
    Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "group_by is not known"));
  }

  const std::unique_ptr<ledger::Query> query_;
  const v1::GroupBy group_by_;
  std::atomic<int>& running_;
  v1::LedgerPage page_;
  std::atomic<bool> cancelled_{false};
};

absl::StatusOr<ledger::Filter> ToFilter(const v1::QueryLedgerRequest& request,
                                        const core::Client& viewer) {
  ledger::Filter filter;
  ZB_RETURN_IF_ERROR(CheckName("account", request.account()));
  ZB_RETURN_IF_ERROR(CheckName("session", request.session()));
  ZB_RETURN_IF_ERROR(CheckName("model", request.model()));
  filter.account = request.account();
  filter.session = request.session();
  filter.model = request.model();
  ZB_ASSIGN_OR_RETURN(filter.outcome, FromProto(request.outcome()));
  if (request.has_since()) {
    ZB_ASSIGN_OR_RETURN(filter.since, FromProto("since", request.since()));
  }
  if (!viewer.admin) filter.uid = viewer.holder.uid;
  filter.latest = request.limit();
  return filter;
}

}  // namespace

void DaemonFacts::SetConfig(v1::ConfigReport config) {
  MutexLock lock(mutex_);
  config_ = std::move(config);
  config_.set_in_force(true);
  config_error_.clear();
}

v1::ConfigReport DaemonFacts::config() const {
  MutexLock lock(mutex_);
  return config_;
}

void DaemonFacts::SetConfigError(std::string error) {
  MutexLock lock(mutex_);
  config_error_ = std::move(error);
}

void DaemonFacts::Fill(v1::DaemonStatus* out) const {
  out->set_version(ZBROKER_VERSION);
  out->set_pid(getpid());
  *out->mutable_started() = ToProto(fixed_.started);
  out->set_socket(fixed_.socket);
  out->set_state_dir(fixed_.state_dir);
  out->set_in_container(fixed_.in_container);
  MutexLock lock(mutex_);
  out->set_config_file(config_.config_file());
  out->set_config_error(config_error_);
}

grpc::ServerUnaryReactor* LedgerService::FromSnapshot(
    grpc::CallbackServerContext* context,
    std::function<absl::Status(const core::Snapshot&, const Now&, const core::Client&)> fill) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto viewer = peers_.Find(context->peer());
  absl::Status status = viewer.status();
  if (viewer.ok()) {
    status = engine_.RequestSnapshot(
        [reactor, viewer = *viewer, fill = std::move(fill)](
            std::shared_ptr<const core::Snapshot> snapshot, const Now& now) {
          reactor->Finish(ToGrpc(fill(*snapshot, now, viewer)));
        });
  }
  if (!status.ok()) reactor->Finish(ToGrpc(status));
  return reactor;
}

grpc::ServerUnaryReactor* LedgerService::GetStatus(grpc::CallbackServerContext* context,
                                                   const v1::GetStatusRequest* request,
                                                   v1::Status* reply) {
  return FromSnapshot(
      context, [this, account = request->account(), model = request->model(), reply](
                   const core::Snapshot& snapshot, const Now& now, const core::Client& viewer) {
        ZB_RETURN_IF_ERROR(CheckName("model", model));
        facts_.Fill(reply->mutable_daemon());
        ZB_RETURN_IF_ERROR(FillStatus(snapshot, now, account, viewer, reply));
        FillPrices(snapshot, now, model, reply);
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<v1::Status>* LedgerService::WatchStatus(
    grpc::CallbackServerContext* context, const v1::WatchStatusRequest* request) {
  absl::Duration interval = absl::Seconds(1);
  if (request->has_interval()) {
    const auto asked = FromProto("interval", request->interval());
    if (!asked.ok()) return new FailedStream<v1::Status>(asked.status());
    interval = *asked;
  }
  if (interval < absl::Milliseconds(100) || interval > absl::Hours(1)) {
    return new FailedStream<v1::Status>(
        absl::InvalidArgumentError("interval is not from 100 ms to 1 h"));
  }
  auto viewer = peers_.Find(context->peer());
  if (!viewer.ok()) return new FailedStream<v1::Status>(viewer.status());
  auto* watch = new StatusWatch(engine_, facts_, *std::move(viewer), request->account(), interval);
  watch->Look();
  return watch;
}

grpc::ServerUnaryReactor* LedgerService::ListLeases(grpc::CallbackServerContext* context,
                                                    const v1::ListLeasesRequest* request,
                                                    v1::LeaseList* reply) {
  return FromSnapshot(
      context, [account = request->account(), reply](const core::Snapshot& snapshot, const Now& now,
                                                     const core::Client& viewer) {
        return FillLeases(snapshot, now, account, viewer, reply);
      });
}

grpc::ServerUnaryReactor* LedgerService::ListWaiters(grpc::CallbackServerContext* context,
                                                     const v1::ListWaitersRequest* request,
                                                     v1::WaiterList* reply) {
  return FromSnapshot(
      context, [account = request->account(), reply](const core::Snapshot& snapshot, const Now& now,
                                                     const core::Client& viewer) {
        return FillWaiters(snapshot, now, account, viewer, reply);
      });
}

grpc::ServerWriteReactor<v1::LedgerPage>* LedgerService::QueryLedger(
    grpc::CallbackServerContext* context, const v1::QueryLedgerRequest* request) {
  using Failed = FailedStream<v1::LedgerPage>;
  const auto viewer = peers_.Find(context->peer());
  if (!viewer.ok()) return new Failed(viewer.status());
  auto filter = ToFilter(*request, *viewer);
  if (!filter.ok()) return new Failed(filter.status());
  if (++queries_ > kQueriesMax) {
    --queries_;
    return new Failed(absl::ResourceExhaustedError(
        absl::StrCat(kQueriesMax, " ledger queries are running, the most at once; try again")));
  }
  auto query = ledger::Query::Open(ledger_path_, *std::move(filter));
  if (!query.ok()) {
    --queries_;
    return new Failed(query.status());
  }
  auto* stream = new LedgerStream(*std::move(query), request->group_by(), queries_);
  stream->Start();
  return stream;
}

}  // namespace zbroker::rpc
