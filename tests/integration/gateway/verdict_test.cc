// The upstream says no: what is tried again, what is passed on, and what the daemon learns.
#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kThrottleText[] = "Rate limit reached for requests";

class VerdictTest : public GatewayTest {
 protected:
  explicit VerdictTest(const std::string& config = "") : GatewayTest(config) {}

  // One answer after the other, and the last one for all that follow.
  void StartWith(std::vector<std::string> answers, const std::vector<std::string>& flags = {}) {
    upstream_.emplace([answers = std::move(answers)](const RawUpstream::Request& request,
                                                     const RawUpstream::Peer& peer) {
      const size_t index = static_cast<size_t>(request.number) - 1;
      return peer.Send(answers[std::min(index, answers.size() - 1)]);
    });
    Start(upstream_->url(), flags);
  }
  // The client gets the ordinary answer although the first was a throttle.
  void ExpectRetried(absl::string_view request, v1::Outcome first) {
    const HttpAnswer answer = Ask(request);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("hello"));
    EXPECT_THAT(answer.body, Not(HasSubstr("error")));
    EXPECT_EQ(upstream_->requests().size(), 2u);
    const auto rows = SettledRows();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].outcome(), first);
    EXPECT_EQ(rows[1].outcome(), v1::OUTCOME_OK);
  }

  std::optional<RawUpstream> upstream_;
};

std::string EventAnswer(absl::string_view events) {
  return absl::StrCat(kStreamHead, Chunk(events), kLastChunk);
}

TEST_F(VerdictTest, ThrottleIsTriedAgain) {
  StartWith(
      {Answer(429, ErrorBody("1302", kThrottleText), "retry-after: 0\r\n"), Answer(200, kMessage)});
  ExpectRetried(Post(kPrompt), v1::OUTCOME_THROTTLE);
}

// What an error quotes of the request goes to the client, and nowhere else.
TEST_F(VerdictTest, NeitherKeyNorPromptIsKeptOrLogged) {
  constexpr char kKey[] = "5ec2e7c0ffee.Zq8vXz4LrT6pWm2n";
  constexpr char kSecretPrompt[] =
      R"({"model":"glm-4.7","messages":[{"role":"user","content":"my patient is Anna Karenina"}]})";
  const std::string quotes =
      absl::StrCat("key ", kKey, " may not ask: my patient is Anna Karenina");
  StartWith({Answer(400, absl::StrCat(R"({"error":{"code":"odd_)", kKey, R"(","message":")", quotes,
                                      R"("}})")),
             Answer(401, ErrorBody("1000", quotes)), Answer(500, quotes),
             Answer(429, absl::StrCat(R"({"error":{"code":"9999","message":")", quotes, R"("}})"))},
            {"-v", "--retries", "0"});
  for (int i = 0; i < 4; ++i) {
    const HttpAnswer answer =
        Ask(Post(kSecretPrompt, absl::StrCat("Authorization: Bearer ", kKey, "\r\n"),
                 "/v1/messages?beta=true&key=Zq8vXz4LrT6pWm2n"));
    EXPECT_THAT(answer.body, HasSubstr("Anna Karenina"));
  }
  std::string kept = absl::StrCat(daemon_.Status().DebugString(), gateway_->process().Err());
  for (const v1::LedgerRow& row : SettledRows()) absl::StrAppend(&kept, row.DebugString());
  EXPECT_THAT(kept, HasSubstr("may not ask"));
  for (const char* secret : {"5ec2e7c0", "Zq8vXz4L", "Anna", "Karenina"}) {
    EXPECT_THAT(kept, Not(HasSubstr(secret)));
  }
}

TEST_F(VerdictTest, ErrorUnderStatus200IsTriedAgain) {
  StartWith({Answer(200, ErrorBody("1302", kThrottleText)), Answer(200, kMessage)});
  ExpectRetried(Post(kPrompt), v1::OUTCOME_THROTTLE);
}

TEST_F(VerdictTest, ErrorAsTheFirstEventIsTriedAgain) {
  StartWith({EventAnswer(absl::StrCat(": hi\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n",
                                      "event: error\ndata: ", ErrorBody("1305", "busy"), "\n\n")),
             StreamAnswer()});
  ExpectRetried(Post(kStreamPrompt), v1::OUTCOME_OVERLOAD);
}

TEST_F(VerdictTest, ErrorInTheMiddleOfAStreamIsPassedOn) {
  const std::string error =
      absl::StrCat("event: error\ndata: ", ErrorBody("1302", kThrottleText), "\n\n");
  std::atomic<bool> seen = false;
  upstream_.emplace([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(absl::StrCat(kStreamHead, Chunk(kStreamStart)));
    WaitUntil([&] { return seen.load(); });
    return peer.Send(absl::StrCat(Chunk(error), kLastChunk));
  });
  Start(upstream_->url());
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  client.ReadUntil(kStreamStart);
  seen = true;
  const HttpAnswer answer = client.Read();
  EXPECT_EQ(answer.body, absl::StrCat(kStreamStart, error));
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(upstream_->requests().size(), 1u);
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.outcome(), v1::OUTCOME_THROTTLE);
  EXPECT_EQ(row.upstream_code(), "1302");
}

