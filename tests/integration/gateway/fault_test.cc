// An upstream that fails in every way: the client is told, or sees that the answer is cut; never
// does it take a part for the whole.
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class FaultTest : public GatewayTest {
 protected:
  void StartWith(RawUpstream::Serve serve, const std::vector<std::string>& flags = {}) {
    upstream_.emplace(std::move(serve));
    Start(upstream_->url(), flags);
  }
  // The client is told with `status`, and the lease ends as an upstream fault after one attempt.
  void ExpectTold(absl::string_view request, int status, absl::string_view why) {
    const HttpAnswer answer = Ask(request);
    EXPECT_EQ(answer.status, status);
    EXPECT_THAT(answer.body, HasSubstr(std::string(why)));
    EXPECT_THAT(answer.body, HasSubstr(R"({"type":"error","error":{"type":)"));
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
    EXPECT_LE(upstream_.has_value() ? upstream_->requests().size() : 0, 1u);
  }
  // The client gets the beginning, and sees that it is not the whole.
  void ExpectCut(absl::string_view request, absl::string_view beginning) {
    const HttpAnswer answer = Ask(request);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr(std::string(beginning)));
    EXPECT_FALSE(answer.complete) << answer.body;
    EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
  }

  std::optional<RawUpstream> upstream_;
};

// Sends the bytes, and has the connection end with a reset.
RawUpstream::Serve ResetAfter(std::string bytes) {
  return [bytes = std::move(bytes)](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(bytes);
    peer.Reset();
    return false;
  };
}

// Sends the bytes, and then nothing more.
RawUpstream::Serve StallAfter(std::string bytes) {
  return [bytes = std::move(bytes)](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(bytes);
    peer.AwaitEnd();
    return false;
  };
}

const std::string& HalfMessage() {
  static const auto* const half = new std::string(absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
      kMessage));
  return *half;
}
const std::string& HalfChunks() {
  static const auto* const half = new std::string(absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
      Chunk(kMessage), "ff\r\nhalf"));
  return *half;
}
const std::string& HalfStream() {
  static const auto* const half =
      new std::string(absl::StrCat(kStreamHead, Chunk(kStreamStart), Chunk(kStreamDelta)));
  return *half;
}

TEST_F(FaultTest, RefusedConnection) {
  std::string url;
  { url = RawUpstream(RawUpstream::Always("")).url(); }
  Start(url);
  ExpectTold(Post(kPrompt), 502, absl::StrCat("zbroker: ", url));
}

TEST_F(FaultTest, UnknownHost) {
  Start("http://no-such-host.invalid/api");
  ExpectTold(Post(kPrompt), 502, "zbroker: http://no-such-host.invalid/api: ");
}

TEST_F(FaultTest, EndWithoutAnAnswer) {
  StartWith(RawUpstream::Always(""));
  ExpectTold(Post(kPrompt), 502, "zbroker: http");
}

TEST_F(FaultTest, ResetWithoutAnAnswer) {
  StartWith(ResetAfter(""));
  ExpectTold(Post(kStreamPrompt), 502, "zbroker: http");
}

// libcurl would take the connection to have been stale, and send it once more on another.
TEST_F(FaultTest, RequestThatAKeptConnectionLosesIsNotSentAgain) {
  upstream_.emplace([](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    return request.number == 1 && peer.Send(Answer(200, kMessage));
  });
  Start(upstream_->url());
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("closed the connection without an answer"));
  EXPECT_EQ(upstream_->requests().size(), 2u);
}

TEST_F(FaultTest, EndWithinTheHead) {
  StartWith(RawUpstream::Always("HTTP/1.1 200 OK\r\nContent-Ty"));
  ExpectTold(Post(kPrompt), 502, "zbroker: http");
}

TEST_F(FaultTest, EndBeforeTheFirstEvent) {
  StartWith(RawUpstream::Always(kStreamHead));
  ExpectTold(Post(kStreamPrompt), 502, "zbroker: http");
}

TEST_F(FaultTest, Garbage) {
  for (const char* garbage : {"\x16\x03\x01 no answer\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
                              "\n\n\n\n", "HTTP/9.9 200 OK\r\n\r\n", "200 OK\r\n\r\n{}"}) {
    SCOPED_TRACE(garbage);
    upstream_.emplace(RawUpstream::Always(garbage));
    gateway_.reset();
    Start(upstream_->url());
    const HttpAnswer answer = Ask(Post(kPrompt));
    EXPECT_EQ(answer.status, 502) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("zbroker: http"));
  }
  for (const auto& row : SettledRows()) EXPECT_EQ(row.outcome(), v1::OUTCOME_TRANSIENT);
}

// Nobody asked it to; what follows is no HTTP.
TEST_F(FaultTest, SwitchOfProtocolsIsAFaultAtOnce) {
  StartWith(
      StallAfter("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\n\r\n"));
  ExpectTold(Post(kPrompt), 502, "switched to another protocol");
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
}

// What stands before a server may keep a connection open to one that is gone.
TEST_F(FaultTest, ConnectionThatGaveA5xxIsNotUsedAgain) {
  upstream_.emplace([](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    peer.Send(request.number == 1 ? "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n"
                                    "Connection: keep-alive\r\nContent-Length: 7\r\n\r\n<html/>"
                                  : Answer(200, kMessage));
    return true;
  });
  Start(upstream_->url());
  EXPECT_EQ(Ask(Post(kPrompt)).status, 502);
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  EXPECT_EQ(upstream_->connections(), 2);
}

