#include "shims/gateway/curl_loop.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace zbroker::gateway {
namespace {

constexpr long kIdleConnectionsMax = 64;

}  // namespace

CurlLoop::CurlLoop(asio::io_context& io) : io_(io), timer_(io), multi_(curl_multi_init()) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kIdleConnectionsMax);
}

CurlLoop::~CurlLoop() {
  curl_multi_cleanup(multi_);  // closes the kept connections, and unwatches them
  for (auto& [socket, watched] : watched_) watched->descriptor.release();
}

void CurlLoop::Add(CURL* easy, Done done) {
  transfers_[easy] = std::move(done);
  curl_multi_add_handle(multi_, easy);
}

void CurlLoop::Remove(CURL* easy) {
  transfers_.erase(easy);
  curl_multi_remove_handle(multi_, easy);
}

int CurlLoop::OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    loop.Unwatch(socket);
  } else {
    loop.Watch(socket, what);
  }
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
  Arm(socket, watched);
}

void CurlLoop::Unwatch(curl_socket_t socket) {
  const auto found = watched_.find(socket);
  if (found == watched_.end()) return;
  // Ends the waits; the descriptor stays libcurl's, to close.
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
  curl_multi_socket_action(multi_, socket, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto found = transfers_.find(message->easy_handle);
    if (found != transfers_.end()) found->second(message->data.result);
  }
}

}  // namespace zbroker::gateway
