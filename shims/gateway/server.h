// Listens on loopback and serves every connection.
#ifndef ZBROKER_SHIMS_GATEWAY_SERVER_H_
#define ZBROKER_SHIMS_GATEWAY_SERVER_H_

#include <string>

#include "absl/status/status.h"
#include "shims/gateway/crowd.h"
#include "shims/gateway/service.h"

namespace zbroker::gateway {

// Not thread-safe; everything runs on the service's loop.
class Server {
 public:
  // One more makes the idlest of them go; while all have requests under way it waits in the
  // kernel's backlog. Fewer where few descriptors are to be had: each request needs one to the
  // upstream too.
  static constexpr size_t kConnectionsMax = 8192;

  explicit Server(Service& service);

  // Errors: the address is not one of loopback; it is taken; what was handed over does not listen.
  absl::Status Listen();
  // What a tool needs to know: "http://127.0.0.1:8787/TOKEN". REQUIRES: Listen().
  std::string base_url() const;

  // Accepts until Stop().
  void Start();

  // Ends requests and their leases. `stopped` is called when that is done and recorded, or `within`
  // has passed.
  void Stop(std::chrono::milliseconds within, std::function<void()> stopped);

 private:
  struct NotifyAtEnd {
    explicit NotifyAtEnd(Wakeup& notified) : wakeup(notified) {}
    ~NotifyAtEnd() { wakeup.Notify(); }
    NotifyAtEnd(const NotifyAtEnd&) = delete;
    NotifyAtEnd& operator=(const NotifyAtEnd&) = delete;
    Wakeup& wakeup;
  };

  // Takes over the socket that was handed over.
  absl::Status Adopt(int listener);
  void StartAccepting();
  awaitable<void> Accept();
  awaitable<void> Serve(tcp::socket socket);
  awaitable<void> AwaitEnd(std::chrono::milliseconds within, std::function<void()> stopped);

  Service& service_;
  tcp::acceptor acceptor_;
  Wakeup changed_;
  const size_t connections_max_;
  Crowd crowd_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_SERVER_H_
