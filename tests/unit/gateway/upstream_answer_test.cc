#include "shims/gateway/upstream_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/testing/raw_upstream.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/gateway/loop.h"

namespace zbroker::gateway {
namespace {

using ::testing::HasSubstr;
using testing::RawUpstream;

constexpr char kEvents[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n";
constexpr char kUnframedEvents[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
constexpr char kPingEvent[] = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
constexpr char kStart[] =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
    "{\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}\n\n";
constexpr char kStop[] = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

std::string Document(int status, absl::string_view body, absl::string_view fields = "") {
  return absl::StrCat("HTTP/1.1 ", status, " Told\r\nContent-Type: application/json\r\n", fields,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

class UpstreamAnswerTest : public ::testing::Test {
 protected:
  ~UpstreamAnswerTest() override {
    step_ = 1000;
    answer_.reset();
  }

  // Sends one piece after the other, each when the test says so, and keeps the connection open.
  void Serve(std::vector<std::string> pieces, UpstreamAnswer::TimeOuts time_outs = {}) {
    upstream_.emplace([this, pieces = std::move(pieces)](const RawUpstream::Request&,
                                                         const RawUpstream::Peer& peer) {
      for (size_t i = 0; i < pieces.size(); ++i) {
        while (step_ < static_cast<int>(i)) std::this_thread::yield();
        peer.Send(pieces[i]);
      }
      if (close_) return false;
      peer.AwaitEnd();
      return false;
    });
    request_ = {.method = "POST", .url = absl::StrCat(upstream_->url(), "/v1/messages")};
    answer_ = std::make_unique<UpstreamAnswer>(
        curl_, changed_, zai::FindEndpoint("POST", "/v1/messages"), request_, time_outs);
  }
  template <typename Condition>
  bool AdvanceUntil(const Condition& condition) {
    return RunUntil(io_, [&] {
      answer_->Advance(absl::Now());
      return condition();
    });
  }
  void AwaitFinish() {
    EXPECT_TRUE(AdvanceUntil([&] {
      if (answer_->ready()) taken_ += answer_->Take();
      return answer_->finished();
    }));
    taken_ += answer_->Take();
  }

  asio::io_context io_{1};
  CurlLoop curl_{io_};
  Wakeup changed_{io_};
  UpstreamRequest request_;
  std::atomic<int> step_ = 0;
  std::atomic<bool> close_ = false;
  std::string taken_;
  std::optional<RawUpstream> upstream_;
  std::unique_ptr<UpstreamAnswer> answer_;
};

TEST_F(UpstreamAnswerTest, StreamIsKeptBackUntilAnEventMeansSomething) {
  Serve({absl::StrCat(kEvents, kPingEvent), kStart});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->kept() == kPingEvent; }));
  EXPECT_FALSE(answer_->ready());
  step_ = 1;
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_TRUE(answer_->is_event_stream());
  EXPECT_EQ(answer_->Take(), absl::StrCat(kPingEvent, kStart));
}

TEST_F(UpstreamAnswerTest, ErrorAsTheFirstEventIsTheVerdict) {
  Serve({absl::StrCat(kEvents, "event: error\ndata: {\"error\":{\"code\":\"1302\",",
                      "\"message\":\"Rate limit reached\"}}\n\n")});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_EQ(answer_->verdict().signal, zai::Signal::kThrottle);
}

std::string Untyped(absl::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

constexpr char kThrottleJson[] = R"({"error":{"code":"1302","message":"Rate limit reached"}})";

TEST_F(UpstreamAnswerTest, DocumentWithoutATypeIsRead) {
  const std::string whole = Untyped(kThrottleJson);
  Serve({whole.substr(0, whole.size() - 1), "}"});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->has_head() && !answer_->kept().empty(); }));
  EXPECT_FALSE(answer_->ready());
  step_ = 1;
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_EQ(answer_->verdict().code, "1302");
}

// The type is that of what was asked for, and not of what came.
TEST_F(UpstreamAnswerTest, DocumentInAStreamsPlaceIsRead) {
  Serve({absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: ",
                      sizeof kThrottleJson - 1, "\r\n\r\n", kThrottleJson)});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_FALSE(answer_->is_event_stream());
  EXPECT_EQ(answer_->verdict().code, "1302");
}

