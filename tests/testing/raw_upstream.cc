#include "tests/testing/raw_upstream.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace zbroker::testing {
namespace {

bool Receive(int socket, std::string& buffer) {
  std::array<char, 64 * 1024> piece;
  const ssize_t size = recv(socket, piece.data(), piece.size(), 0);
  if (size <= 0) return false;
  buffer.append(piece.data(), static_cast<size_t>(size));
  return true;
}

size_t AnnouncedLength(absl::string_view head) {
  const std::string fields = absl::AsciiStrToLower(head);
  const std::string name = "\r\ncontent-length:";
  const size_t at = fields.find(name);
  if (at == std::string::npos) return 0;
  const absl::string_view rest = absl::string_view(fields).substr(at + name.size());
  size_t length = 0;
  EXPECT_TRUE(absl::SimpleAtoi(rest.substr(0, rest.find('\r')), &length)) << head;
  return length;
}

}  // namespace

bool RawUpstream::Peer::Send(absl::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t size = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

void RawUpstream::Peer::AwaitEnd() const {
  std::string ignored;
  while (Receive(socket_, ignored)) {
  }
}

void RawUpstream::Peer::Reset() const {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

RawUpstream::RawUpstream(Serve serve)
    : serve_(std::move(serve)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener_.get(), any, size), 0) << "errno " << errno;
  EXPECT_EQ(listen(listener_.get(), 1024), 0) << "errno " << errno;
  getsockname(listener_.get(), any, &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

RawUpstream::~RawUpstream() {
  shutdown(listener_.get(), SHUT_RDWR);  // ends the accept
  accepting_.join();
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

RawUpstream::Serve RawUpstream::Always(std::string answer) {
  return [answer = std::move(answer)](const Request&, const Peer& peer) {
    peer.Send(answer);
    return false;
  };
}

std::string RawUpstream::url() const { return absl::StrCat("http://127.0.0.1:", port_); }

std::vector<RawUpstream::Request> RawUpstream::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

int RawUpstream::serving() const {
  MutexLock lock(mutex_);
  return serving_;
}

int RawUpstream::connections() const {
  MutexLock lock(mutex_);
  return connections_;
}

void RawUpstream::Accept() {
  for (;;) {
    const int socket = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    {
      MutexLock lock(mutex_);
      sockets_.insert(socket);
      ++connections_;
    }
    threads_.emplace_back([this, socket] { ServeConnection(socket); });
  }
}

void RawUpstream::ServeConnection(int socket) {
  std::string buffer;
  while (ServeOne(socket, buffer)) {
  }
  MutexLock lock(mutex_);
  sockets_.erase(socket);
  close(socket);
}

bool RawUpstream::ServeOne(int socket, std::string& buffer) {
  Request request;
  size_t end;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!Receive(socket, buffer)) return false;
  }
  request.head = buffer.substr(0, end + 4);
  const size_t length = AnnouncedLength(request.head);
  buffer.erase(0, request.head.size());
  while (buffer.size() < length) {
    if (!Receive(socket, buffer)) return false;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  {
    MutexLock lock(mutex_);
    if (stopped_) return false;
    request.number = static_cast<int>(requests_.size()) + 1;
    requests_.push_back(request);
    ++serving_;
  }
  const bool more = serve_(request, Peer(socket));
  MutexLock lock(mutex_);
  --serving_;
  return more && !stopped_;
}

}  // namespace zbroker::testing
