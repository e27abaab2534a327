// What an upstream may answer, and what the client gets of it.
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AnswerTest : public GatewayTest {
 protected:
  void StartWith(RawUpstream::Serve serve, const std::vector<std::string>& flags = {}) {
    upstream_.emplace(std::move(serve));
    Start(upstream_->url(), flags);
  }
  void StartWith(std::string answer) { StartWith(RawUpstream::Always(std::move(answer))); }

  std::optional<RawUpstream> upstream_;
};

TEST_F(AnswerTest, CarriesTheLeaseAndTheWait) {
  StartWith(Answer(200, kMessage, "X-Other: 1\r\n"));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kMessage);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.Field("x-zbroker-lease"), "1");
  EXPECT_EQ(answer.Field("x-zbroker-waited-ms"), "0");
  EXPECT_EQ(answer.Field("x-other"), "1");
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.model(), "glm-4.7");
  EXPECT_EQ(row.kind(), v1::KIND_PROMPT);
  EXPECT_EQ(row.http_status(), 200u);
  EXPECT_EQ(row.usage().input_tokens(), 7u);
  EXPECT_EQ(row.usage().output_tokens(), 2u);
  EXPECT_TRUE(row.has_first_byte());
}

TEST_F(AnswerTest, WhatNeedsNoSlotTakesNoLease) {
  // Of a connection that it seems to keep the next request might not see the end in time.
  StartWith(Answer(200, R"({"data":[]})", "Connection: close\r\n"));
  EXPECT_EQ(Ask(Get("/v1/models")).Field("x-zbroker-lease"), "");
  EXPECT_EQ(Ask(Post(kPrompt, "", "/v1/messages/count_tokens")).status, 200);
  EXPECT_EQ(SettledRows().size(), 0u);
}

TEST_F(AnswerTest, InterimAnswersAreNotTheAnswer) {
  StartWith(absl::StrCat("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
                         Answer(200, kMessage)));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kMessage);
  EXPECT_EQ(answer.Field("link"), "");
}

TEST_F(AnswerTest, TrailersEndWithTheHop) {
  StartWith(
      absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTrailer: X-Sum\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n",
                   Chunk(kMessage), "0\r\nX-Sum: 1\r\n\r\n"));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.body, kMessage);
  EXPECT_TRUE(answer.complete);
  EXPECT_THAT(answer.head, Not(HasSubstr("Trailer")));
}

TEST_F(AnswerTest, AnswersWithoutABodyLeaveTheConnectionUsable) {
  StartWith([](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    if (request.number == 1) return peer.Send("HTTP/1.1 204 No Content\r\n\r\n");
    if (request.number == 2) {
      return peer.Send("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"a\"\r\n\r\n");
    }
    if (request.number == 3) return peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
    return peer.Send(Answer(200, kMessage));
  });
  HttpConnection connection = Connect();
  connection.Send(Post(kPrompt));
  EXPECT_EQ(connection.Read().status, 204);
  connection.Send(Get("/v1/models"));
  const HttpAnswer unchanged = connection.Read();
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.Field("etag"), "\"a\"");
  connection.Send(Raw("HEAD /v1/models", "HTTP/1.1", "Host: localhost\r\n"));
  EXPECT_EQ(connection.Read(true).Field("content-length"), "99");
  connection.Send(Post(kPrompt));
  EXPECT_EQ(connection.Read().body, kMessage);
}

TEST_F(AnswerTest, HeadOfAnAnswerWithoutALengthClaimsNone) {
  StartWith("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
  HttpConnection connection = Connect();
  connection.Send(Raw("HEAD /v1/files", "HTTP/1.1", "Host: localhost\r\n"));
  const HttpAnswer answer = connection.Read(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Field("content-length"), "");
}

// Two readers of such an answer may see different ends of it.
TEST_F(AnswerTest, LengthBesideChunksIsNotPassedOn) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(
        absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n",
                     Chunk(kMessage), kLastChunk));
  });
  HttpConnection connection = Connect();
  for (int i = 0; i < 2; ++i) {
    connection.Send(Post(kPrompt));
    const HttpAnswer answer = connection.Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, kMessage);
  }
}

TEST_F(AnswerTest, FoldedFieldStaysOneField) {
  StartWith(Answer(200, kMessage, "X-Folded: one\r\n Set-Cookie: two\r\n"));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Field("set-cookie"), "") << answer.head;
  EXPECT_EQ(answer.Field("x-folded"), "one Set-Cookie: two");
}

