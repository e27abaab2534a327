// Streams to the daemon of a socket, which is started when none runs. Internal to this folder.
#ifndef ZBROKER_CLIENT_BROKER_DAEMON_TRANSPORT_H_
#define ZBROKER_CLIENT_BROKER_DAEMON_TRANSPORT_H_

#include <memory>
#include <string>
#include <utility>

#include "client/base/clock.h"
#include "client/broker/transport.h"

namespace zbroker::broker {

class DaemonTransport final : public Transport {
 public:
  DaemonTransport(std::string socket_path, bool start_daemon, const Clock& clock)
      : socket_path_(std::move(socket_path)), start_daemon_(start_daemon), clock_(clock) {}

  absl::StatusOr<std::unique_ptr<Stream>> Open(Stream::Callbacks callbacks,
                                               const std::function<bool()>& cancelled) override;

 private:
  const std::string socket_path_;
  const bool start_daemon_;
  const Clock& clock_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_DAEMON_TRANSPORT_H_
