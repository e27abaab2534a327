#include "tests/testing/upstream/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <chrono>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/testing/upstream/answer_writer.h"
#include "tests/testing/upstream/control.h"
#include "tests/testing/upstream/messages.h"

namespace zbroker::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using asio::experimental::awaitable_operators::operator||;

namespace {

constexpr size_t kReadAheadBytesMax = 64 * 1024;
constexpr std::chrono::seconds kCloseWait(1);

absl::string_view ToAbsl(beast::string_view text) { return {text.data(), text.size()}; }

// Zero when the error is not the client's fault in HTTP: the connection just ended.
int StatusOfReadError(error_code error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  return error.category() == http::make_error_code(http::error::bad_method).category() ? 400 : 0;
}

ReceivedRequest ToReceived(const http::request<http::string_body>& request) {
  ReceivedRequest received;
  received.method = std::string(request.method_string());
  received.target = std::string(request.target());
  for (const auto& header : request) {
    received.headers.emplace_back(header.name_string(), header.value());
  }
  received.body_bytes = request.body().size();
  // One byte more than is kept, so that the log sees where a character was cut.
  received.body = request.body().substr(0, kKeptBodyBytesMax + 1);
  return received;
}

PlainAnswer BadRequest(Protocol protocol, std::string code, absl::string_view message,
                       std::string request_id) {
  ProviderError error;
  error.code = std::move(code);
  error.message = std::string(message);
  error.request_id = std::move(request_id);
  PlainAnswer answer;
  answer.status = 400;
  answer.body = ErrorBody(error, CurrentErrorShape(protocol));
  return answer;
}

}  // namespace

asio::awaitable<void> Connection::Run() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  for (bool open = true; open;) {
    const std::optional<Request> request = co_await ReadRequest();
    if (!request.has_value()) break;
    const bool usable = co_await Reply(*request);
    open = usable && request->keep_alive();
  }
  co_await Close();
}

asio::awaitable<std::optional<Connection::Request>> Connection::ReadRequest() {
  http::request_parser<http::string_body> parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(kBodyBytesMax);
  auto [error, bytes] = co_await http::async_read_header(socket_, buffer_, parser, kAwait);
  if (!error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    const asio::const_buffer proceed = asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25);
    std::tie(error, bytes) = co_await asio::async_write(socket_, proceed, kAwait);
  }
  if (!error) {
    std::tie(error, bytes) = co_await http::async_read(socket_, buffer_, parser, kAwait);
  }
  if (!error) co_return parser.release();
  if (const int status = StatusOfReadError(error); status != 0) {
    PlainAnswer answer;
    answer.status = status;
    answer.body = absl::StrCat(error.message(), "\n");
    answer.type = "text/plain";
    co_await WritePlain(socket_, std::move(answer), false);
  }
  co_return std::nullopt;
}

asio::awaitable<bool> Connection::Reply(const Request& request) {
  const absl::string_view method = ToAbsl(request.method_string());
  const absl::string_view target = ToAbsl(request.target());
  const Route route = FindRoute(method, target);
  PlainAnswer answer;
  if (route.endpoint == Endpoint::kControl) {
    ControlReply reply =
        HandleControl(method, target, request.body(), backend_.model, backend_.log);
    answer.status = reply.status;
    answer.body = std::move(reply.body);
    co_return co_await WritePlain(socket_, std::move(answer), request.keep_alive());
  }
  const Settings& settings = backend_.model.settings();
  backend_.log.Add(ToReceived(request), static_cast<size_t>(settings.keep_requests));
  const auto fixed = settings.bodies.find(route.path);
  if (fixed == settings.bodies.end() && route.endpoint == Endpoint::kModelRequest) {
    co_return co_await ReplyToModelRequest(request, route);
  }
  backend_.model.CountOther(route.path);
  if (fixed != settings.bodies.end()) {
    answer.body = fixed->second;
  } else if (route.endpoint == Endpoint::kCountTokens) {
    answer.body = CountTokensAnswer(request.body());
  } else if (route.endpoint == Endpoint::kModels) {
    answer.body = ModelsAnswer(route.protocol);
  } else if (route.endpoint != Endpoint::kProbe) {
    answer.status = route.endpoint == Endpoint::kWrongMethod ? 405 : 404;
    answer.body = R"({"error":{"code":"404","message":"no such endpoint"}})";
  }
  co_return co_await WritePlain(socket_, std::move(answer), request.keep_alive());
}

asio::awaitable<bool> Connection::ReplyToModelRequest(const Request& request, const Route& route) {
  absl::StatusOr<Exchange> exchange = ReadExchange(route.protocol, request.body());
  const Now now = backend_.clock.Read();
  if (!exchange.ok()) {
    backend_.model.CountOther(route.path);
    PlainAnswer answer =
        BadRequest(route.protocol, "1210", exchange.status().message(), RequestId(now.wall, 0));
    co_return co_await WritePlain(socket_, std::move(answer), request.keep_alive());
  }
  const Admission admission = backend_.model.Arrive(route.path, now.boot);
  exchange->request_id = RequestId(now.wall, admission.id);
  exchange->created_s = absl::ToUnixSeconds(now.wall);
  exchange->output_tokens = admission.pace.chunks;
  exchange->finish_reason = admission.script.finish_reason;
  co_return co_await Serve(*exchange, admission);
}

asio::awaitable<bool> Connection::Serve(const Exchange& exchange, const Admission& admission) {
  AnswerWriter writer(socket_, backend_.model, backend_.clock, exchange, admission);
  if (admission.throttled) co_return co_await writer.Run();
  const std::variant<bool, std::monostate> first =
      co_await (writer.Run() || WatchClient(admission.id));
  // Without effect unless a write failed before the watch saw why.
  backend_.model.End(admission.id, Outcome::kAborted, backend_.clock.Read().boot);
  co_return first.index() == 0 && std::get<0>(first);
}

asio::awaitable<void> Connection::WatchClient(uint64_t id) {
  error_code error;
  while (!error && buffer_.size() < kReadAheadBytesMax) {
    const asio::mutable_buffer space = buffer_.prepare(4096);
    size_t bytes = 0;
    std::tie(error, bytes) = co_await socket_.async_read_some(space, kAwait);
    buffer_.commit(bytes);
  }
  if (error == asio::error::operation_aborted) co_return;
  backend_.model.End(id, Outcome::kAborted, backend_.clock.Read().boot);
}

// Reads what the client still sends before closing: closing with unread bytes would reset the
// connection, and the client might lose the answer to the reset.
asio::awaitable<void> Connection::Close() {
  if (!socket_.is_open()) co_return;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  asio::steady_timer timer(socket_.get_executor(), kCloseWait);
  co_await (Drain() || timer.async_wait(asio::use_awaitable));
}

asio::awaitable<void> Connection::Drain() {
  error_code error;
  while (!error) {
    buffer_.clear();
    const asio::mutable_buffer space = buffer_.prepare(kReadAheadBytesMax);
    size_t bytes = 0;
    std::tie(error, bytes) = co_await socket_.async_read_some(space, kAwait);
  }
}

}  // namespace zbroker::testing