TEST_F(VerdictTest, ErrorBeyondTheRetriesIsPassedOn) {
  const std::string body = ErrorBody("1302", kThrottleText);
  StartWith({Answer(429, body, "retry-after: 0\r\nX-Other: 1\r\n")}, {"--retries", "1"});
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, body);
  EXPECT_EQ(answer.Field("retry-after"), "1");
  EXPECT_EQ(answer.Field("x-other"), "1");
  EXPECT_EQ(answer.Field("x-should-retry"), "");
  EXPECT_EQ(upstream_->requests().size(), 2u);
  EXPECT_EQ(SettledRows().size(), 2u);
}

TEST_F(VerdictTest, ErrorsOfTheClientAndFaultsArePassedOnUnchanged) {
  const std::vector<std::pair<int, std::string>> errors = {
      {400, ErrorBody("1210", "bad parameter")},
      {401, ErrorBody("1001", "no key")},
      {404, "<html>not found</html>"},
      {500, "<html>internal</html>"},
      {503, ""},
  };
  std::vector<std::string> answers;
  for (const auto& [status, body] : errors) answers.push_back(Answer(status, body));
  StartWith(answers);
  for (const auto& [status, body] : errors) {
    const HttpAnswer answer = Ask(Post(kPrompt));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.body, body);
  }
  EXPECT_EQ(upstream_->requests().size(), errors.size());
}

TEST_F(VerdictTest, WallIsAnsweredAtOnceAndTellsTheClientNotToRetry) {
  const std::string body = ErrorBody(
      "1308", "Usage limit reached for 5 hour. Your limit will reset at 2099-01-01 00:00:00");
  StartWith({Answer(429, body, "retry-after: 287441\r\nx-should-retry: true\r\n")});
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, body);
  EXPECT_EQ(answer.Field("x-should-retry"), "false");
  EXPECT_EQ(answer.Field("retry-after"), "");
  EXPECT_EQ(upstream_->requests().size(), 1u);
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.outcome(), v1::OUTCOME_WALL);
  EXPECT_EQ(row.upstream_code(), "1308");
}

TEST_F(VerdictTest, WallIsRememberedAndTheUpstreamNotAskedAgain) {
  StartWith({Answer(429, ErrorBody("1308",
                                   "Usage limit reached for 5 hour. Your limit will reset "
                                   "at 2099-01-01 00:00:00"))});
  EXPECT_EQ(Ask(Post(kPrompt)).status, 429);
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).has_blocked(); }));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Field("x-should-retry"), "false");
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"1308")"));
  EXPECT_THAT(Ask(Post(kStreamPrompt, "", "/v4/chat/completions")).body,
              StartsWith(R"({"error":{"message":")"));
  EXPECT_EQ(upstream_->requests().size(), 1u);
  EXPECT_EQ(SettledRows().size(), 1u);
}

// Whoever waits is told of the wall by the first who meets it: no slot asks a second time.
TEST_F(VerdictTest, WallCostsOneRefusalASlotHoweverManyWait) {
  constexpr size_t kClients = 103;
  constexpr uint32_t kSlots = 3;
  std::atomic<bool> open = false;
  upstream_.emplace([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    WaitUntil([&] { return open.load(); });
    return peer.Send(Answer(429, ErrorBody("1308",
                                           "Usage limit reached for 5 hour. Your limit "
                                           "will reset at 2099-01-01 00:00:00")));
  });
  Start(upstream_->url());
  std::vector<HttpConnection> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(Connect());
    clients.back().Send(Post(kPrompt));
  }
  EXPECT_TRUE(daemon_.WaitForSlots(kSlots, kClients - kSlots));
  open = true;
  for (HttpConnection& client : clients) {
    const HttpAnswer answer = client.Read();
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.Field("x-should-retry"), "false");
  }
  EXPECT_EQ(upstream_->requests().size(), kSlots);
}

class ShadowVerdictTest : public VerdictTest {
 protected:
  ShadowVerdictTest() : VerdictTest("[account.default]\nshadow = true\n") {}
};

// Nobody would space the tries.
TEST_F(ShadowVerdictTest, ThrottleIsPassedOn) {
  StartWith({Answer(429, ErrorBody("1302", kThrottleText))});
  EXPECT_EQ(Ask(Post(kPrompt)).status, 429);
  EXPECT_EQ(upstream_->requests().size(), 1u);
}

TEST_F(ShadowVerdictTest, WallIsPassedOnToThoseWhoWouldHold) {
  StartWith({Answer(429, ErrorBody("1308", "Usage limit reached for 5 hour."))},
            {"--hold-until-reset"});
  EXPECT_EQ(Ask(Post(kPrompt)).status, 429);
  EXPECT_EQ(upstream_->requests().size(), 1u);
}

TEST_F(VerdictTest, PlanThatHasExpiredIsNotAskedAgain) {
  StartWith({Answer(429, ErrorBody("1309", "Your plan has expired"))});
  EXPECT_EQ(Ask(Post(kPrompt)).status, 429);
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).has_blocked(); }));
  EXPECT_EQ(daemon_.Status().accounts(0).blocked().reason(), "plan");
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 429);
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"1309")"));
  EXPECT_EQ(upstream_->requests().size(), 1u);
}

TEST_F(VerdictTest, PauseLongerThanTheClientWaitsIsNotWaitedFor) {
  StartWith({Answer(429, ErrorBody("1302", kThrottleText), "retry-after: 30\r\n")});
  const HttpAnswer answer = Ask(Post(kPrompt, "x-stainless-timeout: 5\r\n"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Field("retry-after"), "30");
  EXPECT_EQ(upstream_->requests().size(), 1u);
}

}  // namespace
}  // namespace zbroker::testing
