// Requests that wait: what their clients hear meanwhile, how long, and how many there may be.
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kPing[] = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

class QueueTest : public GatewayTest {
 protected:
  QueueTest() : GatewayTest(kOneSlot) {}
  ~QueueTest() override { open_ = true; }  // lets what is still served end

  // The first request is held until the test opens; the others get `answer` at once.
  void StartBehindOne(std::string answer, const std::vector<std::string>& flags) {
    upstream_.emplace([this, answer = std::move(answer)](const RawUpstream::Request& request,
                                                         const RawUpstream::Peer& peer) {
      if (request.number > 1) return peer.Send(answer);
      WaitUntil([&] { return open_.load(); });
      return peer.Send(Answer(200, kMessage));
    });
    Start(upstream_->url(), flags);
    holder_.emplace(Connect());
    holder_->Send(Post(kPrompt));
    ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
  }

  std::atomic<bool> open_ = false;
  std::optional<RawUpstream> upstream_;
  std::optional<HttpConnection> holder_;
};

TEST_F(QueueTest, QueuedStreamGetsPingsAndThenItsAnswer) {
  StartBehindOne(StreamAnswer(), {"--ping-after", "200ms", "--ping-interval", "50ms"});
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  EXPECT_THAT(client.ReadUntil(Chunk(kPing) + Chunk(kPing)),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream"),
                    HasSubstr(Chunk(kPing) + Chunk(kPing))));
  open_ = true;
  const HttpAnswer answer = client.Read();
  EXPECT_TRUE(answer.complete);
  EXPECT_THAT(answer.body, EndsWith(absl::StrCat(kPing, kStreamStart, kStreamDelta, kStreamEnd)));
}

TEST_F(QueueTest, ErrorAfterPingsComesAsAnEvent) {
  StartBehindOne(Answer(400, ErrorBody("1210", "bad parameter")), {"--ping-after", "100ms"});
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  client.ReadUntil(kPing);
  open_ = true;
  const HttpAnswer answer = client.Read();
  EXPECT_TRUE(answer.complete);
  EXPECT_THAT(answer.body,
              AllOf(HasSubstr("\nevent: error\ndata: {\"type\":\"error\""),
                    HasSubstr("\"code\":\"1210\""), HasSubstr("bad parameter"), EndsWith("}\n\n")));
}

TEST_F(QueueTest, AnswerWithoutAStreamAfterPingsBecomesOne) {
  StartBehindOne(Answer(200, kMessage), {"--ping-after", "100ms"});
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  client.ReadUntil(kPing);
  open_ = true;
  const HttpAnswer answer = client.Read();
  EXPECT_TRUE(answer.complete);
  EXPECT_THAT(answer.body, AllOf(HasSubstr("\nevent: message_start\n"), HasSubstr("\"hello\""),
                                 HasSubstr("\nevent: message_stop\n")));
  EXPECT_EQ(v1::Outcome_Name(SettledRows().at(0).outcome()), "OUTCOME_OK");
}

TEST_F(QueueTest, PingsOfTheOpenAiProtocolAreCommentsAndItsErrorsAreData) {
  StartBehindOne(Answer(400, ErrorBody("1210", "bad parameter")), {"--ping-after", "100ms"});
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt, "", "/v4/chat/completions"));
  client.ReadUntil(": ping\n\n");
  open_ = true;
  EXPECT_THAT(client.Read().body,
              AllOf(StartsWith(": ping\n\n"), HasSubstr("\ndata: {\"error\":{")));
}

TEST_F(QueueTest, RequestThatIsNoStreamHearsNothingUntilItsAnswer) {
  StartBehindOne(Answer(200, kMessage), {"--ping-after", "50ms", "--ping-interval", "50ms"});
  HttpConnection stream = Connect();
  stream.Send(Post(kStreamPrompt));
  HttpConnection plain = Connect();
  plain.Send(Post(kPrompt));
  stream.ReadUntil(Chunk(kPing) + Chunk(kPing));
  open_ = true;
  const HttpAnswer answer = plain.Read();
  EXPECT_EQ(answer.body, kMessage);
  int waited_ms = 0;
  EXPECT_TRUE(absl::SimpleAtoi(answer.Field("x-zbroker-waited-ms"), &waited_ms));
  EXPECT_GE(waited_ms, 50);
}

