// What was seen in the field of which bytes alone tell nothing: pings and their place, bodies in
// chunks and compressed, requests while every slot is taken, a slow meter, walls that end early.
// Connections that die are in lost_connection_test, repeats in repeat_test, and HTTP/2 (GOAWAY,
// REFUSED_STREAM) in tests/e2e/goaway.test.js.
#include "tests/integration/gateway/field.h"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPing[] = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

// Nobody writes between the lines of an event, however long the next one takes.
TEST_F(FieldTest, UpstreamThatPausesWithinAnEventGivesOneEvent) {
  const std::string first = ReadCase("keepalive-inside-event/sse-upstream-part1");
  const std::string second = ReadCase("keepalive-inside-event/sse-upstream-part2");
  for (const bool begun : {false, true}) {
    SCOPED_TRACE(begun);
    gateway_.reset();
    open_ = false;
    StartWith(
        [&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
          peer.Send(absl::StrCat(kStreamHead, begun ? Chunk(kStreamStart) : "", Chunk(first)));
          AwaitOpening();
          return peer.Send(absl::StrCat(Chunk(second), Chunk(kStreamEnd), kLastChunk));
        },
        {"--ping-after", "10ms", "--ping-interval", "10ms"});
    HttpConnection client = Connect();
    client.Send(Post(kStreamPrompt));
    client.ReadUntil(first);
    open_ = true;
    EXPECT_THAT(client.Read().body, HasSubstr(absl::StrCat(first, second)));
  }
}

class OneSlotTest : public FieldTest {
 protected:
  OneSlotTest() : FieldTest(kOneSlot) {}

  // The first model request has the slot until the test opens; `serve` answers all others.
  void StartBehindOne(RawUpstream::Serve serve, const std::vector<std::string>& flags = {}) {
    StartWith(
        [this, serve = std::move(serve)](const RawUpstream::Request& request,
                                         const RawUpstream::Peer& peer) {
          if (request.number > 1) return serve(request, peer);
          AwaitOpening();
          return peer.Send(Answer(200, kMessage));
        },
        flags);
    holder_.emplace(Connect());
    holder_->Send(Post(kPrompt));
    ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
  }

  std::optional<HttpConnection> holder_;
};

RawUpstream::Serve Always(std::string answer) {
  return [answer = std::move(answer)](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(answer);
  };
}

// What was sent of an event while pings were due is held back until the event is known.
TEST_F(OneSlotTest, PingsOfAQueuedStreamStandBeforeItsFirstEvent) {
  const std::string first = ReadCase("keepalive-inside-event/sse-upstream-part1");
  const std::string second = ReadCase("keepalive-inside-event/sse-upstream-part2");
  std::atomic<bool> rest = false;
  StartBehindOne(
      [&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
        peer.Send(absl::StrCat(kStreamHead, Chunk(first)));
        WaitUntil([&] { return rest.load(); });
        return peer.Send(absl::StrCat(Chunk(second), Chunk(kStreamEnd), kLastChunk));
      },
      {"--ping-after", "10ms", "--ping-interval", "10ms"});
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  client.ReadUntil(kPing);
  open_ = true;
  ASSERT_TRUE(WaitUntil([&] { return upstream_->requests().size() == 2; }));
  client.ReadUntil(absl::StrCat(Chunk(kPing), Chunk(kPing), Chunk(kPing)));
  rest = true;
  const std::string body = client.Read().body;
  EXPECT_THAT(body, HasSubstr(absl::StrCat(first, second)));
  EXPECT_THAT(body.substr(body.find(first)), Not(HasSubstr("ping")));
}

