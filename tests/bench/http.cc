#include "tests/bench/http.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zbroker::bench {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

absl::StatusOr<HttpUrl> HttpUrl::Parse(absl::string_view url) {
  HttpUrl parsed;
  absl::string_view rest = url;
  uint32_t port = 0;
  const bool local = absl::ConsumePrefix(&rest, "http://127.0.0.1:");
  const size_t slash = rest.find('/');
  if (!local || !absl::SimpleAtoi(rest.substr(0, slash), &port)) {
    return absl::InvalidArgumentError(absl::StrCat(url, " is no URL of loopback"));
  }
  parsed.port = static_cast<uint16_t>(port);
  parsed.path = slash == rest.npos ? "" : std::string(rest.substr(slash));
  return parsed;
}

struct HttpConnection::Impl {
  asio::io_context io{1};
  tcp::socket socket{io};
  boost::beast::flat_buffer buffer;
};

HttpConnection::HttpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpConnection::~HttpConnection() = default;

absl::StatusOr<std::unique_ptr<HttpConnection>> HttpConnection::Connect(uint16_t port) {
  auto impl = std::make_unique<Impl>();
  error_code error;
  impl->socket.connect({asio::ip::address_v4::loopback(), port}, error);
  if (!error) impl->socket.set_option(tcp::no_delay(true), error);
  if (error) return absl::UnavailableError(absl::StrCat("port ", port, ": ", error.message()));
  return std::unique_ptr<HttpConnection>(new HttpConnection(std::move(impl)));
}

absl::Status HttpConnection::Post(const std::string& path, const std::string& body) {
  const std::string request = absl::StrCat(
      "POST ", path, " HTTP/1.1\r\nHost: localhost\r\n",
      "Content-Type: application/json\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  error_code error;
  asio::write(impl_->socket, asio::buffer(request), error);
  return error ? absl::UnavailableError(error.message()) : absl::OkStatus();
}

absl::Status HttpConnection::ReadAnswer() {
  return ReadAnswer([](absl::string_view) {});
}

absl::Status HttpConnection::ReadAnswer(const std::function<void(absl::string_view)>& on_bytes) {
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(std::numeric_limits<uint64_t>::max());
  error_code error;
  http::read_header(impl_->socket, impl_->buffer, parser, error);
  if (error) return absl::UnavailableError(error.message());
  if (parser.get().result_int() != 200) {
    return absl::AbortedError(absl::StrCat("status ", parser.get().result_int()));
  }
  std::array<char, 16 * 1024> piece;
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    http::read_some(impl_->socket, impl_->buffer, parser, error);
    if (error && error != http::error::need_buffer) return absl::UnavailableError(error.message());
    const size_t size = piece.size() - body.size;
    if (size > 0) on_bytes({piece.data(), size});
  }
  return absl::OkStatus();
}

uint16_t FreePort() {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

}  // namespace zbroker::bench
