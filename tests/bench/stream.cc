#include "tests/bench/stream.h"

#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/broker/connect.h"

namespace zbroker::bench {

absl::StatusOr<std::unique_ptr<Stream>> Stream::Open(const std::string& socket,
                                                     ReplyFunction on_reply) {
  ZB_ASSIGN_OR_RETURN(
      auto channel,
      broker::Connect({.socket_path = socket, .start_daemon = false, .timeout = kPatience},
                      [] { return false; }));
  auto stream = std::unique_ptr<Stream>(new Stream);
  stream->session_ = broker::Session::Start(
      std::move(channel),
      {.on_reply =
           [raw = stream.get(), on_reply = std::move(on_reply)](const v1::SessionReply& reply) {
             if (!reply.has_welcome()) return on_reply(reply);
             MutexLock lock(raw->mutex_);
             raw->welcome_ = true;
             raw->changed_.SignalAll();
           },
       .on_end =
           [raw = stream.get()](const absl::Status& status) {
             MutexLock lock(raw->mutex_);
             raw->ended_ = true;
             raw->end_ = status;
             raw->changed_.SignalAll();
           }});
  v1::SessionRequest hello;
  hello.mutable_hello()->set_client_name("bench");
  stream->Send(std::move(hello));
  MutexLock lock(stream->mutex_);
  while (!stream->welcome_ && !stream->ended_) {
    if (!stream->changed_.WaitFor(stream->mutex_, kPatience)) {
      return absl::DeadlineExceededError(absl::StrCat("no welcome from ", socket));
    }
  }
  if (stream->ended_) return Annotate(stream->end_, socket);
  return stream;
}

Stream::~Stream() {
  session_->Cancel();
  {
    MutexLock lock(mutex_);
    while (!ended_) changed_.Wait(mutex_);
  }
  // The session lets go of itself right after on_end. If that were the last reference, the channel
  // would end on a thread of gRPC's, which aborts when it is the last one of the process.
  while (session_.use_count() > 1) std::this_thread::yield();
}

TicketSource::TicketSource() {
  std::random_device random;
  prefix_ = uint64_t{random()} << 32 | random();
}

std::string TicketSource::Next() {
  return absl::StrCat(absl::Hex(prefix_, absl::kZeroPad16), absl::Hex(++count_, absl::kZeroPad16));
}

}  // namespace zbroker::bench
