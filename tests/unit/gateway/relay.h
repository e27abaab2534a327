// A gateway within the test's process, between raw clients and a raw upstream, with a fake broker.
#ifndef ZBROKER_TESTS_UNIT_GATEWAY_RELAY_H_
#define ZBROKER_TESTS_UNIT_GATEWAY_RELAY_H_

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "shims/gateway/server.h"
#include "tests/testing/fake_broker.h"
#include "tests/testing/http_connection.h"
#include "tests/testing/process.h"
#include "tests/testing/raw_upstream.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/gateway/loop.h"

namespace zbroker::gateway {

class RelayTest : public ::testing::Test {
 protected:
  static constexpr char kToken[] = "0123456789abcdef";

  ~RelayTest() override {
    open_ = true;  // lets what is still served end
    std::promise<void> stopped;
    asio::post(
        io_, [&] { server_->Stop(std::chrono::seconds(10), [&stopped] { stopped.set_value(); }); });
    stopped.get_future().wait();
    loop_.reset();
  }

  // Change options_ before.
  void Start(testing::RawUpstream::Serve serve) {
    upstream_.emplace(std::move(serve));
    options_.upstream = *Upstream::Parse(upstream_->url());
    options_.token = kToken;
    options_.port = 0;
    server_.emplace(service_);
    ASSERT_OK(server_->Listen());
    server_->Start();
    loop_.emplace(io_);
  }

  testing::HttpConnection Connect() const {
    std::string url = server_->base_url();
    url.resize(url.rfind('/'));
    return testing::HttpConnection(
        static_cast<uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  }
  std::string Post(absl::string_view body, absl::string_view fields = "") const {
    return absl::StrCat("POST /", kToken, "/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n", fields,
                        "Content-Length: ", body.size(), "\r\n\r\n", body);
  }
  testing::HttpAnswer Ask(absl::string_view request) const {
    testing::HttpConnection connection = Connect();
    EXPECT_TRUE(connection.Send(request));
    return connection.Read();
  }

  std::atomic<bool> open_ = false;
  Options options_;
  testing::FakeBroker broker_;
  std::optional<testing::RawUpstream> upstream_;
  asio::io_context io_{1};
  CurlLoop curl_{io_};
  Service service_{io_, curl_, broker_, options_, Clock::System()};
  std::optional<Server> server_;
  std::optional<LoopThread> loop_;  // everything above is its own while it runs
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_TESTS_UNIT_GATEWAY_RELAY_H_
