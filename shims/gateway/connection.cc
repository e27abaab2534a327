#include "shims/gateway/connection.h"

#include <unistd.h>

#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "shims/gateway/target.h"

namespace zbroker::gateway {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::chrono::seconds kLingerTime{2};

absl::string_view ToAbsl(beast::string_view text) { return {text.data(), text.size()}; }

// 0: the connection just ended.
int StatusOfReadError(error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  return error.category() == http::make_error_code(http::error::bad_method).category() ? 400 : 0;
}

absl::string_view Explain(int status) {
  switch (status) {
    case 403:
      return "zbroker: this gateway serves programs of this machine only: the Host field must be "
             "127.0.0.1 or localhost";
    case 404:
      return "zbroker: no such path; a base URL is what `zlease gateway` prints, token included";
    case 413:
      return "zbroker: the request's body is too large";
    case 431:
      return "zbroker: the request's header is too large";
    case 503:
      return "zbroker: too many requests are held in memory; try again";
    default:
      return "zbroker: this is no HTTP/1.1 request that can be relayed";
  }
}

Headers ToHeaders(const http::fields& fields) {
  Headers headers;
  for (const auto& field : fields) {
    headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  return headers;
}

bool IsDigits(beast::string_view text) {
  return text.find_first_not_of("0123456789") == beast::string_view::npos;
}

size_t CountOf(const http::fields& fields, http::field name) {
  const auto [begin, end] = fields.equal_range(name);
  return static_cast<size_t>(std::distance(begin, end));
}

}  // namespace

Connection::Connection(Service& service, tcp::socket socket)
    : service_(service),
      accepted_(LoopClock::now()),
      stream_(std::move(socket)),
      buffer_(kHeaderBytesMax + 4096) {
  error_code ignored;
  stream_.socket().set_option(tcp::no_delay(true), ignored);
}

void Connection::Stop() {
  stopped_ = true;
  if (exchange_ != nullptr) exchange_->Stop();
  // Not merely cancelled: what completes just now would begin to wait for the client again.
  stream_.close();
}

awaitable<void> Connection::Run(Crowd::Member& member) {
  for (bool usable = true; usable && !stopped_;) usable = co_await ServeOne(member);
  // What the client may still be sending is read, or else the kernel would reset the connection and
  // the client might lose the answer with it.
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.expires_after(kLingerTime);
  for (error_code error; !error && !stopped_;) {
    buffer_.clear();
    const auto space = buffer_.prepare(4096);
    size_t bytes = 0;
    std::tie(error, bytes) = co_await stream_.async_read_some(space, kAwait);
  }
  stream_.close();
}

awaitable<bool> Connection::ServeOne(Crowd::Member& member) {
  Parser parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(service_.options.body_bytes_max);
  const bool has_header = co_await ReadHeader(parser, member.proven());
  if (!has_header || stopped_) co_return false;
  if (const int status = Check(parser); status != 0) {
    co_await Reject(status);
    co_return false;
  }
  member.SetBusy();
  const bool usable = co_await ServeBody(parser);
  member.SetIdle();
  co_return usable;
}

awaitable<bool> Connection::ServeBody(Parser& parser) {
  // Chunks say no size beforehand.
  const size_t unknown = parser.chunked() ? service_.options.body_bytes_max : 0;
  const size_t announced = parser.content_length().value_or(unknown);
  if (service_.bodies_bytes + announced > service_.options.bodies_bytes_max) {
    co_await Reject(503);
    co_return false;
  }
  Reservation reservation(service_.bodies_bytes, announced);
  // Before the body: its trailers would join the fields.
  ClientRequest request = HeadOf(parser);
  const bool has_body = co_await ReadBody(parser);
  if (!has_body) co_return false;
  request.body = std::move(parser.get().body());
  reservation.Change(request.body.size());
  co_return co_await Relay(std::move(request));
}

awaitable<bool> Connection::AwaitRequest() {
  for (;;) {
    const absl::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const size_t begin = bytes.find_first_not_of("\r\n");
    if (begin != bytes.npos) {
      buffer_.consume(begin);
      co_return true;
    }
    buffer_.clear();
    const auto space = buffer_.prepare(4096);
    const auto [error, read] = co_await stream_.async_read_some(space, kAwait);
    if (error) co_return false;
    buffer_.commit(read);
  }
}

awaitable<bool> Connection::ReadHeader(Parser& parser, bool proven) {
  if (proven) {
    stream_.expires_after(kIdleTime);
  } else {
    stream_.expires_at(accepted_ + service_.options.unproven_time);
  }
  const bool begun = co_await AwaitRequest();
  if (!begun) co_return false;
  if (proven) stream_.expires_after(kHeaderTime);
  const auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, kAwait);
  stream_.expires_never();
  if (!error) co_return true;
  if (const int status = StatusOfReadError(error); status != 0) co_await Reject(status);
  co_return false;
}

