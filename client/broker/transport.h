// How a client reaches a daemon: the seam between what it says and the wire. Internal to this
// folder.
#ifndef ZBROKER_CLIENT_BROKER_TRANSPORT_H_
#define ZBROKER_CLIENT_BROKER_TRANSPORT_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::broker {

// One Session stream. Thread-safe.
class Stream {
 public:
  struct Callbacks {
    // One at a time and in order, on threads of the stream.
    std::function<void(const v1::SessionReply&)> on_reply;
    // Last, once, also when the stream never came about.
    std::function<void(const absl::Status&)> on_end;
  };

  // Ends the stream, if it has not ended, and returns after on_end. REQUIRES: not in a callback.
  virtual ~Stream() = default;
  // Requests are written in order; those sent after the end are dropped.
  virtual void Send(v1::SessionRequest request) = 0;
  // Ends the stream from our side; on_end follows.
  virtual void Cancel() = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Blocks until there is a stream, and asks `cancelled` in between. The callbacks may come before
  // it returns. Errors: those of Connect().
  virtual absl::StatusOr<std::unique_ptr<Stream>> Open(Stream::Callbacks callbacks,
                                                       const std::function<bool()>& cancelled) = 0;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_TRANSPORT_H_
