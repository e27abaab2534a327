// A client's connection: requests one after the other.
#ifndef ZBROKER_SHIMS_GATEWAY_CONNECTION_H_
#define ZBROKER_SHIMS_GATEWAY_CONNECTION_H_

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "shims/gateway/exchange.h"
#include "shims/gateway/peer.h"
#include "shims/gateway/service.h"

namespace zbroker::gateway {

// Not thread-safe.
class Connection {
 public:
  static constexpr size_t kHeaderBytesMax = 64 * 1024;
  // A request that has begun to come.
  static constexpr std::chrono::seconds kHeaderTime{60};
  static constexpr std::chrono::minutes kBodyTime{5};
  // One that has not: clients keep connections for long, and a close may cross their next request.
  static constexpr std::chrono::hours kIdleTime{1};

  Connection(Service& service, tcp::socket socket);

  // Returns when the connection is closed.
  awaitable<void> Run();

  // Ends what is under way, so that Run returns soon.
  void Stop();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  // Reads and answers one request. False: the connection is of no more use.
  awaitable<bool> ServeOne();
  awaitable<bool> ReadHeader(Parser& parser);
  awaitable<bool> ReadBody(Parser& parser);
  // The status with which the request is turned away before it means anything; 0: it may go on.
  int Check(const Parser& parser) const;
  // What the header says of the request.
  ClientRequest HeadOf(const Parser& parser);
  awaitable<bool> Relay(ClientRequest request);
  awaitable<void> Reject(int status);
  // The program that has connected: the one that the first request came from.
  const Caller& FirstCaller();

  Service& service_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  Exchange* exchange_ = nullptr;  // under way
  std::optional<Caller> caller_;  // once it was asked for
  bool stopped_ = false;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_CONNECTION_H_
