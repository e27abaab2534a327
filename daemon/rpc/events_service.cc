#include "daemon/rpc/events_service.h"

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/mutex.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/core/happening.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {
namespace {

constexpr int kKindsNamedMax = 64;

// Reads a page, writes it, and again; then, if it follows, waits until there is more. One step is
// under way at a time: the wake-ups and the cancellation, which come from the side, only leave word
// for it, or begin one where there is none.
class EventStream final : public grpc::ServerWriteReactor<v1::EventPage>,
                          public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(std::unique_ptr<ledger::EventReader> reader, bool follow, std::atomic<int>& running)
      : reader_(std::move(reader)), follow_(follow), running_(running) {}

  void Start(engine::EventHub& hub) {
    self_ = shared_from_this();
    wake_ = std::make_shared<engine::EventHub::Wake>([weak = weak_from_this()] {
      if (const auto stream = weak.lock()) stream->Wake();
    });
    // Before the first look, so that nothing falls in between.
    if (follow_) hub.Subscribe(wake_);
    Wake();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(absl::CancelledError("the stream is broken"));
    Step();
  }

  void OnCancel() override {
    {
      MutexLock lock(mutex_);
      cancelled_ = true;
    }
    Wake();
  }

  void OnDone() override {
    --running_;
    // A wake-up that is under way holds on to it until it has seen that all is over.
    const std::shared_ptr<EventStream> last = std::move(self_);
  }

 private:
  void Wake() {
    {
      MutexLock lock(mutex_);
      due_ = true;
      if (busy_ || ended_) return;
      busy_ = true;
    }
    Step();
  }

  // REQUIRES: busy_.
  void Step() {
    for (;;) {
      {
        MutexLock lock(mutex_);
        if (cancelled_) break;
        due_ = false;
      }
      const auto rows = reader_->NextPage();
      if (!rows.ok()) return End(rows.status());
      if (!rows->empty()) {
        page_.Clear();
        for (const ledger::EventRow& row : *rows) FillEvent(row, page_.add_events());
        StartWrite(&page_);
        return;
      }
      if (!follow_) return End(absl::OkStatus());
      MutexLock lock(mutex_);
      if (due_ || cancelled_) continue;
      busy_ = false;
      return;
    }
    End(absl::CancelledError("the call was cancelled"));
  }

  void End(const absl::Status& status) {
    {
      MutexLock lock(mutex_);
      ended_ = true;
    }
    Finish(ToRpcStatus<grpc::Status>(status));
  }

  const std::unique_ptr<ledger::EventReader> reader_;
  const bool follow_;
  std::atomic<int>& running_;
  v1::EventPage page_;
  std::shared_ptr<EventStream> self_;  // until gRPC is done with it
  std::shared_ptr<engine::EventHub::Wake> wake_;
  Mutex mutex_;
  bool due_ ABSL_GUARDED_BY(mutex_) = false;   // there may be more than the last look found
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;  // a step is under way
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

absl::StatusOr<ledger::EventFilter> ToFilter(const v1::WatchEventsRequest& request) {
  ledger::EventFilter filter{
      .account = request.account(), .after = request.after(), .latest = request.latest()};
  ZB_RETURN_IF_ERROR(CheckName("account", request.account()));
  if (request.kinds_size() > kKindsNamedMax) {
    return absl::InvalidArgumentError("too many kinds are named");
  }
  for (const std::string& name : request.kinds()) {
    const auto kind = core::ParseHappeningKind(name);
    if (!kind) return absl::InvalidArgumentError(absl::StrCat("no event is of kind ", name));
    filter.kinds.push_back(*kind);
  }
  if (request.has_since()) {
    ZB_ASSIGN_OR_RETURN(filter.since, FromProto("since", request.since()));
  }
  return filter;
}

}  // namespace

void FillEvent(const ledger::EventRow& row, v1::Event* out) {
  out->set_id(row.id);
  *out->mutable_at() = ToProto(row.at);
  out->set_kind(std::string(core::Name(row.kind)));
  out->set_account(row.account);
  out->set_subject(row.subject);
  out->set_detail(row.detail);
  if (row.until) *out->mutable_until() = ToProto(*row.until);
  out->set_upstream_code(row.upstream_code);
  out->set_lease_id(row.lease);
}

std::string EventJson(const ledger::EventRow& row) {
  v1::Event event;
  FillEvent(row, &event);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  // An event has nothing that can't be printed.
  if (!google::protobuf::util::MessageToJsonString(event, &json, options).ok()) json = "{}";
  return json;
}

grpc::ServerWriteReactor<v1::EventPage>* EventsService::Watch(
    grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) {
  class Refused final : public grpc::ServerWriteReactor<v1::EventPage> {
   public:
    explicit Refused(const absl::Status& status) { Finish(ToRpcStatus<grpc::Status>(status)); }
    void OnDone() override { delete this; }
  };
  if (const auto viewer = peers_.Find(context->peer()); !viewer.ok()) {
    return new Refused(viewer.status());
  }
  auto filter = ToFilter(*request);
  if (!filter.ok()) return new Refused(filter.status());
  if (++watches_ > kWatchesMax) {
    --watches_;
    return new Refused(absl::ResourceExhaustedError(
        absl::StrCat(kWatchesMax, " watch the events, the most at once")));
  }
  auto reader = ledger::EventReader::Open(ledger_path_, *std::move(filter));
  if (!reader.ok()) {
    --watches_;
    return new Refused(reader.status());
  }
  const auto stream =
      std::make_shared<EventStream>(*std::move(reader), request->follow(), watches_);
  stream->Start(engine_.events());
  return stream.get();
}

grpc::ServerUnaryReactor* EventsService::ListHooks(grpc::CallbackServerContext* context,
                                                   const v1::ListHooksRequest*,
                                                   v1::HookList* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto viewer = peers_.Find(context->peer());
  absl::Status status = viewer.status();
  // A command or a URL may hold what is nobody else's business.
  if (status.ok() && !viewer->admin) {
    status = absl::PermissionDeniedError("hooks are for the daemon's own user to see");
  }
  if (status.ok()) *reply = hooks_();
  reactor->Finish(ToRpcStatus<grpc::Status>(status));
  return reactor;
}

}  // namespace zbroker::rpc
