#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_CONNECTION_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_CONNECTION_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "client/base/clock.h"
#include "tests/testing/upstream/messages.h"
#include "tests/testing/upstream/request_log.h"
#include "tests/testing/upstream/routes.h"
#include "tests/testing/upstream/service_model.h"

namespace zbroker::testing {

inline constexpr uint32_t kHeaderBytesMax = 64 * 1024;
inline constexpr uint64_t kBodyBytesMax = 64 * 1024 * 1024;

// What all connections share.
struct Backend {
  const Clock& clock;
  ServiceModel model;
  RequestLog log;
};

// One client's connection: requests one after the other, each answered before the next is looked
// at. A client that closes its side while its request is in service, even one that would still
// read, counts as gone. One thread only.
class Connection {
 public:
  // `backend` must outlive the connection.
  Connection(boost::asio::ip::tcp::socket socket, Backend& backend)
      : socket_(std::move(socket)), backend_(backend) {}

  // Serves until either side ends the connection. Throws nothing.
  boost::asio::awaitable<void> Run();

 private:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  // Empty when there is nothing more to come; what is not HTTP has been answered.
  boost::asio::awaitable<std::optional<Request>> ReadRequest();
  // The next three return false when the connection is of no more use.
  boost::asio::awaitable<bool> Reply(const Request& request);
  boost::asio::awaitable<bool> ReplyToModelRequest(const Request& request, const Route& route);
  boost::asio::awaitable<bool> Serve(const Exchange& exchange, const Admission& admission);
  // Ends the service of `id` when the client has gone, or has sent more than a client that waits
  // for an answer would. What it sends is kept for the next request.
  boost::asio::awaitable<void> WatchClient(uint64_t id);
  boost::asio::awaitable<void> Close();
  // Reads and forgets until the client has closed its side.
  boost::asio::awaitable<void> Drain();

  boost::asio::ip::tcp::socket socket_;
  Backend& backend_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_CONNECTION_H_
