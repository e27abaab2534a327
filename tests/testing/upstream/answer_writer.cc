#include "tests/testing/upstream/answer_writer.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr int kOverloaded = 529;
constexpr absl::string_view kGarbage = "\x16\x03\x01 this is no answer\r\n\xff\xfe\r\n\r\n";

}  // namespace

asio::awaitable<bool> WritePlain(asio::ip::tcp::socket& socket, PlainAnswer answer,
                                 bool keep_alive) {
  http::response<http::string_body> response;
  static_cast<http::fields&>(response) = std::move(answer.headers);
  response.version(11);
  response.result(static_cast<unsigned>(answer.status));
  if (answer.status == kOverloaded) response.reason("Overloaded");  // Beast doesn't know it
  response.set(http::field::content_type, answer.type);
  response.keep_alive(keep_alive);
  response.body() = std::move(answer.body);
  response.prepare_payload();
  const auto [error, bytes] = co_await http::async_write(socket, response, kAwait);
  co_return !error && keep_alive;
}

asio::awaitable<bool> AnswerWriter::Run() {
  if (admission_.throttled) co_return co_await WriteError();
  if (const bool ok = co_await Pause(script_.stall_before_headers); !ok) co_return false;
  if (script_.garbage) co_return co_await WriteGarbage();
  if (script_.body.has_value() || !script_.code.empty()) co_return co_await WriteError();
  if (const bool ok = co_await Pause(admission_.pace.service); !ok) co_return false;
  if (exchange_.stream) co_return co_await WriteStream();
  co_return co_await WriteWhole();
}

asio::awaitable<bool> AnswerWriter::WriteError() {
  const std::string code = admission_.throttled ? "1302" : script_.code;
  PlainAnswer answer;
  if (script_.body.has_value()) {
    answer.status = script_.status != 0 ? static_cast<int>(script_.status) : 502;
    answer.body = *script_.body;
    answer.type = "text/html";
  } else {
    const ErrorShape shape = script_.shape.value_or(
        model_.settings().throttle_shape.value_or(CurrentErrorShape(exchange_.protocol)));
    answer.status = script_.status != 0 ? static_cast<int>(script_.status)
                                        : ErrorStatus(code, exchange_.protocol);
    answer.body = ErrorBody(ErrorOf(code), shape);
    if (shape == ErrorShape::kText) answer.type = "text/plain";
  }
  SetRetryAfter(answer.headers);
  const bool written = co_await WritePlain(socket_, std::move(answer), true);
  if (written) End(Outcome::kFault);
  co_return written;
}

void AnswerWriter::SetRetryAfter(http::fields& headers) const {
  if (exchange_.protocol != Protocol::kAnthropic) return;
  const Settings& settings = model_.settings();
  const auto seconds =
      script_.retry_after_s.has_value() ? script_.retry_after_s : settings.retry_after_s;
  if (seconds.has_value()) headers.set(http::field::retry_after, absl::StrCat(*seconds));
  const auto millis = settings.retry_after_ms;
  if (millis.has_value()) headers.set("retry-after-ms", absl::StrCat(*millis));
  if (seconds.has_value() || millis.has_value()) {
    headers.set("anthropic-ratelimit-unified-status", "rejected");
  }
}

asio::awaitable<bool> AnswerWriter::WriteGarbage() {
  const asio::const_buffer garbage(kGarbage.data(), kGarbage.size());
  const auto [error, bytes] = co_await asio::async_write(socket_, garbage, kAwait);
  if (!error) End(Outcome::kFault);
  co_return false;
}

asio::awaitable<bool> AnswerWriter::WriteWhole() {
  PlainAnswer answer;
  const absl::string_view type = WholeAnswerType(exchange_.protocol);
  answer.type.assign(type.data(), type.size());
  answer.body = script_.error_in_200_stream.empty()
                    ? WholeAnswer(exchange_)
                    : ErrorBody(ErrorOf(script_.error_in_200_stream), ErrorShape::kOpenAiRequestId);
  if (script_.reset_mid_stream) co_return co_await WriteHalf(answer);
  const bool written = co_await WritePlain(socket_, std::move(answer), true);
  if (written) End(OutcomeOfOrdinaryAnswer());
  co_return written;
}