TEST_F(OneSlotTest, RequestThatAsksForNoStreamGetsOneNever) {
  StartBehindOne(Always(Answer(200, kMessage)),
                 {"--ping-after", "10ms", "--ping-interval", "10ms"});
  const std::string title = ReadCase("stream-flag-honoured/request.json");
  std::vector<HttpConnection> clients;
  for (const char* flag : {"", R"("stream":false,)", R"("stream":null,)", R"("stream":"yes",)"}) {
    clients.push_back(Connect());
    clients.back().Send(
        Post(absl::StrReplaceAll(title, {{"{\"model\"", absl::StrCat("{", flag, "\"model\"")}})));
  }
  HttpConnection stream = Connect();
  stream.Send(Post(kStreamPrompt));
  stream.ReadUntil(absl::StrCat(Chunk(kPing), Chunk(kPing)));
  open_ = true;
  for (HttpConnection& client : clients) {
    const HttpAnswer answer = client.Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Field("content-type"), "application/json");
    EXPECT_EQ(answer.body, kMessage);
  }
}

TEST_F(FieldTest, ChunkedBodyIsAskedForAndSentOnWithALength) {
  StartWith(Always(Answer(200, kMessage)));
  const std::string request = absl::StrReplaceAll(ReadCase("expect-and-chunks/request.http"),
                                                  {{"/TOKEN", gateway_->path()}});
  const size_t body = request.find("\r\n\r\n") + 4;
  HttpConnection client = Connect();
  client.Send(request.substr(0, body));
  EXPECT_EQ(client.Read().status, 100);
  for (const char c : request.substr(body)) client.Send(std::string(1, c));
  EXPECT_EQ(client.Read().body, kMessage);
  ASSERT_EQ(upstream_->requests().size(), 1u);
  const RawUpstream::Request sent = upstream_->requests()[0];
  EXPECT_EQ(
      sent.body,
      R"({"model":"glm-5.3","max_tokens":16,"messages":[{"role":"user","content":"say ok"}]})");
  EXPECT_THAT(sent.head, HasSubstr(absl::StrCat("Content-Length: ", sent.body.size(), "\r\n")));
  EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(sent.head), "expect:"));
  EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(sent.head), "transfer-encoding:"));
  EXPECT_EQ(OnlyRow().model(), "glm-5.3");
}

TEST_F(FieldTest, RequestThatIsRefusedIsNotAskedForItsBody) {
  StartWith(Always(Answer(200, kMessage)));
  const std::string request = absl::StrReplaceAll(ReadCase("expect-and-chunks/request.http"),
                                                  {{"/TOKEN", "/of-somebody-else-entirely"}});
  HttpConnection client = Connect();
  client.Send(request.substr(0, request.find("\r\n\r\n") + 4));
  EXPECT_EQ(client.Read().status, 404);
}

TEST_F(FieldTest, CompressedBodyIsUnderstoodAndSentOnAsItCame) {
  StartWith(Always(Answer(200, kMessage)));
  const std::string body = Gzip(R"({"model":"glm-5.3","input":"hi"})");
  for (const char* field : {"Content-Encoding: gzip\r\n", ""}) {
    EXPECT_EQ(Ask(Post(body, field, kResponsesPath)).status, 200);
    EXPECT_EQ(upstream_->requests().back().body, body);
    const v1::LedgerRow row = SettledRows().front();
    EXPECT_EQ(row.model(), "glm-5.3");
    EXPECT_EQ(row.kind(), v1::KIND_PROMPT);
  }
}

TEST_F(FieldTest, WhatAnErrorQuotesOfACompressedBodyIsNotKept) {
  StartWith(
      Always(Answer(400, R"({"error":{"code":"1210","message":)"
                         R"("Invalid parameter: 'my patient is Anna Karenina' is wrong"}})")));
  const std::string body = Gzip(R"({"model":"glm-5.3","input":"my patient is Anna Karenina"})");
  EXPECT_EQ(Ask(Post(body, "Content-Encoding: gzip\r\n", kResponsesPath)).status, 400);
  EXPECT_THAT(SettledRows().front().DebugString(), Not(HasSubstr("Karenina")));
}

TEST_F(FieldTest, CompressedBodyThatIsABombIsRefusedHere) {
  StartWith(Always(Answer(200, kMessage)));
  const std::string bomb = Gzip(std::string(65 << 20, ' '));
  EXPECT_EQ(Ask(Post(bomb, "Content-Encoding: gzip\r\n", kResponsesPath)).status, 413);
  EXPECT_EQ(upstream_->requests().size(), 0u);
  EXPECT_EQ(SettledRows().size(), 0u);
}

