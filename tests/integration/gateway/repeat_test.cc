// Requests that come again: tried once more by the gateway, or asked for once more by their client;
// and answers that only look well.
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

constexpr char kNetworkFailure[] =
    R"({"error":{"code":"1234","message":"Internal network failure, error id: 1, please try )"
    R"(again later."}})";

class RepeatTest : public GatewayTest {
 protected:
  // One answer after the other, and the last one for all that follow.
  void StartWith(std::vector<std::string> answers, const std::vector<std::string>& flags = {}) {
    upstream_.emplace([answers = std::move(answers)](const RawUpstream::Request& request,
                                                     const RawUpstream::Peer& peer) {
      const size_t index = static_cast<size_t>(request.number) - 1;
      return peer.Send(answers[std::min(index, answers.size() - 1)]);
    });
    Start(absl::StrCat(upstream_->url(), "/api/anthropic"), flags);
  }

  std::optional<RawUpstream> upstream_;
};

std::string Events(absl::string_view events) {
  return absl::StrCat(kStreamHead, Chunk(events), kLastChunk);
}

TEST_F(RepeatTest, FaultThatPassesIsTriedOnceMoreUnderTheSameLease) {
  StartWith({Answer(500, kNetworkFailure), Answer(200, kMessage)});
  EXPECT_EQ(Ask(Post(kPrompt)).body, kMessage);
  EXPECT_EQ(upstream_->requests().size(), 2u);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_OK);
}

TEST_F(RepeatTest, EmptyStreamThatWasCutUpstreamIsTriedOnceMore) {
  StartWith(
      {Events("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
              "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"network_error\"}]}\n\n"
              "data: [DONE]\n\n"),
       Events("data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n"
              "data: [DONE]\n\n")});
  EXPECT_THAT(Ask(Post(kStreamPrompt, "", kChatPath)).body, HasSubstr("hello"));
  EXPECT_EQ(upstream_->requests().size(), 2u);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_OK);
}

TEST_F(RepeatTest, FaultThatComesAgainIsPassedOn) {
  StartWith({Answer(500, kNetworkFailure)});
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, kNetworkFailure);
  EXPECT_EQ(upstream_->requests().size(), 2u);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
}

TEST_F(RepeatTest, CutAfterContentIsPassedOn) {
  const std::string events =
      "data: {\"choices\":[{\"delta\":{\"content\":\"he\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"network_error\"}]}\n\n"
      "data: [DONE]\n\n";
  StartWith({Events(events)});
  EXPECT_EQ(Ask(Post(kStreamPrompt, "", kChatPath)).body, events);
  EXPECT_EQ(upstream_->requests().size(), 1u);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
}

// As a stream the first time, and not the second, as Claude Code does it.
TEST_F(RepeatTest, RepeatOfAPromptThatCameToNothingIsNotChargedAgain) {
  StartWith({Answer(502, "<html>Bad Gateway</html>"), Answer(200, kMessage)});
  EXPECT_EQ(Ask(Post(kStreamPrompt)).status, 502);
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].kind(), v1::KIND_PROMPT);
  EXPECT_EQ(rows[1].kind(), v1::KIND_CALL);
  EXPECT_EQ(rows[2].kind(), v1::KIND_PROMPT) << "a prompt of its own";
}

TEST_F(RepeatTest, RepeatAfterPingsAndAnErrorFindsItsPlace) {
  const std::string throttle =
      Answer(429, ErrorBody("1302", "Rate limit reached for requests"), "retry-after: 1\r\n");
  StartWith({throttle, throttle, Answer(200, kMessage)},
            {"--retries", "1", "--ping-after", "50ms", "--ping-interval", "50ms"});
  const HttpAnswer stream = Ask(Post(kStreamPrompt));
  EXPECT_EQ(stream.status, 200);
  EXPECT_THAT(stream.body, StartsWith("event: ping\n"));
  EXPECT_THAT(stream.body, HasSubstr("event: error\n"));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kMessage);
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[2].attempt(), 3u);
  EXPECT_EQ(rows[2].kind(), v1::KIND_PROMPT) << "what was turned away was not charged";
}

TEST_F(RepeatTest, ModelThatServedIsRecordedBesideTheOneAskedFor) {
  StartWith({Answer(200, R"({"type":"message","model":"glm-4.5-air","content":[{"type":"text",)"
                         R"("text":"x"}],"usage":{"input_tokens":1,"output_tokens":1}})")});
  Ask(Post(kPrompt));
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.model(), "glm-4.7");
  EXPECT_EQ(row.served_model(), "glm-4.5-air");
  EXPECT_THAT(daemon_.Zctl({"ledger", "--json"}).out, HasSubstr(R"("served_model":"glm-4.5-air")"));
}

TEST_F(RepeatTest, StreamWithoutItsEndIsNoCompletion) {
  StartWith({Events(absl::StrCat(kStreamStart, kStreamDelta))});
  const HttpAnswer answer = Ask(Post(kStreamPrompt));
  EXPECT_THAT(answer.body, StartsWith(absl::StrCat(kStreamStart, kStreamDelta)));
  EXPECT_THAT(answer.body, HasSubstr("event: error\n"));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
}

