// A Session stream, as lean as a client can be: the one that measures the broker and the one that
// measures bare gRPC are the same.
#ifndef ZBROKER_TESTS_BENCH_STREAM_H_
#define ZBROKER_TESTS_BENCH_STREAM_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/mutex.h"
#include "client/broker/session.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::bench {

// How long any one answer may take before a measurement is given up.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

class Stream {
 public:
  // On gRPC's threads, one at a time and in order; it may call Send.
  using ReplyFunction = std::function<void(const v1::SessionReply&)>;

  // Makes a connection of its own and waits for the Welcome. Errors: nobody listens at `socket`, or
  // who does is no broker.
  static absl::StatusOr<std::unique_ptr<Stream>> Open(const std::string& socket,
                                                      ReplyFunction on_reply);
  // Ends the stream; no reply is reported after this.
  ~Stream();

  // Thread-safe.
  void Send(v1::SessionRequest request) { session_->Send(std::move(request)); }

 private:
  Stream() = default;

  std::shared_ptr<broker::Session> session_;

  Mutex mutex_;
  CondVar changed_;
  bool welcome_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
};

// Tickets that nobody else uses, as long as those of the client library.
class TicketSource {
 public:
  TicketSource();
  std::string Next();

 private:
  uint64_t prefix_;
  uint64_t count_ = 0;
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_STREAM_H_
