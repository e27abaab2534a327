#include "tests/testing/http_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace zbroker::testing {
namespace {

bool Await(int fd, short what) {
  pollfd wanted{fd, what, 0};
  const auto patience = absl::ToInt64Milliseconds(HttpConnection::kPatience);
  return poll(&wanted, 1, static_cast<int>(patience)) == 1;
}

}  // namespace

std::string HttpAnswer::Field(absl::string_view name) const {
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const size_t colon = line.find(':');
    if (colon == line.npos || !absl::EqualsIgnoreCase(line.substr(0, colon), name)) continue;
    return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return "";
}

HttpConnection::HttpConnection(uint16_t port, int receive_bytes)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_bytes > 0) {
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
      << "port " << port << ", errno " << errno;
}

size_t HttpConnection::SendSome(absl::string_view bytes) const {
  const ssize_t size = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return size < 0 ? 0 : static_cast<size_t>(size);
}

bool HttpConnection::Send(absl::string_view bytes) const {
  while (!bytes.empty()) {
    if (!Await(socket_.get(), POLLOUT)) return false;
    const size_t size = SendSome(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

bool HttpConnection::Receive() {
  if (ended_ || !Await(socket_.get(), POLLIN)) return false;
  std::array<char, 64 * 1024> piece;
  const ssize_t size = recv(socket_.get(), piece.data(), piece.size(), 0);
  reset_ = size < 0;
  ended_ = size <= 0;
  if (size > 0) buffer_.append(piece.data(), static_cast<size_t>(size));
  return size > 0;
}

std::optional<std::string> HttpConnection::TakeLine() {
  size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Receive()) return std::nullopt;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

bool HttpConnection::ReadLength(uint64_t length, std::string& body) {
  while (length > 0) {
    if (buffer_.empty() && !Receive()) return false;
    const size_t size = std::min<uint64_t>(length, buffer_.size());
    body.append(buffer_, 0, size);
    buffer_.erase(0, size);
    length -= size;
  }
  return true;
}

bool HttpConnection::ReadChunks(std::string& body) {
  for (;;) {
    const std::optional<std::string> line = TakeLine();
    if (!line.has_value()) return false;
    const uint64_t length = strtoull(line->c_str(), nullptr, 16);
    if (!ReadLength(length, body)) return false;
    const std::optional<std::string> end = TakeLine();
    if (!end.has_value() || !end->empty()) return false;
    if (length == 0) return true;
  }
}

HttpAnswer HttpConnection::Read(bool head_only) {
  HttpAnswer answer;
  for (;;) {
    const std::optional<std::string> line = TakeLine();
    if (!line.has_value()) return answer;
    answer.head += *line + "\r\n";
    if (line->empty()) break;
  }
  answer.status = atoi(answer.head.substr(std::min<size_t>(answer.head.size(), 9)).c_str());
  uint64_t length = 0;
  if (head_only || answer.status < 200 || answer.status == 204 || answer.status == 304) {
    answer.complete = true;
  } else if (absl::EqualsIgnoreCase(answer.Field("transfer-encoding"), "chunked")) {
    answer.complete = ReadChunks(answer.body);
  } else if (absl::SimpleAtoi(answer.Field("content-length"), &length)) {
    answer.complete = ReadLength(length, answer.body);
  } else {
    while (Receive()) {
    }
    answer.body = std::move(buffer_);
    buffer_.clear();
    answer.complete = ended_ && !reset_;
  }
  return answer;
}

std::string HttpConnection::ReadUntil(absl::string_view text) {
  while (!absl::StrContains(buffer_, text) && Receive()) {
  }
  return buffer_;
}

bool HttpConnection::ReadEnd() { return buffer_.empty() && !Receive() && ended_ && !reset_; }

void HttpConnection::HalfClose() const { shutdown(socket_.get(), SHUT_WR); }

void HttpConnection::Reset() {
  const linger at_once{1, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.Reset();
}

}  // namespace zbroker::testing
