#include "shims/gateway/responder.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_cat.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::gateway {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

std::string ReasonFor(const Head& head) {
  if (!head.reason.empty()) return head.reason;
  const http::status known = http::int_to_status(static_cast<unsigned>(head.status));
  // Statuses of the provider's own, such as 529, have none.
  return known == http::status::unknown ? "" : std::string(http::obsolete_reason(known));
}

}  // namespace

awaitable<bool> Responder::WriteAll(const auto& buffers) {
  const std::string head = std::exchange(head_, {});
  const auto all = beast::buffers_cat(asio::const_buffer(head.data(), head.size()), buffers);
  stream_.expires_after(kStallMax);
  const auto [error, bytes] = co_await asio::async_write(stream_, all, kAwait);
  stream_.expires_never();
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
  head_ = std::move(text);
}

awaitable<bool> Responder::Write(absl::string_view bytes) {
  const bool nothing = bytes.empty() || framing_ == Framing::kNone;
  if (nothing && head_.empty()) co_return true;
  const asio::const_buffer buffer(bytes.data(), nothing ? 0 : bytes.size());
  if (nothing || framing_ != Framing::kChunks) co_return co_await WriteAll(buffer);
  const http::chunk_body<asio::const_buffer> chunk(buffer);
  co_return co_await WriteAll(chunk);
}

void Responder::SendLast(absl::string_view bytes) {
  last_ = true;
  rest_ = std::exchange(head_, {});
  if (framing_ == Framing::kChunks) {
    if (!bytes.empty()) absl::StrAppend(&rest_, absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
    rest_ += "0\r\n\r\n";
  } else if (framing_ != Framing::kNone) {
    absl::StrAppend(&rest_, bytes);
  }
  // Whatever goes wrong here goes wrong again in End().
  const ssize_t sent = send(stream_.socket().native_handle(), rest_.data(), rest_.size(),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) rest_.erase(0, static_cast<size_t>(sent));
}

awaitable<bool> Responder::End() {
  bool fine = true;
  if (last_) {
    const asio::const_buffer rest(rest_.data(), rest_.size());
    if (!rest_.empty()) fine = co_await WriteAll(rest);
  } else if (framing_ == Framing::kChunks) {
    fine = co_await WriteAll(http::chunk_last<>());
  } else {
    fine = co_await Write("");
  }
  ended_ = fine;
  co_return fine;
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