TEST_F(QueueTest, RequestIsAnsweredBeforeItsClientGivesUp) {
  StartBehindOne(Answer(200, kMessage), {});
  const absl::Time begin = absl::Now();
  const HttpAnswer answer = Ask(Post(kPrompt, "x-stainless-timeout: 1\r\n"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("zbroker: "));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(800));
  EXPECT_EQ(upstream_->requests().size(), 1u);
  open_ = true;
  EXPECT_EQ(SettledRows().size(), 1u);
}

TEST_F(QueueTest, WhoAsksAgainAfterThatHasThePlaceOfBefore) {
  StartBehindOne(Answer(200, kMessage), {});
  const std::string impatient = Post(kPrompt, "x-session-id: one\r\nx-stainless-timeout: 3\r\n");
  HttpConnection first = Connect();
  first.Send(impatient);
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  HttpConnection second = Connect();
  second.Send(Post(kPrompt, "x-session-id: two\r\n"));
  EXPECT_EQ(first.Read().status, 503);
  HttpConnection again = Connect();
  again.Send(impatient);
  ASSERT_TRUE(daemon_.WaitForSlots(1, 2));
  std::vector<std::string> queue;
  const v1::Status status = daemon_.Status();
  for (const v1::WaiterInfo& one : status.accounts(0).waiters()) {
    queue.push_back(one.session());
  }
  EXPECT_THAT(queue, ElementsAre("one", "two"));
  open_ = true;
}

// The ping comes in time for the client, whatever it is set to.
TEST_F(QueueTest, StreamWaitsLongerThanItsClientAllowsForATry) {
  StartBehindOne(StreamAnswer(), {"--ping-after", "1h"});
  HttpConnection client = Connect();
  const absl::Time begin = absl::Now();
  client.Send(Post(kStreamPrompt, "x-stainless-timeout: 3\r\n"));
  EXPECT_THAT(client.ReadUntil(kPing), HasSubstr(kPing));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
  open_ = true;
  EXPECT_THAT(client.Read().body, HasSubstr("message_stop"));
}

TEST_F(QueueTest, AbsurdTimeOfAClientMakesNoStormOfPings) {
  StartBehindOne(StreamAnswer(), {});
  HttpConnection client = Connect();
  const absl::Time begin = absl::Now();
  client.Send(Post(kStreamPrompt, "x-stainless-timeout: 0.000001\r\n"));
  client.ReadUntil(Chunk(kPing) + Chunk(kPing));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(900));
  open_ = true;
  EXPECT_THAT(client.Read().body, HasSubstr("message_stop"));
}

TEST_F(QueueTest, TimeoutOfTheGatewayEndsTheWait) {
  // The one that holds the slot must get it within that time on a busy machine, too.
  StartBehindOne(Answer(200, kMessage), {"--timeout", "1500ms"});
  EXPECT_EQ(Ask(Post(kPrompt)).status, 503);
  EXPECT_TRUE(daemon_.WaitForSlots(1, 0));
}

// As many as there are, each of the size that a coding agent sends.
TEST_F(QueueTest, AThousandQueuedRequestsAllEndWell) {
  constexpr int kRequests = 1000;
  const std::string body =
      absl::StrCat(R"({"model":"glm-4.7","messages":[{"role":"user","content":")",
                   std::string(76'000, 'x'), R"("}]})");
  StartBehindOne(Answer(200, kMessage), {});
  const pid_t gateway = gateway_->process().pid();
  const size_t before = ResidentBytes(gateway);
  std::vector<HttpConnection> clients;
  for (int i = 0; i < kRequests; ++i) {
    clients.push_back(Connect());
    ASSERT_TRUE(clients.back().Send(Post(body)));
  }
  ASSERT_TRUE(daemon_.WaitForSlots(1, kRequests));
  RecordProperty("gateway_kib", static_cast<int>(ResidentBytes(gateway) >> 10));
  RecordProperty("daemon_kib", static_cast<int>(ResidentBytes(daemon_.RunningPid()) >> 10));
#ifdef ZBROKER_SANITIZED
  constexpr size_t kCopies = 6;  // red zones, and memory that is freed later
#else
  constexpr size_t kCopies = 3;
#endif
  EXPECT_LT(ResidentBytes(gateway) - before, size_t{kRequests} * kCopies * body.size());
  open_ = true;
  for (HttpConnection& client : clients) EXPECT_EQ(client.Read().body, kMessage);
  const auto rows = SettledRows();
  EXPECT_EQ(rows.size(), kRequests + 1u);
  for (const v1::LedgerRow& row : rows) EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
}

}  // namespace
}  // namespace zbroker::testing