TEST_F(FaultTest, IdleConnectionsAreClosedAtOnceIfAsked) {
  upstream_.emplace([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(Answer(200, kMessage));
  });
  Start(upstream_->url(), {"--upstream-idle", "0s"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask(Post(kPrompt)).status, 200);
  EXPECT_EQ(upstream_->connections(), 3);
}

TEST_F(FaultTest, HeadTooLarge) {
  StartWith(RawUpstream::Always(
      Answer(200, kMessage, absl::StrCat("X: ", std::string(300'000, 'x'), "\r\n"))));
  ExpectTold(Post(kPrompt), 502, "large");
}

TEST_F(FaultTest, EndlessHead) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\n");
    while (peer.Send("X-Again: and again\r\n")) {
    }
    return false;
  });
  ExpectTold(Post(kPrompt), 502, "large");
}

TEST_F(FaultTest, StallBeforeTheHead) {
  StartWith(StallAfter(""), {"--first-byte-timeout", "200ms"});
  ExpectTold(Post(kPrompt), 504, "the upstream said nothing for 200ms");
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
}

TEST_F(FaultTest, StallBeforeTheFirstEvent) {
  StartWith(StallAfter(kStreamHead), {"--idle-timeout", "200ms"});
  ExpectTold(Post(kStreamPrompt), 504, "the upstream said nothing for 200ms");
}

TEST_F(FaultTest, StallWithinAStreamEndsWithAnErrorEvent) {
  StartWith(StallAfter(HalfStream()), {"--idle-timeout", "200ms"});
  const HttpAnswer answer = Ask(Post(kStreamPrompt));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body,
              AllOf(HasSubstr(kStreamDelta), HasSubstr("event: error\ndata: {\"type\":\"error\""),
                    HasSubstr("said nothing for 200ms")));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
}

TEST_F(FaultTest, StallWithinAMessageIsACut) {
  StartWith(StallAfter(HalfMessage()), {"--idle-timeout", "200ms"});
  ExpectCut(Post(kPrompt), "hello");
}

TEST_F(FaultTest, ResetWithinAMessage) {
  StartWith(ResetAfter(HalfMessage()));
  ExpectCut(Post(kPrompt), "");
}

TEST_F(FaultTest, EndWithinAMessage) {
  StartWith(RawUpstream::Always(HalfMessage()));
  ExpectCut(Post(kPrompt), "hello");
}

TEST_F(FaultTest, EndWithinChunks) {
  StartWith(RawUpstream::Always(HalfChunks()));
  ExpectCut(Post(kPrompt), "hello");
}

TEST_F(FaultTest, TextThatBreaksOffIsNoPartOfAnAnswer) {
  StartWith(RawUpstream::Always(absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
      Chunk("some text"), "ff\r\nhalf")));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 502);
  EXPECT_FALSE(answer.complete) << answer.body;
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
}

TEST_F(FaultTest, BadChunk) {
  StartWith(RawUpstream::Always(absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
      Chunk(kMessage), "zz\r\nhalf\r\n")));
  ExpectCut(Post(kPrompt), "hello");
}

// A client of HTTP/1.0 knows no chunks: only a reset tells it that something is missing.
TEST_F(FaultTest, CutShowsToAClientOfHttp10) {
  StartWith(RawUpstream::Always(HalfChunks()));
  ExpectCut(absl::StrCat(
                Raw("POST /v1/messages", "HTTP/1.0",
                    absl::StrCat("Host: localhost\r\nContent-Length: ", strlen(kPrompt), "\r\n")),
                kPrompt),
            "");
}

TEST_F(FaultTest, EndAndResetWithinAStreamGiveAnErrorEvent) {
  for (const auto& serve : {RawUpstream::Always(HalfStream()), ResetAfter(HalfStream())}) {
    upstream_.emplace(serve);
    gateway_.reset();
    Start(upstream_->url());
    const HttpAnswer answer = Ask(Post(kStreamPrompt));
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("event: error\ndata: {\"type\":\"error\""));
    EXPECT_EQ(answer.body.find("message_stop"), std::string::npos);
  }
  for (const auto& row : SettledRows()) EXPECT_EQ(row.outcome(), v1::OUTCOME_TRANSIENT);
}

TEST_F(FaultTest, StreamWithoutLengthOrChunksThatLacksItsEndGivesAnErrorEvent) {
  StartWith(RawUpstream::Always(absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", kStreamStart, kStreamDelta)));
  const HttpAnswer answer = Ask(Post(kStreamPrompt));
  EXPECT_THAT(answer.body, HasSubstr("event: error\n"));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
}

// The rest of an event that was cut must not swallow it.
TEST_F(FaultTest, ErrorEventBeginsALineOfItsOwn) {
  StartWith(RawUpstream::Always(absl::StrCat(kStreamHead, Chunk(kStreamStart),
                                             Chunk("event: content_block_delta\ndata: {\"ty"))));
  const HttpAnswer answer = Ask(Post(kStreamPrompt));
  EXPECT_THAT(answer.body, HasSubstr("{\"ty\nevent: error\n"));
}

}  // namespace
}  // namespace zbroker::testing
