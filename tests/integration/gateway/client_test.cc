// Clients that go away, close half of their connection, or don't read.
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

class ClientTest : public GatewayTest {
 protected:
  ClientTest() : GatewayTest(kOneSlot) {}
  ~ClientTest() override { open_ = true; }  // lets what is still served end

  void StartWith(RawUpstream::Serve serve, const std::vector<std::string>& flags = {}) {
    upstream_.emplace(std::move(serve));
    Start(upstream_->url(), flags);
  }
  // Serves when the test lets it.
  void StartGated(std::string answer = Answer(200, kMessage)) {
    StartWith([this, answer = std::move(answer)](const RawUpstream::Request&,
                                                 const RawUpstream::Peer& peer) {
      WaitUntil([&] { return open_.load(); });
      return peer.Send(answer);
    });
  }
  // A client whose request is being served upstream.
  HttpConnection Occupy() {
    HttpConnection connection = Connect();
    connection.Send(Post(kPrompt));
    EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
    return connection;
  }

  std::atomic<bool> open_ = false;
  std::optional<RawUpstream> upstream_;
};

TEST_F(ClientTest, HalfClosedClientGetsItsAnswer) {
  StartGated();
  HttpConnection first = Occupy();
  first.HalfClose();
  HttpConnection second = Connect();
  second.Send(Post(kPrompt));
  second.HalfClose();
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  // Longer than it takes to find out that a client has gone.
  HttpConnection third = Connect();
  third.Send(Post(kPrompt));
  third.Close();
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  open_ = true;
  EXPECT_EQ(first.Read().body, kMessage);
  EXPECT_EQ(second.Read().body, kMessage);
  EXPECT_TRUE(second.ReadEnd());
}

TEST_F(ClientTest, HalfClosedClientGetsItsStream) {
  StartGated(StreamAnswer());
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  client.HalfClose();
  open_ = true;
  const HttpAnswer answer = client.Read();
  EXPECT_TRUE(answer.complete);
  EXPECT_THAT(answer.body, HasSubstr("message_stop"));
}

TEST_F(ClientTest, ClientThatClosesWhileQueuedGivesUpItsPlace) {
  StartGated();
  HttpConnection holder = Occupy();
  HttpConnection closed = Connect();
  closed.Send(Post(kPrompt));
  HttpConnection reset = Connect();
  reset.Send(Post(kPrompt));
  HttpConnection stays = Connect();
  stays.Send(Post(kPrompt));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 3));
  closed.Close();
  reset.Reset();
  EXPECT_TRUE(daemon_.WaitForSlots(1, 1));
  open_ = true;
  EXPECT_EQ(holder.Read().status, 200);
  EXPECT_EQ(stays.Read().status, 200);
  EXPECT_EQ(SettledRows().size(), 2u);
  EXPECT_EQ(upstream_->requests().size(), 2u);
}

// Its next request is there already, and hides the end of the connection.
TEST_F(ClientTest, PipeliningClientThatClosesWhileQueuedGivesUpItsPlace) {
  StartGated();
  HttpConnection holder = Occupy();
  HttpConnection closed = Connect();
  closed.Send(Post(kPrompt));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  closed.Send(Post(kPrompt));
  closed.Close();
  EXPECT_TRUE(daemon_.WaitForSlots(1, 0));
  open_ = true;
  EXPECT_EQ(holder.Read().status, 200);
  EXPECT_EQ(SettledRows().size(), 1u);
}

TEST_F(ClientTest, ClientThatClosesWhileTheUpstreamWorksEndsTheRequest) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.AwaitEnd();
    return false;
  });
  HttpConnection client = Occupy();
  client.Close();
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_CANCELLED);
}

TEST_F(ClientTest, ClientThatClosesMidStreamEndsTheRequest) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(absl::StrCat(kStreamHead, Chunk(kStreamStart)));
    peer.AwaitEnd();
    return false;
  });
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  EXPECT_THAT(client.ReadUntil(kStreamStart), HasSubstr(kStreamStart));
  client.Close();
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_CANCELLED);
}

// The provider counts it, whoever reads it.
TEST_F(ClientTest, WhatWasSeenOfAStreamThatItsClientCutIsRecorded) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(absl::StrCat(kStreamHead, Chunk(kStreamStart), Chunk(kStreamDelta)));
    peer.AwaitEnd();
    return false;
  });
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  EXPECT_THAT(client.ReadUntil("hello"), HasSubstr("hello"));
  client.Close();
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.outcome(), v1::OUTCOME_CANCELLED);
  EXPECT_EQ(row.http_status(), 200u);
  EXPECT_TRUE(row.has_first_byte());
  EXPECT_EQ(row.usage().input_tokens(), 7);
  EXPECT_EQ(row.usage().output_tokens(), 1);
}

