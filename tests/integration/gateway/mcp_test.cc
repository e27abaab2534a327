// MCP over HTTP (streamable HTTP) through the gateway: sessions, streams, and leases for calls.
#include <signal.h>

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kSearch[] = "/api/mcp/web_search_prime/mcp";
constexpr char kSession[] =
    "Accept: application/json, text/event-stream\r\nMcp-Session-Id: s-17\r\n"
    "Mcp-Protocol-Version: 2025-11-25\r\n";

std::string Call(absl::string_view id, absl::string_view tool = "web_search_prime") {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"method":"tools/call","params":)",
                      R"({"name":")", tool, R"(","arguments":{"q":"x"}}})");
}
std::string Result(absl::string_view id, absl::string_view text = "found", bool is_error = false) {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"result":{"content":[{"type":"text",)",
                      R"("text":")", text, "\"}]", is_error ? R"(,"isError":true)" : "", "}}");
}
std::string Event(absl::string_view data, absl::string_view id = "") {
  return absl::StrCat(id.empty() ? "" : absl::StrCat("id: ", id, "\n"),
                      "event: message\ndata: ", data, "\n\n");
}
constexpr char kProgress[] =
    R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,)"
    R"("progress":1}})";

class GatewayMcpTest : public GatewayTest {
 protected:
  explicit GatewayMcpTest(const std::string& config = kOneSlot) : GatewayTest(config) {}
  ~GatewayMcpTest() override { open_ = true; }  // lets what is still served end

  void StartWith(RawUpstream::Serve serve, const std::vector<std::string>& flags = {}) {
    upstream_.emplace(std::move(serve));
    Start(upstream_->url(), flags);
  }
  // Requests with "hold" in their body wait until the test opens; what has an id is answered.
  void StartServer(const std::vector<std::string>& flags = {}) {
    StartWith(
        [this](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
          if (request.body.find("hold") != std::string::npos) {
            WaitUntil([&] { return open_.load(); });
          }
          return peer.Send(request.body == kPrompt
                               ? Answer(200, kMessage)
                               : absl::StrCat(kStreamHead, Chunk(Event(Result("7"))), kLastChunk));
        },
        flags);
  }
  std::string PostCall(absl::string_view body) const { return Post(body, kSession, kSearch); }
  HttpConnection Send(absl::string_view request) {
    HttpConnection client = Connect();
    EXPECT_TRUE(client.Send(request));
    return client;
  }
  bool WaitForLeases(int count) const {
    return WaitUntil([&] { return daemon_.Status().accounts(0).leases_size() == count; });
  }

  std::atomic<bool> open_ = false;
  std::optional<RawUpstream> upstream_;
};

TEST_F(GatewayMcpTest, SessionPassesAndOnlyItsCallTakesALease) {
  const std::string initialize = R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{}})";
  const std::string initialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  StartWith([&](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    if (request.body == initialize) {
      return peer.Send(Answer(200, Result("0"), "Mcp-Session-Id: s-17\r\n"));
    }
    if (request.body == initialized)
      return peer.Send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    if (request.body == list) return peer.Send(Answer(200, Result("1")));
    return peer.Send(
        absl::StrCat(kStreamHead, Chunk(Event(kProgress)), Chunk(Event(Result("2"))), kLastChunk));
  });
  const HttpAnswer first = Ask(Post(initialize, "Accept: application/json\r\n", kSearch));
  EXPECT_EQ(first.Field("mcp-session-id"), "s-17");
  EXPECT_EQ(first.body, Result("0"));
  EXPECT_EQ(Ask(PostCall(initialized)).status, 202);
  EXPECT_EQ(Ask(PostCall(list)).body, Result("1"));
  EXPECT_TRUE(daemon_.Rows().empty());
  const HttpAnswer called = Ask(PostCall(Call("2")));
  EXPECT_EQ(called.body, Event(kProgress) + Event(Result("2")));
  EXPECT_THAT(called.Field("content-type"), StartsWith("text/event-stream"));
  EXPECT_THAT(upstream_->requests().back().head, HasSubstr("Mcp-Session-Id: s-17\r\n"));
  EXPECT_THAT(upstream_->requests().back().head, HasSubstr("Mcp-Protocol-Version: 2025-11-25\r\n"));
  EXPECT_THAT(upstream_->requests().back().head, HasSubstr("POST /api/mcp/web_search_prime/mcp "));
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].kind(), v1::KIND_MCP);
  EXPECT_EQ(rows[0].model(), "web_search_prime");
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_OK);
}