asio::awaitable<bool> AnswerWriter::WriteHalf(const PlainAnswer& answer) {
  const std::string text = absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: ", answer.type,
                                        "\r\nContent-Length: ", answer.body.size(), "\r\n\r\n",
                                        answer.body.substr(0, answer.body.size() / 2));
  const asio::const_buffer buffer = asio::buffer(text);
  const auto [error, bytes] = co_await asio::async_write(socket_, buffer, kAwait);
  if (!error) Reset();
  co_return false;
}

asio::awaitable<bool> AnswerWriter::WriteStream() {
  const std::string& error_code = script_.error_in_200_stream;
  const bool fails = !error_code.empty();
  const int64_t all = admission_.pace.chunks;
  const int64_t chunks = fails ? std::min(script_.after_chunks, all) : all;
  if (const bool ok = co_await WriteStreamHeader(); !ok) co_return false;
  if (chunks > 0) {
    if (const bool ok = co_await WriteStreamPiece(StreamOpening(exchange_)); !ok) co_return false;
  }
  for (int64_t i = 0; i < chunks; ++i) {
    if (script_.reset_mid_stream && i == all / 2) {
      Reset();
      co_return false;
    }
    if (const bool ok = co_await Pause(admission_.pace.chunk_gap); !ok) co_return false;
    if (const bool ok = co_await WriteStreamPiece(StreamChunk(exchange_, i)); !ok) co_return false;
  }
  std::string end = fails ? StreamError(exchange_, ErrorOf(error_code)) : StreamClosing(exchange_);
  co_return co_await WriteStreamEnd(std::move(end));
}

asio::awaitable<bool> AnswerWriter::WriteStreamHeader() {
  http::response<http::empty_body> response;
  response.version(11);
  response.result(http::status::ok);
  response.set(http::field::content_type, "text/event-stream;charset=UTF-8");
  response.set(http::field::cache_control, "no-cache");
  response.chunked(true);
  http::response_serializer<http::empty_body> serializer(response);
  const auto [error, bytes] = co_await http::async_write_header(socket_, serializer, kAwait);
  co_return !error;
}

asio::awaitable<bool> AnswerWriter::WriteStreamPiece(std::string piece) {
  const auto chunk = http::make_chunk(asio::buffer(piece));
  const auto [error, bytes] = co_await asio::async_write(socket_, chunk, kAwait);
  co_return !error;
}

// In one write, because a client may take the last event for the end of the answer, and the
// service must not seem to last longer than that.
asio::awaitable<bool> AnswerWriter::WriteStreamEnd(std::string piece) {
  const std::string framed = absl::StrCat(absl::Hex(piece.size()), "\r\n", piece, "\r\n0\r\n\r\n");
  const asio::const_buffer buffer = asio::buffer(framed);
  const auto [error, bytes] = co_await asio::async_write(socket_, buffer, kAwait);
  if (!error) End(OutcomeOfOrdinaryAnswer());
  co_return !error;
}

asio::awaitable<bool> AnswerWriter::Pause(absl::Duration length) {
  if (length <= absl::ZeroDuration()) co_return true;
  asio::steady_timer timer(socket_.get_executor(), absl::ToChronoNanoseconds(length));
  const auto [error] = co_await timer.async_wait(kAwait);
  co_return !error;
}

ProviderError AnswerWriter::ErrorOf(const std::string& code) const {
  ProviderError error;
  error.code = code;
  error.message = script_.message;
  error.reset =
      script_.reset.empty() ? ProviderTime(clock_.Read().wall + absl::Hours(1)) : script_.reset;
  error.model = exchange_.model;
  error.request_id = exchange_.request_id;
  return error;
}

Outcome AnswerWriter::OutcomeOfOrdinaryAnswer() const {
  const bool as_usual = script_.error_in_200_stream.empty() && script_.finish_reason.empty();
  return as_usual ? Outcome::kOk : Outcome::kFault;
}

void AnswerWriter::End(Outcome outcome) { model_.End(admission_.id, outcome, clock_.Read().boot); }

void AnswerWriter::Reset() {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  End(Outcome::kFault);
}

}  // namespace zbroker::testing
