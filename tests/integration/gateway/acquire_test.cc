// What the gateway asks the daemon for: a priority, and whether its leases may be trials.
#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

constexpr char kTitle[] =
    R"({"model":"glm-4.7","max_tokens":9,"messages":[{"role":"user","content":)"
    R"("Please write a 5-10 word title"}]})";

class PriorityTest : public GatewayTest {
 protected:
  void StartWith(const std::vector<std::string>& flags, const EnvironmentVariables& extra = {}) {
    Start(upstream_.url(), flags, extra);
  }
  // Of the lease that the request gets.
  v1::Priority Of(absl::string_view body) const {
    EXPECT_EQ(Ask(Post(body)).status, 200);
    const auto rows = SettledRows();
    return rows.empty() ? v1::PRIORITY_UNSPECIFIED : rows.back().priority();
  }

  RawUpstream upstream_{[](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(Answer(200, kMessage));
  }};
};

TEST_F(PriorityTest, IsTheDaemonsToSay) {
  StartWith({});
  EXPECT_EQ(Of(kPrompt), v1::PRIORITY_NORMAL);
  EXPECT_EQ(Of(kTitle), v1::PRIORITY_BACKGROUND);
}

TEST_F(PriorityTest, RulesSeeWhatNobodyWaitsFor) {
  daemon_.SetConfig(
      "[[account.default.priority]]\nbackground = true\npriority = \"normal\"\n"
      "[[account.default.priority]]\npriority = \"interactive\"\n");
  StartWith({});
  EXPECT_EQ(Of(kPrompt), v1::PRIORITY_INTERACTIVE);
  EXPECT_EQ(Of(kTitle), v1::PRIORITY_NORMAL);
}

TEST_F(PriorityTest, OfTheArgumentsDoesNotRaiseWhatNobodyWaitsFor) {
  StartWith({"--priority", "interactive"}, {{"ZLEASE_PRIORITY", "background"}});
  EXPECT_EQ(Of(kPrompt), v1::PRIORITY_INTERACTIVE);
  EXPECT_EQ(Of(kTitle), v1::PRIORITY_BACKGROUND);
}

TEST_F(PriorityTest, OfTheEnvironmentHoldsForAll) {
  daemon_.SetConfig("[[account.default.priority]]\npriority = \"interactive\"\n");
  StartWith({}, {{"ZLEASE_PRIORITY", "background"}});
  EXPECT_EQ(Of(kPrompt), v1::PRIORITY_BACKGROUND);
  EXPECT_EQ(Of(kTitle), v1::PRIORITY_BACKGROUND);
}

// Of four slots all are in use when the fourth request is turned away, so the limit becomes two,
// with room for a third as soon as two are known to be served: a trial, for whoever takes it well
// if that is turned away.
class TrialTest : public GatewayTest {
 protected:
  TrialTest() : GatewayTest("[account.default.slots]\nlimit = 4\nmax = 4\n") {}
  ~TrialTest() override { open_ = 99; }  // lets what is still served end

  // What the fourth is told.
  HttpAnswer Throttle(const std::vector<std::string>& flags) {
    upstream_.emplace([this](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
      const std::string error = ErrorBody("1302", "Rate limit reached for requests");
      if (request.number == 4) return peer.Send(Answer(429, error));
      WaitUntil([&] { return open_ >= request.number; });
      return peer.Send(Answer(200, kMessage));
    });
    Start(upstream_->url(), flags);
    Send(3);
    AwaitServing(3);
    Send(1);
    EXPECT_TRUE(WaitUntil([&] { return upstream_->requests().size() == 4; }));
    open_ = 5;
    return clients_[3].Read();
  }
  void Send(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      clients_.push_back(Connect());
      clients_.back().Send(Post(kPrompt));
    }
  }
  void AwaitServing(int count) {
    EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == count; })) << upstream_->serving();
  }
  // Fills the limit, so that it is known to be served.
  void ServeTwo() {
    Send(2);
    AwaitServing(2);
    open_ = 7;
    for (size_t i = 4; i < 6; ++i) EXPECT_EQ(clients_[i].Read().status, 200);
  }

  std::atomic<int> open_ = 0;
  std::optional<RawUpstream> upstream_;
  std::vector<HttpConnection> clients_;
};

TEST_F(TrialTest, RequestThatCanBeSentAgainMayBeOne) {
  EXPECT_EQ(Throttle({}).status, 200);
  ServeTwo();
  Send(3);
  AwaitServing(3);
}

TEST_F(TrialTest, RequestThatCannotIsNone) {
  EXPECT_EQ(Throttle({"--retries", "0"}).status, 429);
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  ServeTwo();
  Send(3);
  EXPECT_TRUE(daemon_.WaitForSlots(2, 1));
  EXPECT_EQ(upstream_->serving(), 2);
}

}  // namespace
}  // namespace zbroker::testing