TEST_F(GatewayMcpTest, CallsLeaveTheSlotsToModels) {
  StartServer();
  HttpConnection one = Send(PostCall(Call("7", "hold")));
  HttpConnection two = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(WaitForLeases(2));
  EXPECT_EQ(daemon_.Slots().in_flight(), 0u);
  EXPECT_EQ(Ask(Post(kPrompt)).body, kMessage);
  open_ = true;
  EXPECT_EQ(one.Read().body, Event(Result("7")));
  EXPECT_EQ(two.Read().body, Event(Result("7")));
  EXPECT_EQ(SettledRows().size(), 3u);
}

class SlottedMcpTest : public GatewayMcpTest {
 protected:
  SlottedMcpTest()
      : GatewayMcpTest(absl::StrCat(kOneSlot, "[account.default.mcp]\nslots = true\n",
                                    "tools = [\"web_*\", \"hold\"]\n")) {}
};

TEST_F(SlottedMcpTest, CallsWaitForASlotWhereTheAccountSaysSoAndAreRefusedInTime) {
  StartServer({"--timeout", "2s"});
  HttpConnection first = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const HttpAnswer refused = Ask(PostCall(Call("\"x\"")));
  EXPECT_EQ(refused.status, 200);
  EXPECT_EQ(refused.Field("content-type"), "application/json");
  EXPECT_THAT(refused.body, StartsWith(R"({"jsonrpc":"2.0","id":"x","result":{"content":[{)"));
  EXPECT_THAT(refused.body, HasSubstr("zbroker did not run this tool call: "));
  EXPECT_THAT(refused.body, HasSubstr("\"isError\":true"));
  open_ = true;
  EXPECT_EQ(first.Read().body, Event(Result("7")));
}

std::string CancelOf(absl::string_view id) {
  return absl::StrCat(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":)",
                      R"({"requestId":)", id, "}}");
}

TEST_F(SlottedMcpTest, CallThatIsCancelledWhileItWaitsLeavesTheQueueAndNeverReachesTheServer) {
  StartServer();
  HttpConnection first = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  HttpConnection cancelled = Send(PostCall(Call("8")));
  HttpConnection other = Send(PostCall(Call("\"8\"")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 2));
  EXPECT_EQ(Ask(PostCall(CancelOf("8"))).status, 202);
  const HttpAnswer end = cancelled.Read();
  EXPECT_TRUE(end.complete);
  EXPECT_EQ(end.status, 200);
  EXPECT_THAT(end.Field("content-type"), StartsWith("text/event-stream"));
  EXPECT_EQ(end.body, "") << "a cancelled request is not answered";
  EXPECT_TRUE(daemon_.WaitForSlots(1, 1)) << "its place is not kept";
  open_ = true;
  EXPECT_EQ(first.Read().body, Event(Result("7")));
  EXPECT_EQ(other.Read().body, Event(Result("7")));
  EXPECT_EQ(SettledRows().size(), 2u);
  for (const auto& request : upstream_->requests()) {
    EXPECT_NE(request.body, Call("8"));
    EXPECT_NE(request.body, CancelOf("8"));
  }
}