int Connection::Check(const Parser& parser) const {
  const auto& request = parser.get();
  // One Host, one length: whoever reads the request after us must see the same one (RFC
  // 9112, 11.2).
  if (CountOf(request, http::field::host) != 1) return 400;
  const size_t lengths = CountOf(request, http::field::content_length);
  const size_t codings = CountOf(request, http::field::transfer_encoding);
  if (lengths + codings > 1) return 400;
  if (lengths == 1 && !IsDigits(request[http::field::content_length])) return 400;
  // A coding that is not undone here would be lost on the way; HTTP/1.0 has none.
  if (codings == 1 && (request.version() < 11 ||
                       !beast::iequals(request[http::field::transfer_encoding], "chunked"))) {
    return 400;
  }
  // What follows a '#' would not reach the upstream, but decides here what the request is.
  if (request.target().find('#') != beast::string_view::npos) return 400;
  if (!IsLoopbackHost(ToAbsl(request[http::field::host]))) return 403;
  if (request.method() == http::verb::connect) return 400;
  const RequestTarget target = ReadTarget(ToAbsl(request.target()));
  if (target.authority.has_value() && !IsLoopbackHost(*target.authority)) return 403;
  const auto below = BelowToken(target.path, service_.options.token);
  return below.has_value() ? 0 : 404;
}

awaitable<bool> Connection::ReadBody(Parser& parser) {
  stream_.expires_after(kBodyTime);
  error_code error;
  size_t bytes = 0;
  const auto& request = parser.get();
  if (request.version() >= 11 && beast::iequals(request[http::field::expect], "100-continue")) {
    const asio::const_buffer proceed = asio::buffer(kContinue.data(), kContinue.size());
    std::tie(error, bytes) = co_await asio::async_write(stream_, proceed, kAwait);
  }
  if (!error) {
    std::tie(error, bytes) = co_await http::async_read(stream_, buffer_, parser, kAwait);
  }
  stream_.expires_never();
  if (!error) co_return true;
  if (const int status = StatusOfReadError(error); status != 0) co_await Reject(status);
  co_return false;
}

ClientRequest Connection::HeadOf(const Parser& parser) {
  const auto& message = parser.get();
  const absl::string_view path = ReadTarget(ToAbsl(message.target())).path;
  return {.method = std::string(message.method_string()),
          .below = std::string(BelowToken(path, service_.options.token).value_or("")),
          .headers = ToHeaders(message.base()),
          .wants = {.head_only = message.method() == http::verb::head,
                    .http_1_0 = message.version() < 11,
                    .keep_alive = message.keep_alive()},
          .caller = [this]() -> const Caller& { return FirstCaller(); }};
}

awaitable<bool> Connection::Relay(ClientRequest request) {
  if (!service_.served && service_.options.served >= 0) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t size = write(service_.options.served, &one, sizeof one);
  }
  service_.served = true;
  Exchange exchange(service_, stream_, std::move(request));
  const UnderWay under_way(exchange_, exchange);
  co_return co_await exchange.Run();
}

const Caller& Connection::FirstCaller() {
  if (!caller_.has_value()) caller_ = FindCaller(stream_.socket(), service_.owners);
  return *caller_;
}

awaitable<void> Connection::Reject(int status) {
  Responder responder(stream_, {.keep_alive = false});
  const Head head{status, "", {{"Content-Type", "text/plain; charset=utf-8"}}};
  const std::string body = absl::StrCat(Explain(status), "\n");
  co_await responder.Send(head, body);
}

}  // namespace zbroker::gateway
