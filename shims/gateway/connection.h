// A client's connection: requests one after the other.
#ifndef ZBROKER_SHIMS_GATEWAY_CONNECTION_H_
#define ZBROKER_SHIMS_GATEWAY_CONNECTION_H_

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "shims/gateway/crowd.h"
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

  // Returns when the connection is closed. `member`: this connection.
  awaitable<void> Run(Crowd::Member& member);

  // Ends what is under way, so that Run returns soon.
  void Stop();

 private:
  // Counts bytes of a body as long as it lives.
  class Reservation {
   public:
    Reservation(size_t& total, size_t bytes) : total_(total), bytes_(bytes) { total_ += bytes; }
    ~Reservation() { total_ -= bytes_; }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    void Change(size_t bytes) {
      total_ += bytes - bytes_;
      bytes_ = bytes;
    }

   private:
    size_t& total_;
    size_t bytes_;
  };
  // Has the connection know the exchange as long as this lives.
  struct UnderWay {
    UnderWay(Exchange*& place, Exchange& exchange) : place_(place) { place = &exchange; }
    ~UnderWay() { place_ = nullptr; }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    Exchange*& place_;
  };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  // Reads and answers one request. False: the connection is of no more use.
  awaitable<bool> ServeOne(Crowd::Member& member);
  awaitable<bool> ServeBody(Parser& parser);
  awaitable<bool> ReadHeader(Parser& parser, bool proven);
  // Waits for a request to begin. Empty lines before it are ignored (RFC 9112, 2.2). False: the
  // connection has ended.
  awaitable<bool> AwaitRequest();
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
  const LoopTime accepted_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  Exchange* exchange_ = nullptr;  // under way
  std::optional<Caller> caller_;  // once it was asked for
  bool stopped_ = false;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_CONNECTION_H_