TEST_F(SlottedMcpTest, CallsOfOtherSessionsAndOtherServersAreNotCancelled) {
  StartServer();
  HttpConnection first = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  HttpConnection waiting = Send(PostCall(Call("8")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  Ask(Post(CancelOf("8"), "Mcp-Session-Id: another\r\n", kSearch));
  Ask(Post(CancelOf("8"), "", kSearch));
  Ask(Post(CancelOf("8"), kSession, "/api/mcp/zread/mcp"));
  Ask(PostCall(CancelOf("\"8\"")));
  EXPECT_EQ(upstream_->requests().size(), 5u) << "the server hears of what it may know";
  EXPECT_EQ(daemon_.Slots().waiting(), 1u);
  open_ = true;
  EXPECT_EQ(waiting.Read().body, Event(Result("7")));
}

TEST_F(SlottedMcpTest, WithoutASessionAProcessCancelsItsOwn) {
  StartServer();
  HttpConnection first = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  HttpConnection waiting = Send(Post(Call("8"), "", kSearch));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  EXPECT_EQ(Ask(Post(CancelOf("8"), "", kSearch)).status, 202);
  EXPECT_EQ(waiting.Read().status, 202) << "it takes no events";
  EXPECT_TRUE(daemon_.WaitForSlots(1, 0));
  EXPECT_EQ(upstream_->requests().size(), 1u);
}

TEST_F(SlottedMcpTest, CancellationOfACallUnderWayPassesAndEndsItsLease) {
  StartServer();
  HttpConnection first = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
  Ask(PostCall(CancelOf("7")));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_CANCELLED);
  EXPECT_EQ(upstream_->requests().back().body, CancelOf("7"));
  open_ = true;
  EXPECT_EQ(first.Read().body, Event(Result("7"))) << "what the server says all the same passes";
}

TEST_F(SlottedMcpTest, ToolsThatTheConfigurationDoesNotNamePassWithoutALease) {
  StartServer();
  EXPECT_EQ(Ask(PostCall(Call("7", "other"))).body, Event(Result("7")));
  EXPECT_TRUE(daemon_.Rows().empty());
}

TEST_F(SlottedMcpTest, RefusedBatchIsAnsweredByABatch) {
  StartServer({"--timeout", "2s"});
  HttpConnection first = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const std::string ping = R"({"jsonrpc":"2.0","id":"p","method":"ping"})";
  const HttpAnswer refused =
      Ask(PostCall(absl::StrCat("[", Call("1"), ",", Call("2"), ",", ping, "]")));
  EXPECT_EQ(refused.status, 200);
  EXPECT_THAT(refused.body, StartsWith(R"([{"jsonrpc":"2.0","id":1,"result":)"));
  EXPECT_THAT(refused.body, HasSubstr(R"({"jsonrpc":"2.0","id":2,"result":)"));
  EXPECT_THAT(refused.body, HasSubstr(R"({"jsonrpc":"2.0","id":"p","error":)"));
}

TEST_F(GatewayMcpTest, BatchIsChargedForEachOfItsCalls) {
  StartServer();
  Ask(PostCall(absl::StrCat("[", Call("7"), ",", Call("8"), "]")));
  EXPECT_EQ(OnlyRow().weight(), 2);
}

TEST_F(GatewayMcpTest, ToolsWhoseNamesDoNotTellAreNamedAfterTheirServer) {
  StartServer();
  Ask(Post(Call("7", "read_file"), kSession, "/api/mcp/zread/mcp"));
  EXPECT_EQ(OnlyRow().model(), "zread/read_file");
}

TEST_F(GatewayMcpTest, ThrottleInAResultIsTriedAgainAndNotCharged) {
  StartWith([](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    const std::string text =
        request.number == 1
            ? R"(MCP error -429: {\"error\":{\"code\":\"1302\",\"message\":\"Rate limit\"}})"
            : "found";
    return peer.Send(
        absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nretry-after-ms: 20\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n",
                     Chunk(Event(Result("1", text, request.number == 1))), kLastChunk));
  });
  EXPECT_EQ(Ask(PostCall(Call("1"))).body, Event(Result("1")));
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_THROTTLE);
  EXPECT_EQ(rows[0].upstream_code(), "1302");
  EXPECT_EQ(rows[1].outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(daemon_.Slots().limit(), 1u) << "it says nothing of the slots";
}

TEST_F(GatewayMcpTest, UsedUpMonthStopsCallsAndNoModel) {
  StartWith([](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    if (request.body == kPrompt) return peer.Send(Answer(200, kMessage));
    const std::string text =
        R"(MCP error -429: {\"error\":{\"code\":\"1310\",\"message\":\"Weekly/Monthly Limit Exhausted\"}})";
    return peer.Send(Answer(200, Result("1", text, true), "retry-after: 86400\r\n"));
  });
  EXPECT_THAT(Ask(PostCall(Call("1"))).body, HasSubstr("1310")) << "it passes as it is";
  const HttpAnswer refused = Ask(PostCall(Call("2")));
  EXPECT_EQ(refused.status, 200);
  EXPECT_THAT(refused.body, StartsWith(R"({"jsonrpc":"2.0","id":2,"result":)"));
  EXPECT_THAT(refused.body, HasSubstr("Don't call again before "));
  EXPECT_EQ(Ask(Post(kPrompt)).body, kMessage);
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_WALL);
}

TEST_F(GatewayMcpTest, FailureOfAToolIsItsOwn) {
  StartWith(RawUpstream::Always(Answer(200, Result("1", "no such page", true))));
  EXPECT_EQ(Ask(PostCall(Call("1"))).body, Result("1", "no such page", true));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_FAILED);
}