TEST_F(ClientTest, WhatWasSeenOfAnAnswerThatWasNotYetPassedOnIsRecordedToo) {
  StartWith([this](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{");
    open_ = true;
    peer.AwaitEnd();
    return false;
  });
  HttpConnection client = Connect();
  client.Send(Post(kPrompt));
  ASSERT_TRUE(WaitUntil([&] { return open_.load(); }));
  // The gateway takes things in their order: after this one it has read the upstream's.
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 404);
  client.Close();
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.outcome(), v1::OUTCOME_CANCELLED);
  EXPECT_EQ(row.http_status(), 200u);
  EXPECT_TRUE(row.has_first_byte());
  EXPECT_FALSE(row.has_usage());
}

TEST_F(ClientTest, LogSaysWhatBecameOfARequestThatItsClientLeft) {
  StartWith(
      [this](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
        if (request.number == 1) {
          WaitUntil([&] { return open_.load(); });
          return peer.Send(Answer(200, kMessage));
        }
        peer.Send(absl::StrCat(kStreamHead, Chunk(kStreamStart)));
        peer.AwaitEnd();
        return false;
      },
      {"-v", "--ping-after", "50ms"});
  const auto logged = [this](absl::string_view text) {
    return WaitUntil([&] { return absl::StrContains(gateway_->process().Err(), text); });
  };
  HttpConnection holder = Occupy();
  HttpConnection waits = Connect();
  waits.Send(Post(kStreamPrompt));
  // Its head has gone out; nothing was sent upstream.
  EXPECT_THAT(waits.ReadUntil("ping"), HasSubstr("HTTP/1.1 200"));
  waits.Close();
  EXPECT_TRUE(logged("POST /v1/messages (client left while it waited) glm-4.7"));
  open_ = true;
  EXPECT_EQ(holder.Read().status, 200);
  EXPECT_TRUE(logged("POST /v1/messages 200 glm-4.7 lease"));
  HttpConnection leaves = Connect();
  leaves.Send(Post(kStreamPrompt));
  leaves.ReadUntil(kStreamStart);
  leaves.Close();
  EXPECT_TRUE(logged("POST /v1/messages 200 (client left in the middle) glm-4.7"));
}

TEST_F(ClientTest, ClientThatResetsWhileBytesPourEndsTheRequest) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(kStreamHead);
    while (peer.Send(Chunk(kStreamDelta))) {
    }
    return false;
  });
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  EXPECT_THAT(client.ReadUntil("hello"), HasSubstr("hello"));
  client.Reset();
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_CANCELLED);
}

// One that doesn't read holds up its own upstream, and neither others nor the gateway's memory.
TEST_F(ClientTest, ReaderThatDoesNotReadHoldsUpNobodyElse) {
  constexpr size_t kPoured = 200 << 20;
  daemon_.SetConfig("");
  std::atomic<size_t> poured = 0;
  StartWith([&](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    if (request.body != kStreamPrompt) return peer.Send(Answer(200, kMessage));
    const std::string chunk =
        Chunk(absl::StrCat("data: {\"text\":\"", std::string(64 << 10, 'x'), "\"}\n\n"));
    peer.Send(kStreamHead);
    while (poured < kPoured && peer.Send(chunk)) poured += chunk.size();
    return false;
  });
  Ask(Post(kPrompt));
  const size_t before = ResidentBytes(gateway_->process().pid());
  HttpConnection slow = Connect(/*receive_bytes=*/64 << 10);
  slow.Send(Post(kStreamPrompt));
  ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1 && poured > 0; }));
  size_t last = 0;
  ASSERT_TRUE(WaitUntil([&] { return std::exchange(last, poured.load()) == poured; }));
  for (int i = 0; i < 200; ++i) ASSERT_EQ(Ask(Post(kPrompt)).body, kMessage);
#ifdef ZBROKER_SANITIZED
  constexpr size_t kGrowth = 128 << 20;  // memory that is freed later
#else
  constexpr size_t kGrowth = 64 << 20;
#endif
  // What the kernel keeps of two connections, and a little in between.
  EXPECT_LT(poured, size_t{32} << 20);
  EXPECT_LT(ResidentBytes(gateway_->process().pid()), before + kGrowth);
  RecordProperty("resident_kib", static_cast<int>(ResidentBytes(gateway_->process().pid()) >> 10));
  slow.Close();
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
}

}  // namespace
}  // namespace zbroker::testing
