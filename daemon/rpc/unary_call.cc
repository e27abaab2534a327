#include "daemon/rpc/unary_call.h"

#include <deque>
#include <utility>
#include <variant>

#include "client/base/mutex.h"
#include "client/base/status.h"

namespace zbroker::rpc {
namespace {

class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(engine::Engine& engine, AnswerFunction answer)
      : engine_(engine), sink_(std::make_shared<Sink>(this, std::move(answer))) {}

  void Start(absl::StatusOr<core::Client> client, const CommandFunction& command) {
    absl::Status status = client.status();
    if (client.ok()) {
      client->stream = stream_ = engine_.OpenStream(sink_);
      auto made = command(*client);
      status = made.ok() ? engine_.Post(*std::move(made)) : made.status();
    }
    if (!status.ok()) sink_->End(status);
  }

  void OnCancel() override { sink_->End(absl::CancelledError("the call was cancelled")); }

  void OnDone() override {
    if (stream_ != 0) engine_.CloseStream(stream_);
    delete this;
  }

 private:
  // The engine may deliver to it for a moment after the call has ended.
  class Sink final : public engine::EventSink {
   public:
    Sink(UnaryCall* call, AnswerFunction answer) : answer_(std::move(answer)), call_(call) {}

    void Keep(core::Event event) override {
      MutexLock lock(kept_mutex_);
      kept_.push_back(std::move(event));
    }

    void Flush() override {
      MutexLock lock(mutex_);
      // Once the call has ended, its reply is gone, and `answer_` must not touch it.
      while (call_ != nullptr) {
        const std::optional<core::Event> event = TakeKept();
        if (!event) return;
        if (std::holds_alternative<core::GoingDown>(*event)) {
          EndLocked(absl::UnavailableError("the daemon is going down"));
        } else if (const auto status = answer_(*event)) {
          EndLocked(*status);
        }
      }
    }

    void End(const absl::Status& status) {
      MutexLock lock(mutex_);
      EndLocked(status);
    }

   private:
    void EndLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      if (UnaryCall* call = std::exchange(call_, nullptr)) {
        call->Finish(ToRpcStatus<grpc::Status>(status));
      }
    }

    std::optional<core::Event> TakeKept() {
      MutexLock lock(kept_mutex_);
      if (kept_.empty()) return std::nullopt;
      core::Event event = std::move(kept_.front());
      kept_.pop_front();
      return event;
    }

    const AnswerFunction answer_;
    Mutex mutex_;  // before kept_mutex_
    Mutex kept_mutex_;
    std::deque<core::Event> kept_ ABSL_GUARDED_BY(kept_mutex_);
    UnaryCall* call_ ABSL_GUARDED_BY(mutex_);  // null once it has ended
  };

  engine::Engine& engine_;
  const std::shared_ptr<Sink> sink_;
  core::StreamId stream_ = 0;
};

}  // namespace

grpc::ServerUnaryReactor* StartUnaryCall(engine::Engine& engine,
                                         absl::StatusOr<core::Client> client,
                                         const CommandFunction& command, AnswerFunction answer) {
  auto* call = new UnaryCall(engine, std::move(answer));
  call->Start(std::move(client), command);
  return call;
}

}  // namespace zbroker::rpc