TEST_F(GatewayMcpTest, StreamOfTheServersOwnPassesFromItsHeadOn) {
  StartWith([this](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(kStreamHead);
    WaitUntil([&] { return open_.load(); });
    peer.Send(Chunk(Event(kProgress, "5")));
    peer.Reset();
    return false;
  });
  HttpConnection client = Connect();
  ASSERT_TRUE(client.Send(Get(kSearch, absl::StrCat(kSession, "Last-Event-ID: 4\r\n"))));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), HasSubstr("text/event-stream")) << "with no event yet";
  open_ = true;
  EXPECT_THAT(client.ReadUntil(kProgress), HasSubstr("id: 5\n"));
  const HttpAnswer rest = client.Read();
  EXPECT_FALSE(rest.complete) << "as the upstream's was";
  EXPECT_THAT(upstream_->requests()[0].head, HasSubstr("Last-Event-ID: 4\r\n"));
  EXPECT_TRUE(daemon_.Rows().empty());
}

TEST_F(GatewayMcpTest, EndOfASessionPasses) {
  StartWith(RawUpstream::Always("HTTP/1.1 204 No Content\r\n\r\n"));
  const HttpAnswer answer = Ask(Raw(absl::StrCat("DELETE ", kSearch), "HTTP/1.1",
                                    absl::StrCat("Host: localhost\r\n", kSession)));
  EXPECT_EQ(answer.status, 204);
  EXPECT_THAT(upstream_->requests()[0].head, StartsWith(absl::StrCat("DELETE ", kSearch, " ")));
  EXPECT_THAT(upstream_->requests()[0].head, HasSubstr("Mcp-Session-Id: s-17\r\n"));
  EXPECT_TRUE(daemon_.Rows().empty());
}

TEST_F(GatewayMcpTest, LostSessionIsTold) {
  const std::string lost =
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"Session not found"}})";
  StartWith(RawUpstream::Always(Answer(404, lost)));
  const HttpAnswer answer = Ask(PostCall(Call("1")));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, lost);
  EXPECT_EQ(SettledRows().size(), 1u);
}

TEST_F(GatewayMcpTest, StreamThatCanBeTakenUpAgainIsCutAsItIs) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(absl::StrCat(kStreamHead, Chunk(Event(kProgress, "1"))));
    peer.Reset();
    return false;
  });
  const HttpAnswer answer = Ask(PostCall(Call("1")));
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(answer.body, Event(kProgress, "1"));
  EXPECT_EQ(SettledRows().size(), 1u);
}

TEST_F(GatewayMcpTest, StreamThatCannotBeTakenUpAgainEndsWithAnError) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(absl::StrCat(kStreamHead, Chunk(Event(kProgress))));
    peer.Reset();
    return false;
  });
  const HttpAnswer answer = Ask(PostCall(Call("1")));
  EXPECT_THAT(answer.body, StartsWith(Event(kProgress)));
  EXPECT_THAT(answer.body, HasSubstr(R"("id":1,"error")"));
  EXPECT_EQ(SettledRows().size(), 1u);
}

TEST_F(GatewayMcpTest, ClientThatIsGoneEndsItsCallAndItsLease) {
  StartServer();
  HttpConnection client = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(WaitForLeases(1));
  ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
  client.Reset();
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_CANCELLED);
}

TEST_F(GatewayMcpTest, KilledGatewayLeavesNoLease) {
  StartServer();
  HttpConnection client = Send(PostCall(Call("7", "hold")));
  ASSERT_TRUE(WaitForLeases(1));
  gateway_->process().Signal(SIGKILL);
  EXPECT_EQ(client.Read().status, 0);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_LOST);
}

TEST_F(GatewayMcpTest, KilledDaemonIsNoticedByNoClient) {
  StartServer();
  std::vector<HttpConnection> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(Send(PostCall(Call("7", "hold"))));
  ASSERT_TRUE(WaitForLeases(8));
  daemon_.Stop(SIGKILL);
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Log().find("serves on") != std::string::npos; }));
  open_ = true;
  for (HttpConnection& client : clients) EXPECT_EQ(client.Read().body, Event(Result("7")));
  const auto rows = SettledRows();
  EXPECT_EQ(rows.size(), 8u);
  for (const v1::LedgerRow& row : rows) EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
}

TEST_F(GatewayMcpTest, WithoutADaemonTheModelIsTold) {
  WriteFile(daemon_.dir().File("service"), "systemctl status zbrokerd\n");  // nobody starts it
  StartServer({"--broker-timeout", "200ms"});
  daemon_.Stop(SIGKILL);
  const HttpAnswer refused = Ask(PostCall(Call("3")));
  EXPECT_EQ(refused.status, 200);
  EXPECT_THAT(refused.body, HasSubstr("\"isError\":true"));
  EXPECT_THAT(refused.body, HasSubstr("systemctl status zbrokerd"));
  EXPECT_TRUE(upstream_->requests().empty());
}

}  // namespace
}  // namespace zbroker::testing