TEST_F(OneSlotTest, WhatNeedsNoSlotWaitsForNobody) {
  StartBehindOne(Always(Answer(200, "{}")));
  const auto file = [&](const std::string& name) {
    return absl::StrReplaceAll(ReadCase(name), {{"/TOKEN", gateway_->path()}});
  };
  for (const char* name :
       {"head-probes/request.http", "head-probes/request-root.http", "telemetry-post/request.http",
        "telemetry-post/request-v2.http", "models-discovery/request.http",
        "count-tokens-beta/request.http", "mcp-initialized-empty-200/request.http",
        "meter-sums-dont-add-up/request.http", "websocket-upgrade/request.http"}) {
    const std::string request = file(name);
    HttpConnection client = Connect();
    client.Send(request);
    const int expected = absl::StrContains(name, "websocket") ? 426 : 200;
    EXPECT_EQ(client.Read(absl::StartsWith(request, "HEAD ")).status, expected) << name;
  }
  EXPECT_TRUE(daemon_.WaitForSlots(1, 0));
  open_ = true;
  EXPECT_EQ(SettledRows().size(), 1u);
}

// Who follows it to the upstream's host goes past the gateway.
TEST_F(FieldTest, RedirectionStaysBelowTheToken) {
  std::string host;
  StartWith([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(absl::StrCat("HTTP/1.1 301 Moved\r\nLocation: ", host,
                                  "/api/anthropic/v1/models/?limit=1000\r\n",
                                  "Content-Length: 0\r\n\r\n"));
  });
  const std::string expected = absl::StrCat(gateway_->path(), "/v1/models/?limit=1000");
  for (const std::string& one : {upstream_->url(), std::string()}) {
    host = one;
    EXPECT_EQ(Ask(Get("/v1/models?limit=1000")).Field("location"), expected);
  }
}

TEST_F(OneSlotTest, SlowMeterHoldsUpNobody) {
  std::atomic<bool> told = false;
  StartBehindOne([&](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    if (!absl::StrContains(request.head, "/api/monitor/")) return peer.Send(Answer(200, kMessage));
    WaitUntil([&] { return told.load(); });
    return peer.Send(ReadCase("meter-sums-dont-add-up/response.http"));
  });
  HttpConnection meter = Connect();
  meter.Send(absl::StrReplaceAll(ReadCase("meter-sums-dont-add-up/request.http"),
                                 {{"/TOKEN", gateway_->path()}}));
  ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 2; }));
  open_ = true;
  EXPECT_EQ(Ask(Post(kPrompt)).body, kMessage);
  EXPECT_EQ(daemon_.Zctl({"status"}).exit_status, 0);
  EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
  told = true;
  EXPECT_THAT(meter.Read().body, HasSubstr("CREDIT_LIMIT"));
}

TEST_F(FieldTest, WallOutlivesTheDaemonAndEndsWhenAPersonSaysSo) {
  std::atomic<bool> lifted = false;
  StartWith([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(lifted ? Answer(200, kMessage) : ReadCase("1310-six-days/response.http"));
  });
  EXPECT_EQ(Ask(Post(kPrompt)).status, 429);
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).has_blocked(); }));
  lifted = true;  // by a reset card, of which nobody tells the broker
  EXPECT_EQ(Ask(Post(kPrompt)).status, 429);
  daemon_.Stop(SIGTERM);
  daemon_.Start();
  EXPECT_EQ(Ask(Post(kPrompt)).status, 429);
  EXPECT_EQ(upstream_->requests().size(), 1u) << "nothing is sent against a wall";
  EXPECT_EQ(daemon_.Zctl({"resume"}).exit_status, 0);
  EXPECT_EQ(Ask(Post(kPrompt)).body, kMessage);
  EXPECT_EQ(upstream_->requests().size(), 2u);
  EXPECT_FALSE(daemon_.Status().accounts(0).has_blocked());
}

}  // namespace
}  // namespace zbroker::testing
