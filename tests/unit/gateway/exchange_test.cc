#include "shims/gateway/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/container.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/gateway/relay.h"

namespace zbroker::gateway {
namespace {

using testing::FakeBroker;
using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpConnection;
using testing::RawUpstream;
using testing::WaitUntil;

constexpr char kPrompt[] =
    R"({"model":"glm-4.7","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
constexpr char kStreamPrompt[] =
    R"({"model":"glm-4.7","stream":true,"messages":[{"role":"user","content":"hi"}]})";
constexpr char kMessage[] = R"({"type":"message","usage":{"input_tokens":7,"output_tokens":2}})";

std::string Answer(int status, absl::string_view body, absl::string_view fields = "") {
  return absl::StrCat("HTTP/1.1 ", status, " Told\r\nContent-Type: application/json\r\n", fields,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

class ExchangeTest : public RelayTest {
 protected:
  // Once so many leases were given back.
  std::vector<FakeBroker::End> Ends(size_t count) {
    EXPECT_TRUE(WaitUntil([&] { return broker_.Ends().size() >= count; }));
    return broker_.Ends();
  }
};

TEST_F(ExchangeTest, AsksForWhatTheRequestIs) {
  Start(RawUpstream::Always(Answer(200, kMessage)));
  EXPECT_EQ(Ask(Post(kPrompt, "x-session-id: s1\r\n")).body, kMessage);
  const FakeBroker::End end = Ends(1).at(0);
  EXPECT_EQ(end.request.model(), "glm-4.7");
  EXPECT_EQ(end.request.kind(), v1::KIND_PROMPT);
  EXPECT_EQ(end.request.session(), "s1");
  EXPECT_TRUE(end.request.takes_throttles());
  EXPECT_EQ(end.outcome, v1::OUTCOME_OK);
  EXPECT_EQ(end.details.http_status(), 200u);
  EXPECT_EQ(end.details.usage().input_tokens(), 7);
}

TEST_F(ExchangeTest, TellsWhoAsked) {
  Start(RawUpstream::Always(Answer(200, kMessage)));
  Ask(Post(kPrompt));
  const FakeBroker::End end = Ends(1).at(0);
  EXPECT_EQ(end.request.program_pid(), PidForOthers(getpid()));
  EXPECT_EQ(end.request.session(), SessionOfProcess(end.request.program(), getpid()));
}

TEST_F(ExchangeTest, TellsTheProjectOfWhoAsked) {
  Start(RawUpstream::Always(Answer(200, kMessage)));
  const testing::TempDir dir;
  std::filesystem::create_directories(dir.File("shop/.git"));
  const std::string before = std::filesystem::current_path();
  std::filesystem::current_path(dir.File("shop"));
  Ask(Post(kPrompt));
  std::filesystem::current_path(before);
  EXPECT_EQ(Ends(1).at(0).request.project(), "shop");
}

TEST_F(ExchangeTest, ThrottleGoesBackWithItsTicket) {
  Start([](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    return peer.Send(request.number == 1
                         ? Answer(429, R"({"error":{"code":"1302","message":"Rate limit"}})",
                                  "retry-after: 0\r\n")
                         : Answer(200, kMessage));
  });
  EXPECT_EQ(Ask(Post(kPrompt)).body, kMessage);
  const auto ends = Ends(2);
  EXPECT_EQ(ends[0].outcome, v1::OUTCOME_THROTTLE);
  EXPECT_EQ(ends[1].outcome, v1::OUTCOME_OK);
  EXPECT_EQ(ends[0].request.ticket(), ends[1].request.ticket());
}

TEST_F(ExchangeTest, RefusalIsAnsweredInTheProtocolsShape) {
  broker_.Refuse(absl::UnavailableError("no daemon"));
  Start(RawUpstream::Always(Answer(200, kMessage)));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr(R"({"type":"error")"));
  EXPECT_THAT(answer.body, HasSubstr("no daemon"));
  EXPECT_EQ(upstream_->requests().size(), 0u);
}

TEST_F(ExchangeTest, ClientThatLeavesWhileQueuedKeepsItsPlaceForTheSameRequest) {
  broker_.SetSlots(0);
  Start(RawUpstream::Always(Answer(200, kMessage)));
  HttpConnection leaves = Connect();
  ASSERT_TRUE(leaves.Send(Post(kPrompt)));
  ASSERT_TRUE(WaitUntil([&] { return broker_.waiting() == 1; }));
  const std::string ticket = broker_.Waiters().at(0).ticket();
  leaves.Close();
  ASSERT_TRUE(WaitUntil([&] { return broker_.KeptPlaces().size() == 1; }));
  HttpConnection other = Connect();
  ASSERT_TRUE(other.Send(
      Post(R"({"model":"glm-4.6","messages":[{"role":"user","content":"something else"}]})")));
  ASSERT_TRUE(WaitUntil([&] { return broker_.waiting() == 1; }));
  EXPECT_NE(broker_.Waiters().at(0).ticket(), ticket);
  HttpConnection again = Connect();
  ASSERT_TRUE(again.Send(Post(kPrompt)));
  ASSERT_TRUE(WaitUntil([&] { return broker_.waiting() == 2; }));
  EXPECT_EQ(broker_.Waiters().at(1).ticket(), ticket);
}

// A release before would hold up the client; one after a slow client has read all, the next one.
TEST_F(ExchangeTest, SlotIsFreeWhenTheUpstreamIsDoneHoweverSlowlyTheClientReads) {
  const std::string large(3 << 20, 'x');
  Start(RawUpstream::Always(Answer(200, absl::StrCat("{\"content\":\"", large, "\"}"))));
  HttpConnection slow = Connect();
  ASSERT_TRUE(slow.Send(Post(kPrompt)));
  EXPECT_EQ(Ends(1).at(0).outcome, v1::OUTCOME_OK);
  EXPECT_EQ(slow.Read().body.size(), large.size() + 14);
}

TEST_F(ExchangeTest, WhatWasSeenOfACutStreamIsTold) {
  Start([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n"
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":"
        "{\"usage\":{\"input_tokens\":60,\"cache_read_input_tokens\":40}}}\n\n"
        "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"hello\"}}\n\n");
    peer.AwaitEnd();
    return false;
  });
  HttpConnection client = Connect();
  ASSERT_TRUE(client.Send(Post(kStreamPrompt)));
  client.ReadUntil("hello");
  client.Close();
  const FakeBroker::End end = Ends(1).at(0);
  EXPECT_EQ(end.outcome, v1::OUTCOME_CANCELLED);
  EXPECT_TRUE(end.details.under_way());
  EXPECT_EQ(end.details.http_status(), 200u);
  EXPECT_TRUE(end.details.has_first_byte());
  EXPECT_EQ(end.details.usage().input_tokens(), 60);
  EXPECT_EQ(end.details.usage().cached_tokens(), 40);
}

TEST_F(ExchangeTest, UpstreamsEndAfterItsClientsIsTold) {
  Start([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.AwaitEnd();
    return false;
  });
  HttpConnection client = Connect();
  ASSERT_TRUE(client.Send(Post(kPrompt)));
  ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
  client.Close();
  const FakeBroker::End end = Ends(1).at(0);
  EXPECT_TRUE(end.details.under_way());
  ASSERT_TRUE(WaitUntil([&] { return !broker_.EndsSeen().empty(); }));
  EXPECT_THAT(broker_.EndsSeen(), ::testing::ElementsAre(end.lease_id));
}

TEST_F(ExchangeTest, StatusThatHttpDoesNotKnowIsNotTold) {
  Start(RawUpstream::Always(Answer(799, kMessage)));
  EXPECT_EQ(Ask(Post(kPrompt)).status, 799);
  EXPECT_EQ(Ends(1).at(0).details.http_status(), 0u);
}

TEST_F(ExchangeTest, UpstreamThatGivesA5xxIsAskedOnAnotherConnection) {
  Start([](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    return peer.Send(Answer(request.number == 1 ? 502 : 200, kMessage));
  });
  EXPECT_EQ(Ask(Post(kPrompt)).status, 502);
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  EXPECT_EQ(upstream_->connections(), 2);
}

}  // namespace
}  // namespace zbroker::gateway
