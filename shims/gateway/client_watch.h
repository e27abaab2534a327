// Notices that the client of a request has gone while we write nothing to it.
//
// The end of what a client sends says little: a program may close its sending half and wait for the
// answer. On loopback the kernel knows more, namely whether any process still has the other end
// open. So a client counts as gone when its connection is reset, or when nobody has its socket any
// more; where the kernel does not tell, when it has ended its sending.
#ifndef ZBROKER_SHIMS_GATEWAY_CLIENT_WATCH_H_
#define ZBROKER_SHIMS_GATEWAY_CLIENT_WATCH_H_

#include <functional>
#include <memory>

#include "shims/gateway/asio.h"

namespace zbroker::gateway {

class ClientWatch {
 public:
  // How often a client is looked at again that is half-closed, or has sent its next request ahead.
  static constexpr std::chrono::milliseconds kLookAgain{250};

  // Nothing else may read from the socket while this lives; both arguments must outlive it.
  ClientWatch(tcp::socket& socket, Wakeup& changed);
  // Ends the watch.
  ~ClientWatch();

  bool gone() const { return state_->gone; }
  void SetGone();

 private:
  // Lives as long as the loop has one of its waits.
  struct State : std::enable_shared_from_this<State> {
    State(tcp::socket& watched, Wakeup& wakeup)
        : socket(&watched), changed(&wakeup), timer(watched.get_executor()) {}
    void WaitForBytes();
    void LookAtPeer();
    void Gone();

    tcp::socket* socket;  // nullptr: nobody wants to know any more
    Wakeup* changed;
    asio::steady_timer timer;
    bool at_end = false;  // the client sends no more
    bool gone = false;
  };

  const std::shared_ptr<State> state_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_CLIENT_WATCH_H_