TEST_F(RepeatTest, StreamWithTheReasonForItsEndIsLeftAlone) {
  const std::string events =
      "data: {\"choices\":[{\"delta\":{\"content\":\"hello\"},\"finish_reason\":\"stop\"}]}\n\n";
  StartWith({Events(events)});
  EXPECT_EQ(Ask(Post(kStreamPrompt, "", kChatPath)).body, events);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
}

TEST_F(RepeatTest, AnswerThatSaysNothingIsNoCompletion) {
  const std::vector<std::string> bodies = {
      "{}", "",
      R"({"id":"","object":"","created":0,"model":"","choices":[],"usage":{"total_tokens":0}})",
      R"({"type":"message","role":"assistant","content":[],"usage":{"output_tokens":0}})"};
  std::vector<std::string> answers;
  for (const std::string& body : bodies) answers.push_back(Answer(200, body));
  StartWith(answers);
  for (const std::string& body : bodies) EXPECT_EQ(Ask(Post(kPrompt)).body, body);
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), bodies.size());
  for (const v1::LedgerRow& row : rows) EXPECT_EQ(row.outcome(), v1::OUTCOME_TRANSIENT);
}

// Codex reads reason and reset of an error in its own words only.
TEST_F(RepeatTest, WallIsSaidInCodexWords) {
  StartWith({Answer(429,
                    ErrorBody("1310",
                              "Weekly/Monthly Limit Exhausted. Your limit will reset "
                              "at 2099-01-01 00:00:00"),
                    "retry-after: 287441\r\n")});
  for (int i = 0; i < 2; ++i) {
    const HttpAnswer answer =
        Ask(Post(R"({"model":"m","stream":true,"input":"hi"})", "", kResponsesPath));
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.Field("x-should-retry"), "false");
    EXPECT_EQ(answer.Field("retry-after"), "");
    EXPECT_THAT(answer.body, HasSubstr(R"("type":"usage_limit_reached")"));
    EXPECT_THAT(answer.body, HasSubstr("Weekly/Monthly Limit Exhausted"));
    EXPECT_THAT(answer.Field("x-codex-promo-message"), HasSubstr("Weekly/Monthly Limit"));
    ASSERT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).has_blocked(); }));
  }
  EXPECT_EQ(upstream_->requests().size(), 1u);
}

// It would send anything but a 400 again, and print nothing of a 429.
TEST_F(RepeatTest, WhatOnlyAPersonCanMendIsToldCodexOnce) {
  StartWith({Answer(429, ErrorBody("1113", "Insufficient balance or no resource package."))});
  const HttpAnswer answer =
      Ask(Post(R"({"model":"m","stream":true,"input":"hi"})", "", kResponsesPath));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("Insufficient balance"));
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"1113")"));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TERMINAL);
}

// Beside the reset that Codex prints by the user's clock.
TEST_F(RepeatTest, TimesInCodexWordsAreOfTheUsersClock) {
  upstream_.emplace([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(Answer(
        429, ErrorBody("1310", "Limit Exhausted. Your limit will reset at 2099-01-01 00:00:00")));
  });
  Start(upstream_->url(), {}, {{"TZ", "UTC"}});
  EXPECT_THAT(Ask(Post(R"({"model":"m","stream":true,"input":"hi"})", "", kResponsesPath)).body,
              HasSubstr("reset at 2098-12-31 16:00:00"));
}

TEST_F(RepeatTest, ErrorThatEndsAStreamOfResponsesIsItsOwn) {
  StartWith({Answer(429, ErrorBody("1302", "Rate limit reached"), "retry-after: 1\r\n")},
            {"--retries", "1", "--ping-after", "50ms", "--ping-interval", "50ms"});
  const HttpAnswer answer =
      Ask(Post(R"({"model":"m","stream":true,"input":"hi"})", "", kResponsesPath));
  EXPECT_THAT(answer.body, StartsWith(": ping\n\n"));
  EXPECT_THAT(answer.body, HasSubstr("event: response.failed\n"));
  EXPECT_THAT(answer.body, Not(HasSubstr("[DONE]")));
}

// Codex closes when it has read the last event, and the upstream's last chunk comes after that.
TEST_F(RepeatTest, ClientThatLeavesWithACompleteAnswerHasNotCancelled) {
  std::atomic<bool> gone = false;
  upstream_.emplace([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(absl::StrCat(
        kStreamHead,
        Chunk(
            "event: response.output_text.delta\n"
            "data: {\"type\":\"response.output_text.delta\",\"delta\":\"hi\"}\n\n"
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":"
            "{\"status\":\"completed\",\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}}\n\n")));
    WaitUntil([&] { return gone.load(); });
    return peer.Send(absl::StrCat(Chunk("data: [DONE]\n\n"), kLastChunk));
  });
  Start(upstream_->url());
  {
    HttpConnection client = Connect();
    client.Send(Post(R"({"model":"m","stream":true,"input":"hi"})", "", kResponsesPath));
    client.ReadUntil("response.completed\",");
  }
  gone = true;
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(row.usage().input_tokens(), 3);
}

}  // namespace
}  // namespace zbroker::testing
