// What the gateway adds to the pieces of a stream of events.
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/gateway.h"
#include "tests/bench/http.h"
#include "tests/bench/samples.h"

namespace zbroker::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kChunks = 1000;
constexpr absl::Duration kGap = absl::Milliseconds(5);
constexpr int kChunksInAShortRun = 50;
constexpr char kConfig[] = "[account.default.slots]\nlimit = 3\n";

int64_t Nanoseconds(Instant instant) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(instant.time_since_epoch()).count();
}

// An upstream that writes into each event when it was sent. Serves one connection after the other.
class StampingUpstream {
 public:
  explicit StampingUpstream(int chunks)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
        chunks_(chunks),
        thread_([this] { Serve(); }) {}
  ~StampingUpstream() {
    stopping_ = true;
    // Ends the accept.
    HttpConnection::Connect(port_).IgnoreError();
    thread_.join();
  }

  uint16_t port() const { return port_; }

 private:
  void Serve() {
    while (!stopping_) {
      error_code error;
      tcp::socket client(io_);
      acceptor_.accept(client, error);
      if (!error && !stopping_) Answer(client);
    }
  }

  void Answer(tcp::socket& client) const {
    error_code error;
    client.set_option(tcp::no_delay(true), error);
    asio::streambuf request;
    asio::read_until(client, request, "\r\n\r\n", error);
    Write(client,
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
          "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < chunks_; ++i) {
      absl::SleepFor(kGap);
      const std::string event = absl::StrCat("data: ", Nanoseconds(ReadClock()), "\n\n");
      Write(client, absl::StrCat(absl::Hex(event.size()), "\r\n", event, "\r\n"));
    }
    Write(client, "0\r\n\r\n");
    client.shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 1024> rest;
    while (!error) client.read_some(asio::buffer(rest), error);
  }

  static void Write(tcp::socket& client, const std::string& text) {
    error_code ignored;
    asio::write(client, asio::buffer(text), ignored);
  }

  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  const uint16_t port_ = acceptor_.local_endpoint().port();
  const int chunks_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Reads a stream to its end and keeps how long each event was under way.
absl::Status ReadStream(uint16_t port, const std::string& path, Samples& samples) {
  ZB_ASSIGN_OR_RETURN(const auto connection, HttpConnection::Connect(port));
  ZB_RETURN_IF_ERROR(connection->Post(
      path, R"({"model":"glm-4.7","stream":true,"messages":[{"role":"user","content":"hi"}]})"));
  return connection->ReadAnswer([&](absl::string_view bytes) {
    const int64_t now = Nanoseconds(ReadClock());
    int64_t sent = 0;
    if (absl::ConsumePrefix(&bytes, "data: ") && absl::SimpleAtoi(bytes, &sent)) {
      samples.Add(absl::Nanoseconds(now - sent));
    }
  });
}

}  // namespace

absl::Status MeasureGatewayStream(const Settings& settings, Report& report) {
  const StampingUpstream upstream(settings.rounds > 1 ? kChunks : kChunksInAShortRun);
  ZB_ASSIGN_OR_RETURN(const GatewaySetup gateway,
                      GatewaySetup::Start(settings, "gateway_stream", kConfig, upstream.port()));
  Samples direct, relayed;
  ZB_RETURN_IF_ERROR(ReadStream(upstream.port(), kMessages, direct));
  ZB_RETURN_IF_ERROR(ReadStream(gateway.url().port, gateway.url().path + kMessages, relayed));
  report.AddPercentiles({.what = "event of a stream, direct", .samples = direct});
  for (const auto& [percent, bound, words] :
       {std::tuple(50, 200.0, "≤ 0.2 ms"), std::tuple(99, 1000.0, "≤ 1 ms")}) {
    report.Add({.what = absl::StrCat("gateway, event of a stream over direct, p", percent),
                .unit = Unit::kMicroseconds,
                .measured = In(Unit::kMicroseconds,
                               relayed.Percentile(percent) - direct.Percentile(percent)),
                .reference_what = "direct",
                .reference = In(Unit::kMicroseconds, direct.Percentile(percent)),
                .figure = Figure{.bound = bound, .words = words}});
  }
  return absl::OkStatus();
}

}  // namespace zbroker::bench
