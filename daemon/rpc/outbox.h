// The replies of one Session stream, in order.
#ifndef ZBROKER_DAEMON_RPC_OUTBOX_H_
#define ZBROKER_DAEMON_RPC_OUTBOX_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <deque>

#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "daemon/engine/engine.h"
#include "daemon/rpc/ended_leases.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::rpc {

// Keeps events and makes each a message when it is about to be written, one at a time: whoever
// flushes writes the first, and the end of a write begins the next. Outlives its stream for as long
// as the engine holds it. Thread-safe.
class Outbox final : public engine::EventSink {
 public:
  using Reactor = grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionReply>;

  // Events that wait for a client that does not read; beyond it the stream is cut.
  static constexpr size_t kEventsMax = 16'384;

  // The rest must outlive the stream.
  Outbox(Reactor* reactor, grpc::CallbackServerContext* context, const EndedLeases& ended,
         const Clock& clock)
      : clock_(clock), ended_(ended), context_(context), reactor_(reactor) {}

  // Whom the replies are for. Call before the engine knows the sink.
  void SetClient(const core::Client& client) { client_ = client; }

  void Keep(core::Event event) override;
  void Flush() override;
  void Put(core::Event event) {
    Keep(std::move(event));
    Flush();
  }

  // To be called from OnWriteDone.
  void Written(bool ok);
  // No write is started after this.
  void Detach();

 private:
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  void CutOff() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  bool Overflowed();

  const Clock& clock_;
  const EndedLeases& ended_;
  grpc::CallbackServerContext* const context_;
  core::Client client_;

  Mutex write_mutex_;  // held while a message is made and its write started; before events_mutex_
  Reactor* reactor_ ABSL_GUARDED_BY(write_mutex_);  // null when no write may be started any more
  v1::SessionReply reply_ ABSL_GUARDED_BY(write_mutex_);
  bool writing_ ABSL_GUARDED_BY(write_mutex_) = false;

  Mutex events_mutex_;  // never held for long: the engine's turn waits for it
  std::deque<core::Event> events_ ABSL_GUARDED_BY(events_mutex_);
  bool overflowed_ ABSL_GUARDED_BY(events_mutex_) = false;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_OUTBOX_H_