// A lenient client would take it for the end of a line.
TEST_F(AnswerTest, FieldsThatAreNoneAreDropped) {
  StartWith(Answer(200, kMessage,
                   absl::StrCat("X-Split: a\rSet-Cookie: b\r\nBad Name: 1\r\nX-Fine: 1\r\n",
                                absl::string_view("X-Nul: a\0b\r\n", 12))));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.Field("x-fine"), answer.status == 200 ? "1" : "");
  EXPECT_THAT(answer.head, Not(HasSubstr("Set-Cookie")));
  EXPECT_THAT(answer.head, Not(HasSubstr("Bad Name")));
  EXPECT_EQ(answer.head.find('\0'), std::string::npos);
}

TEST_F(AnswerTest, AnswerUntilTheEndOfTheConnectionIsWhole) {
  StartWith(absl::StrCat("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n", kMessage));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.body, kMessage);
  EXPECT_TRUE(answer.complete);
}

TEST_F(AnswerTest, StreamPassesByteForByteAsItComes) {
  const std::string odd = ": comment\n\nid: 7\r\ndata: x\r\n\r\n\xff\xfe\n\n";
  StartWith([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(absl::StrCat(kStreamHead, Chunk(kStreamStart)));
    peer.AwaitEnd();
    return false;
  });
  HttpConnection connection = Connect();
  connection.Send(Post(kStreamPrompt));
  EXPECT_THAT(connection.ReadUntil(kStreamStart), HasSubstr(kStreamStart));
  connection.Close();
  EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 0; }));
  gateway_.reset();
  upstream_.reset();
  StartWith(
      absl::StrCat(kStreamHead, Chunk(kStreamStart), Chunk(odd), Chunk(kStreamEnd), kLastChunk));
  EXPECT_EQ(Ask(Post(kStreamPrompt)).body, absl::StrCat(kStreamStart, odd, kStreamEnd));
}

TEST_F(AnswerTest, LineOf16MebibytesInAStreamPasses) {
  const std::string line =
      absl::StrCat("data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"",
                   std::string(16 << 20, 'x'), "\"}}\n\n");
  const std::string body = absl::StrCat(kStreamStart, line, kStreamEnd);
  StartWith(absl::StrCat(kStreamHead, Chunk(body), kLastChunk));
  const HttpAnswer answer = Ask(Post(kStreamPrompt));
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body == body) << answer.body.size() << " of " << body.size();
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_OK);
}

TEST_F(AnswerTest, DocumentLargerThanWhatIsKeptBackPasses) {
  const std::string body = absl::StrCat(R"({"data":")", std::string(20 << 20, 'x'), R"("})");
  StartWith(Answer(200, body));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body == body) << answer.body.size() << " of " << body.size();
}

TEST_F(AnswerTest, ClientOfHttp10GetsAStreamUntilTheEndOfTheConnection) {
  StartWith(StreamAnswer());
  const HttpAnswer answer = Ask(absl::StrCat(
      Raw("POST /v1/messages", "HTTP/1.0",
          absl::StrCat("Host: 127.0.0.1\r\nContent-Length: ", strlen(kStreamPrompt), "\r\n")),
      kStreamPrompt));
  EXPECT_EQ(answer.body, absl::StrCat(kStreamStart, kStreamDelta, kStreamEnd));
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.Field("transfer-encoding"), "");
}

TEST_F(AnswerTest, KeptConnectionToTheUpstreamServesManyRequests) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(Answer(200, kMessage));
  });
  HttpConnection connection = Connect();
  for (int i = 0; i < 50; ++i) {
    connection.Send(Post(kPrompt));
    ASSERT_EQ(connection.Read().body, kMessage);
  }
  EXPECT_EQ(upstream_->connections(), 1);
}

// The upstream may close a kept connection just as the next request goes out on it.
TEST_F(AnswerTest, KeptConnectionThatTheUpstreamHasClosedIsReplaced) {
  StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(Answer(200, kMessage));
    return false;
  });
  HttpConnection connection = Connect();
  for (int i = 0; i < 50; ++i) {
    connection.Send(Post(kPrompt));
    ASSERT_EQ(connection.Read().body, kMessage) << i;
  }
}

}  // namespace
}  // namespace zbroker::testing