TEST_F(UpstreamAnswerTest, StreamWithoutItsTypeIsWatched) {
  for (const char* type :
       {"", "Content-Type: application/json\r\n", "Content-Type: text/plain\r\n"}) {
    step_ = 0;
    Serve({absl::StrCat("HTTP/1.1 200 OK\r\n", type, "Content-Length: 9999\r\n\r\n", "ev"),
           absl::StrCat("ent: error\ndata: ", kThrottleJson, "\n\n")});
    ASSERT_TRUE(AdvanceUntil([&] { return !answer_->kept().empty(); }));
    EXPECT_FALSE(answer_->ready());
    step_ = 1;
    ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
    EXPECT_TRUE(answer_->is_event_stream());
    EXPECT_EQ(answer_->verdict().code, "1302");
    answer_.reset();
  }
}

TEST_F(UpstreamAnswerTest, WhatIsNeitherPassesAsItComes) {
  Serve({"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 9999\r\n\r\nID3"});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_FALSE(answer_->is_event_stream());
  EXPECT_EQ(answer_->Take(), "ID3");
}

TEST_F(UpstreamAnswerTest, NothingAtAllIsEmpty) {
  close_ = true;
  Serve({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"});
  AwaitFinish();
  EXPECT_EQ(answer_->verdict().signal, zai::Signal::kTransient);
}

TEST_F(UpstreamAnswerTest, DocumentIsKeptBackUntilItIsComplete) {
  const std::string whole = Document(200, R"({"usage":{"input_tokens":3,"output_tokens":4}})");
  Serve({whole.substr(0, whole.size() - 1), "}"});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->has_head() && !answer_->kept().empty(); }));
  EXPECT_FALSE(answer_->ready());
  step_ = 1;
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_TRUE(answer_->is_whole());
  EXPECT_EQ(answer_->usage().input, 3);
  EXPECT_EQ(answer_->usage().output, 4);
}

TEST_F(UpstreamAnswerTest, BodyOfAnUnknownEncodingPassesAsItComes) {
  Serve(
      {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: compress\r\n"
       "Content-Length: 999\r\n\r\nxyz"});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_FALSE(answer_->finished());
}

TEST_F(UpstreamAnswerTest, SilenceBeforeTheHeadIsATimeOut) {
  Serve({""}, {.first_byte = absl::Milliseconds(50)});
  AwaitFinish();
  EXPECT_FALSE(answer_->has_head());
  EXPECT_TRUE(absl::IsDeadlineExceeded(answer_->result()));
  EXPECT_EQ(answer_->verdict().signal, zai::Signal::kTransient);
}

TEST_F(UpstreamAnswerTest, SilenceWithinAStreamIsATimeOut) {
  Serve({absl::StrCat(kEvents, kStart)}, {.idle = absl::Milliseconds(50)});
  AwaitFinish();
  EXPECT_TRUE(absl::IsDeadlineExceeded(answer_->result()));
  EXPECT_EQ(taken_, kStart);
}

TEST_F(UpstreamAnswerTest, AnUpstreamMayThinkForTenMinutes) {
  EXPECT_GT(UpstreamAnswer::TimeOuts().idle, absl::Minutes(10));
  EXPECT_GT(UpstreamAnswer::TimeOuts().first_byte, absl::Minutes(10));
}

TEST_F(UpstreamAnswerTest, UnframedStreamWithItsEndIsWhole) {
  close_ = true;
  Serve({absl::StrCat(kUnframedEvents, kStart, kStop)});
  AwaitFinish();
  EXPECT_OK(answer_->result());
}

TEST_F(UpstreamAnswerTest, UnframedStreamWithoutItsEndIsBroken) {
  close_ = true;
  Serve({absl::StrCat(kUnframedEvents, kStart)});
  AwaitFinish();
  EXPECT_FALSE(answer_->result().ok());
  EXPECT_EQ(answer_->verdict().signal, zai::Signal::kTransient);
}

TEST_F(UpstreamAnswerTest, GivenUpItKnowsWhatHadComeAndWasNotTaken) {
  Serve({absl::StrCat(kEvents, kPingEvent, kStart),
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":"
         "{\"output_tokens\":99}}\n\n"});
  ASSERT_TRUE(AdvanceUntil([&] { return answer_->ready(); }));
  EXPECT_EQ(answer_->usage().output, 1);
  step_ = 1;
  EXPECT_TRUE(RunUntil(io_, [&] {
    answer_->GiveUp(absl::Now());
    return answer_->usage().output == 99;
  }));
}

TEST_F(UpstreamAnswerTest, SwitchOfProtocolsIsAnErrorAtOnce) {
  Serve({"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"});
  AwaitFinish();
  EXPECT_FALSE(answer_->has_head());
  EXPECT_THAT(std::string(answer_->result().message()), HasSubstr("another protocol"));
}

}  // namespace
}  // namespace zbroker::gateway
