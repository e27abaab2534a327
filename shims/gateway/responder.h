// The answer to one request, as HTTP/1.1 on the client's connection.
#ifndef ZBROKER_SHIMS_GATEWAY_RESPONDER_H_
#define ZBROKER_SHIMS_GATEWAY_RESPONDER_H_

#include <boost/beast/core/tcp_stream.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "shims/gateway/asio.h"
#include "shims/gateway/headers.h"

namespace zbroker::gateway {

// The status line and fields of an answer.
struct Head {
  int status = 200;
  std::string reason;  // empty: the usual one
  Headers headers;     // without Content-Length, Connection and Transfer-Encoding
};

// Every write returns false when the client is gone, or has taken nothing for kStallMax: the
// connection is then of no more use. Not thread-safe.
class Responder {
 public:
  static constexpr std::chrono::minutes kStallMax{10};

  struct Request {
    bool head_only = false;   // HEAD: the answer has no body
    bool http_1_0 = false;    // knows no chunks
    bool keep_alive = false;  // wants another request on the connection
  };

  Responder(boost::beast::tcp_stream& stream, Request request)
      : stream_(stream), request_(request), keep_alive_(request.keep_alive) {}

  // Takes the head, which goes out with what is written next. With `length` exactly so many bytes
  // of body must follow.
  void Begin(const Head& head, std::optional<uint64_t> length);
  // Sends a piece of the body; an empty one sends the head, if that waits.
  awaitable<bool> Write(absl::string_view bytes);
  // The last piece of the body and its end: sends as much as the kernel takes at once. End() sends
  // the rest, and says how it went.
  void SendLast(absl::string_view bytes);
  // Ends the body.
  awaitable<bool> End();
  // Resets the connection if the answer was begun and not ended, so that nobody takes a part for
  // the whole: without a length or chunks, an orderly end of the connection is the end.
  void CutUnlessEnded();
  // Begin, Write and End.
  awaitable<bool> Send(const Head& head, absl::string_view body);

  // Whether Begin was called: the answer's status can't be changed any more.
  bool begun() const { return begun_; }
  // Whether the whole answer was sent and the connection may take another request.
  bool reusable() const { return ended_ && keep_alive_; }

 private:
  // How the end of the body is told.
  enum class Framing { kNone, kLength, kChunks, kClose };

  // A piece of the body, framed, and the body's end, behind what is not yet sent.
  void Add(absl::string_view bytes);
  void AddEnd();
  // As much as the kernel takes at once.
  void SendAtOnce();
  // All of it.
  awaitable<bool> Flush();

  boost::beast::tcp_stream& stream_;
  const Request request_;
  Framing framing_ = Framing::kNone;
  std::string unsent_;
  bool keep_alive_;
  bool begun_ = false;
  bool last_ = false;  // the end of the body was added
  bool ended_ = false;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_RESPONDER_H_
