#include "shims/gateway/responder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <string>
#include <thread>

#include "tests/testing/http_connection.h"
#include "tests/unit/gateway/loop.h"

namespace zbroker::gateway {
namespace {

using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpConnection;
using ::testing::Not;
using ::testing::StartsWith;

class ResponderTest : public ::testing::Test {
 protected:
  void Connect(Responder::Request request) {
    tcp::acceptor acceptor(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    client_.emplace(acceptor.local_endpoint().port());
    stream_.emplace(acceptor.accept());
    responder_.emplace(*stream_, request);
  }
  bool Do(awaitable<bool> step) {
    std::optional<bool> result;
    asio::co_spawn(io_, std::move(step),
                   [&result](const std::exception_ptr&, bool fine) { result = fine; });
    EXPECT_TRUE(RunUntil(io_, [&] { return result.has_value(); }));
    return result.value_or(false);
  }
  // Ends our side.
  void Close() { stream_->close(); }

  asio::io_context io_{1};
  std::optional<HttpConnection> client_;
  std::optional<boost::beast::tcp_stream> stream_;
  std::optional<Responder> responder_;
};

TEST_F(ResponderTest, LastPieceIsThereBeforeAnybodyWaits) {
  Connect({.keep_alive = true});
  responder_->Begin({200, "", {{"X-Mine", "1"}}}, std::nullopt);
  responder_->SendLast("all of it");
  const HttpAnswer answer = client_->Read();  // the loop does not run
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Field("x-mine"), "1");
  EXPECT_EQ(answer.body, "all of it");
  EXPECT_TRUE(answer.complete);
  EXPECT_FALSE(responder_->reusable());
  EXPECT_TRUE(Do(responder_->End()));
  EXPECT_TRUE(responder_->reusable());
}

TEST_F(ResponderTest, LastPieceAfterOthers) {
  Connect({.keep_alive = true});
  responder_->Begin({}, std::nullopt);
  EXPECT_TRUE(Do(responder_->Write("one, ")));
  responder_->SendLast("two");
  EXPECT_TRUE(Do(responder_->End()));
  const HttpAnswer answer = client_->Read();
  EXPECT_EQ(answer.body, "one, two");
  EXPECT_TRUE(answer.complete);
}

TEST_F(ResponderTest, LastPieceMayBeNothing) {
  for (const std::optional<uint64_t> length : {std::optional<uint64_t>(), {0}}) {
    Connect({.keep_alive = true});
    responder_->Begin({}, length);
    responder_->SendLast("");
    EXPECT_TRUE(Do(responder_->End()));
    const HttpAnswer answer = client_->Read();
    EXPECT_EQ(answer.body, "");
    EXPECT_TRUE(answer.complete);
  }
}

TEST_F(ResponderTest, WhatTheKernelDoesNotTakeAtOnceIsSentByTheEnd) {
  Connect({.keep_alive = true});
  const std::string large(64 << 20, 'x');
  responder_->Begin({}, large.size());
  responder_->SendLast(large);
  HttpAnswer answer;
  std::thread reader([&] { answer = client_->Read(); });
  EXPECT_TRUE(Do(responder_->End()));
  reader.join();
  EXPECT_TRUE(answer.body == large);
  EXPECT_TRUE(responder_->reusable());
}

TEST_F(ResponderTest, LastPieceToAClientThatHasGoneFailsAtTheEnd) {
  Connect({.keep_alive = true});
  client_->Reset();
  responder_->Begin({}, std::nullopt);
  responder_->SendLast(std::string(64 << 20, 'x'));
  EXPECT_FALSE(Do(responder_->End()));
  EXPECT_FALSE(responder_->reusable());
}

TEST_F(ResponderTest, AnswerToHeadHasItsLengthAndNoBody) {
  Connect({.head_only = true});
  EXPECT_TRUE(Do(responder_->Send({}, "body")));
  Close();
  const HttpAnswer answer = client_->Read(/*head_only=*/true);
  EXPECT_EQ(answer.Field("content-length"), "4");
  EXPECT_TRUE(client_->ReadEnd());
}

TEST_F(ResponderTest, Http10GetsNoChunksAndTheEndOfTheConnection) {
  Connect({.http_1_0 = true, .keep_alive = true});
  responder_->Begin({}, std::nullopt);
  EXPECT_TRUE(Do(responder_->Write("some ")));
  responder_->SendLast("text");
  EXPECT_TRUE(Do(responder_->End()));
  EXPECT_FALSE(responder_->reusable());
  Close();
  const HttpAnswer answer = client_->Read();
  EXPECT_THAT(answer.head, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_EQ(answer.body, "some text");
}

TEST_F(ResponderTest, AnswerThatIsCutIsReset) {
  Connect({.http_1_0 = true});
  responder_->Begin({}, std::nullopt);
  EXPECT_TRUE(Do(responder_->Write("some ")));
  responder_->CutUnlessEnded();
  EXPECT_FALSE(client_->Read().complete);
}

TEST_F(ResponderTest, StatusOfTheProvidersOwnHasNoReason) {
  Connect({});
  EXPECT_TRUE(Do(responder_->Send({529, "", {}}, "{}")));
  EXPECT_THAT(client_->Read().head, StartsWith("HTTP/1.1 529 \r\n"));
}

}  // namespace
}  // namespace zbroker::gateway
