// libcurl's transfers on the loop of Asio.
//
// libcurl says which descriptors it waits for and when it wants to be called; the loop waits and
// calls. Nothing blocks but what libcurl itself does on threads of its own (resolving names).
#ifndef ZBROKER_SHIMS_GATEWAY_CURL_LOOP_H_
#define ZBROKER_SHIMS_GATEWAY_CURL_LOOP_H_

#include <curl/curl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "shims/gateway/asio.h"
#include "shims/gateway/farewells.h"

namespace zbroker::gateway {

// Keeps connections to the upstream for the transfers that follow. One whose other end acknowledges
// nothing any more, neither bytes nor the probes of a silence, ends within two kUnacknowledged: a
// wait for an answer may be long, but not on a connection that is dead. Not thread-safe.
class CurlLoop {
 public:
  using Done = std::function<void(CURLcode)>;
  // Handles that are kept: what one has allocated serves the next transfer.
  static constexpr size_t kHandlesMax = 16;
  static constexpr std::chrono::seconds kUnacknowledged{30};

  explicit CurlLoop(asio::io_context& io);
  // REQUIRES: every transfer was removed.
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // A handle for one transfer, with nothing set but what concerns this loop; nullptr: there is no
  // memory for one. It must go back.
  CURL* Borrow();
  // REQUIRES: it is in no transfer.
  void GiveBack(CURL* easy);

  // Starts a transfer. `done` is called when it has ended by itself, from within if it can't be
  // started at all; the handle must be removed all the same.
  void Add(CURL* easy, Done done);
  // Ends the transfer. Not from within one of libcurl's callbacks. If that closes its connection,
  // `closed` is called, later, when the other end has closed it soon after, see Farewells. That of
  // several transfers, HTTP/2's, stays open.
  void Remove(CURL* easy, Farewells::Closed closed = nullptr);

 private:
  // A descriptor of libcurl's, which Asio only watches. One of a connection stays registered while
  // the connection is kept for the next transfer and nothing is wanted of it.
  struct Watched {
    explicit Watched(asio::io_context& io) : descriptor(io) {}
    asio::posix::stream_descriptor descriptor;
    int wanted = 0;  // CURL_POLL_IN, CURL_POLL_OUT, or both
    bool connection = false;
    bool reading = false;
    bool writing = false;
  };

  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self, void* watched);
  static int OnTimer(CURLM* multi, long after_ms, void* self);
  static curl_socket_t OnOpen(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnClose(void* self, curl_socket_t socket);

  void Watch(curl_socket_t socket, int what);
  void Forget(curl_socket_t socket);
  void Arm(curl_socket_t socket, const std::shared_ptr<Watched>& watched);
  void Act(curl_socket_t socket, int events);
  void SetTimer(long after_ms);
  void ActIfDue();

  asio::io_context& io_;
  asio::steady_timer timer_;
  bool due_ = false;  // the timer's instant is now
  CURLM* const multi_;
  std::map<curl_socket_t, std::shared_ptr<Watched>> watched_;  // by number, while it is open
  std::map<CURL*, Done> transfers_;
  std::vector<CURL*> handles_;  // not lent
  Farewells farewells_;
  Farewells::Closed closed_;  // of the transfer that is being removed
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_CURL_LOOP_H_
