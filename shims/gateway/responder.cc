#include "shims/gateway/responder.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::gateway {
namespace {

namespace http = boost::beast::http;

bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

std::string ReasonFor(const Head& head) {
  if (!head.reason.empty()) return head.reason;
  const http::status known = http::int_to_status(static_cast<unsigned>(head.status));
  // Statuses of the provider's own, such as 529, have none.
  return known == http::status::unknown ? "" : std::string(http::obsolete_reason(known));
}

}  // namespace

void Responder::Add(absl::string_view bytes) {
  if (framing_ == Framing::kNone || bytes.empty()) return;
  if (framing_ == Framing::kChunks) {
    absl::StrAppend(&unsent_, absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
  } else {
    absl::StrAppend(&unsent_, bytes);
  }
}

// Most pieces fit: a wait costs the loop a round, and the event of a stream its time. Whatever goes
// wrong here goes wrong again in Flush().
void Responder::SendAtOnce() {
  const ssize_t sent = send(stream_.socket().native_handle(), unsent_.data(), unsent_.size(),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) unsent_.erase(0, static_cast<size_t>(sent));
}

awaitable<bool> Responder::Flush() {
  if (!unsent_.empty()) SendAtOnce();
  if (unsent_.empty()) co_return true;
  stream_.expires_after(kStallMax);
  const auto [error, bytes] = co_await asio::async_write(stream_, asio::buffer(unsent_), kAwait);
  stream_.expires_never();
  unsent_.clear();
  if (error) keep_alive_ = false;
  co_return !error;
}

void Responder::Begin(const Head& head, std::optional<uint64_t> length) {
  begun_ = true;
  std::string text = absl::StrCat("HTTP/1.1 ", head.status, " ", ReasonFor(head), "\r\n");
  for (const Header& header : head.headers) {
    absl::StrAppend(&text, header.name, ": ", header.value, "\r\n");
  }
  if (HasNoBody(head.status)) {
    framing_ = Framing::kNone;
  } else if (length.has_value()) {
    absl::StrAppend(&text, "Content-Length: ", *length, "\r\n");
    framing_ = request_.head_only ? Framing::kNone : Framing::kLength;
  } else if (request_.head_only) {
    framing_ = Framing::kNone;
  } else if (request_.http_1_0) {
    framing_ = Framing::kClose;
    keep_alive_ = false;
  } else {
    absl::StrAppend(&text, "Transfer-Encoding: chunked\r\n");
    framing_ = Framing::kChunks;
  }
  absl::StrAppend(&text, "Connection: ", keep_alive_ ? "keep-alive" : "close", "\r\n\r\n");
  unsent_ = std::move(text);
}

awaitable<bool> Responder::Write(absl::string_view bytes) {
  Add(bytes);
  co_return co_await Flush();
}

void Responder::SendLast(absl::string_view bytes) {
  Add(bytes);
  AddEnd();
  SendAtOnce();
}

void Responder::AddEnd() {
  if (framing_ == Framing::kChunks && !last_) unsent_ += "0\r\n\r\n";
  last_ = true;
}

awaitable<bool> Responder::End() {
  AddEnd();
  ended_ = co_await Flush();
  co_return ended_;
}

void Responder::CutUnlessEnded() {
  if (!begun_ || ended_) return;
  error_code ignored;
  stream_.socket().set_option(tcp::socket::linger(true, 0), ignored);
  stream_.close();
}

awaitable<bool> Responder::Send(const Head& head, absl::string_view body) {
  Begin(head, body.size());
  bool fine = co_await Write(body);
  if (fine) fine = co_await End();
  co_return fine;
}

}  // namespace zbroker::gateway
