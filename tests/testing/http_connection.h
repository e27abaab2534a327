// A client of HTTP/1.1 that sends what the test says and shows what came, right or wrong.
#ifndef ZBROKER_TESTS_TESTING_HTTP_CONNECTION_H_
#define ZBROKER_TESTS_TESTING_HTTP_CONNECTION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/fd.h"

namespace zbroker::testing {

struct HttpAnswer {
  int status = 0;    // 0: no head came
  std::string head;  // as it came, with its empty line
  std::string body;  // without chunks' sizes
  // The body has come to the end that its framing tells. Without a length and chunks, the end of
  // the connection is the end.
  bool complete = false;

  // The value of the first field of that name, whatever its case; empty when there is none.
  std::string Field(absl::string_view name) const;
};

// One connection to 127.0.0.1. Nothing takes longer than kPatience: what has not come by then does
// not come. Move-only; not thread-safe.
class HttpConnection {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(30);

  // `receive_bytes`: of the kernel's buffer for what the test does not read; 0: the usual.
  explicit HttpConnection(uint16_t port, int receive_bytes = 0);

  // False when the peer has closed, or takes nothing.
  bool Send(absl::string_view bytes) const;
  // As much as can be sent without waiting for the peer.
  size_t SendSome(absl::string_view bytes) const;

  // The next answer; an interim one (1xx) counts as one. `head_only`: it is to a HEAD.
  HttpAnswer Read(bool head_only = false);
  // What has come and was not read, as soon as `text` is in it; or as it is when it does not come.
  std::string ReadUntil(absl::string_view text);
  // Waits for the end: true when the peer closed, false when more bytes came or it was reset.
  bool ReadEnd();

  void HalfClose() const;
  void Close() { socket_.Reset(); }
  // Closes with a TCP reset.
  void Reset();

 private:
  // False at the end of the connection, at its reset, or when the time is over.
  bool Receive();
  // Takes a line without its end.
  std::optional<std::string> TakeLine();
  bool ReadChunks(std::string& body);
  bool ReadLength(uint64_t length, std::string& body);

  Fd socket_;
  std::string buffer_;
  bool ended_ = false;
  bool reset_ = false;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_HTTP_CONNECTION_H_
