#include "shims/gateway/curl_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "client/base/sparse_log.h"

namespace zbroker::gateway {
namespace {

constexpr long kIdleConnectionsMax = 64;

void Check(CURLMcode code) {
  if (code != CURLM_OK) LogErrorSparsely("libcurl: ", curl_multi_strerror(code));
}

void SetOption(int socket, int level, int name, int value) {
  // One that this kernel does not know is done without.
  setsockopt(socket, level, name, &value, sizeof value);
}

// The other end may vanish without a word: its machine dies, or a router between forgets us.
void NoticeSilence(int socket) {
  constexpr int kSeconds = CurlLoop::kUnacknowledged.count();
  SetOption(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kSeconds * 1000);
  SetOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, kSeconds / 2);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, kSeconds / 6);
}

}  // namespace

CurlLoop::CurlLoop(asio::io_context& io)
    : io_(io), timer_(io), multi_(curl_multi_init()), farewells_(io) {
  Check(curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::OnSocket));
  Check(curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this));
  Check(curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::OnTimer));
  Check(curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this));
  Check(curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kIdleConnectionsMax));
}

CurlLoop::~CurlLoop() {
  for (CURL* easy : handles_) curl_easy_cleanup(easy);
  Check(curl_multi_cleanup(multi_));  // closes the kept connections
  for (auto& [socket, watched] : watched_) watched->descriptor.release();
}

CURL* CurlLoop::Borrow() {
  CURL* easy = nullptr;
  if (handles_.empty()) {
    easy = curl_easy_init();
  } else {
    easy = handles_.back();
    handles_.pop_back();
  }
  if (easy == nullptr) return nullptr;
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlLoop::OnOpen);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  // The connection keeps these two beyond the transfer.
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlLoop::OnClose);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  return easy;
}

void CurlLoop::GiveBack(CURL* easy) {
  if (easy == nullptr) return;
  if (handles_.size() >= kHandlesMax) return curl_easy_cleanup(easy);
  curl_easy_reset(easy);
  handles_.push_back(easy);
}

void CurlLoop::Add(CURL* easy, Done done) {
  const CURLMcode code =
      easy == nullptr ? CURLM_BAD_EASY_HANDLE : curl_multi_add_handle(multi_, easy);
  if (code == CURLM_OK) {
    transfers_[easy] = std::move(done);
    return;
  }
  Check(code);
  done(code == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_FAILED_INIT);
}

void CurlLoop::Remove(CURL* easy, Farewells::Closed closed) {
  if (transfers_.erase(easy) == 0) return;
  closed_ = std::move(closed);
  Check(curl_multi_remove_handle(multi_, easy));
  closed_ = nullptr;
}

int CurlLoop::OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<CurlLoop*>(self)->Watch(socket, what == CURL_POLL_REMOVE ? 0 : what);
  return 0;
}

curl_socket_t CurlLoop::OnOpen(void* self, curlsocktype, curl_sockaddr* address) {
  const int opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (opened < 0) return CURL_SOCKET_BAD;
  if (address->family == AF_INET || address->family == AF_INET6) NoticeSilence(opened);
  auto& loop = *static_cast<CurlLoop*>(self);
  const auto watched = std::make_shared<Watched>(loop.io_);
  watched->connection = true;
  error_code error;
  watched->descriptor.assign(opened, error);
  loop.watched_[opened] = watched;
  return opened;
}

int CurlLoop::OnClose(void* self, curl_socket_t socket) {
  auto& loop = *static_cast<CurlLoop*>(self);
  loop.Forget(socket);
  if (!loop.closed_) return close(socket);
  loop.farewells_.Begin(socket, std::exchange(loop.closed_, nullptr));
  return 0;
}

void CurlLoop::Watch(curl_socket_t socket, int what) {
  std::shared_ptr<Watched>& watched = watched_[socket];
  if (watched == nullptr) {
    watched = std::make_shared<Watched>(io_);
    error_code error;
    watched->descriptor.assign(socket, error);
  }
  watched->wanted = what;
  // libcurl opens and closes some itself, to speak with its own threads.
  if (what == 0 && !watched->connection) return Forget(socket);
  Arm(socket, watched);
}

void CurlLoop::Forget(curl_socket_t socket) {
  const auto found = watched_.find(socket);
  if (found == watched_.end()) return;
  // Ends the waits; the descriptor is libcurl's, to close.
  found->second->wanted = 0;
  found->second->descriptor.release();
  watched_.erase(found);
}

void CurlLoop::Arm(curl_socket_t socket, const std::shared_ptr<Watched>& watched) {
  using Descriptor = asio::posix::stream_descriptor;
  const auto wait = [&](int direction, int event, bool Watched::*waiting,
                        Descriptor::wait_type type) {
    if ((watched->wanted & direction) == 0 || (*watched).*waiting) return;
    (*watched).*waiting = true;
    watched->descriptor.async_wait(type, [=, this](error_code error) {
      (*watched).*waiting = false;
      if (error == asio::error::operation_aborted || watched->wanted == 0) return;
      Act(socket, error ? CURL_CSELECT_ERR : event);
      // libcurl may have closed it, and opened another of the same number.
      const auto found = watched_.find(socket);
      if (found != watched_.end() && found->second == watched) Arm(socket, watched);
    });
  };
  wait(CURL_POLL_IN, CURL_CSELECT_IN, &Watched::reading, Descriptor::wait_read);
  wait(CURL_POLL_OUT, CURL_CSELECT_OUT, &Watched::writing, Descriptor::wait_write);
}

int CurlLoop::OnTimer(CURLM*, long after_ms, void* self) {
  static_cast<CurlLoop*>(self)->SetTimer(after_ms);
  return 0;
}

void CurlLoop::SetTimer(long after_ms) {
  if (after_ms < 0) {
    due_ = false;
    timer_.cancel();
    return;
  }
  // The usual case, at the start of each transfer, without the kernel's help.
  if (after_ms == 0) {
    timer_.cancel();
    if (!std::exchange(due_, true)) asio::post(io_, [this] { ActIfDue(); });
    return;
  }
  due_ = false;
  timer_.expires_after(std::chrono::milliseconds(after_ms));
  timer_.async_wait([this](error_code error) {
    if (!error) Act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlLoop::ActIfDue() {
  if (std::exchange(due_, false)) Act(CURL_SOCKET_TIMEOUT, 0);
}

void CurlLoop::Act(curl_socket_t socket, int events) {
  int running = 0;
  Check(curl_multi_socket_action(multi_, socket, events, &running));
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto found = transfers_.find(message->easy_handle);
    if (found == transfers_.end()) continue;
    // It may take its handle out, and put it in again.
    const Done done = found->second;
    done(message->data.result);
  }
}

}  // namespace zbroker::gateway
