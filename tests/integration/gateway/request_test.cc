// What a client may send, and what it must not get away with.
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHost[] = "Host: 127.0.0.1\r\n";

class RequestTest : public GatewayTest {
 protected:
  RequestTest() { Start(upstream_.url()); }

  std::string PostLine(absl::string_view fields) const {
    return Raw("POST /v1/messages", "HTTP/1.1", absl::StrCat(kHost, fields));
  }
  // It is refused with `status`, the connection ends, and neither the upstream nor the daemon hears
  // of it.
  void ExpectRefused(absl::string_view request, int status) {
    HttpConnection connection = Connect();
    ASSERT_TRUE(connection.Send(request));
    const HttpAnswer answer = connection.Read();
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("zbroker: "));
    EXPECT_TRUE(answer.complete);
    EXPECT_TRUE(connection.ReadEnd());
    EXPECT_EQ(upstream_.requests().size(), 0u);
    EXPECT_EQ(daemon_.Status().accounts(0).totals().granted(), 0u);
  }

  RawUpstream upstream_{[](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(Answer(200, kMessage));
  }};
};

struct Shape {
  const char* name;
  std::string fields;  // after Host
  std::string body;
};

// Requests of which two readers might see different ends, and others that are no HTTP.
const std::vector<Shape>& MalformedShapes() {
  static const auto* const shapes = new std::vector<Shape>{
      {"TwoEqualLengths", "Content-Length: 2\r\nContent-Length: 2\r\n", "{}"},
      {"TwoLengths", "Content-Length: 2\r\nContent-Length: 40\r\n", "{}"},
      {"ListOfLengths", "Content-Length: 2, 2\r\n", "{}"},
      {"LengthAndChunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
       "2\r\n{}\r\n0\r\n\r\n"},
      {"ChunksAndLength", "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
       "2\r\n{}\r\n0\r\n\r\n"},
      {"ChunkedTwice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"},
      {"ChunkedTwiceInOne", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"},
      {"CodedAndChunked", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"},
      {"ChunkedAndCoded", "Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"},
      {"UnknownCoding", "Transfer-Encoding: identity\r\n", "{}"},
      {"HiddenChunked", "Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n", "{}"},
      {"SpaceBeforeColon", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"},
      {"TabBeforeColon", "Content-Length\t: 2\r\n", "{}"},
      {"NegativeLength", "Content-Length: -1\r\n", "{}"},
      {"SignedLength", "Content-Length: +2\r\n", "{}"},
      {"HexadecimalLength", "Content-Length: 0x2\r\n", "{}"},
      {"LengthOfManyDigits", "Content-Length: 99999999999999999999999\r\n", "{}"},
      {"EmptyLength", "Content-Length: \r\n", "{}"},
      {"BareLineFeed", "X: 1\nContent-Length: 2\r\n", "{}"},
      {"BareCarriageReturn", "X: 1\rContent-Length: 2\r\n", "{}"},
      {"NulInValue", std::string("X: 1\0 2\r\nContent-Length: 2\r\n", 29), "{}"},
      {"NulInName", std::string("X\0Y: 1\r\nContent-Length: 2\r\n", 27), "{}"},
      {"NoName", ": 1\r\nContent-Length: 2\r\n", "{}"},
      {"NoColon", "Content-Length 2\r\n", "{}"},
      {"TwoHosts", "Host: localhost\r\nContent-Length: 2\r\n", "{}"},
      {"BadChunkSize", "Transfer-Encoding: chunked\r\n", "xyz\r\n{}\r\n0\r\n\r\n"},
      {"HugeChunkSize", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"},
      {"NegativeChunkSize", "Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"},
      {"ChunkLongerThanItsSize", "Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"},
  };
  return *shapes;
}

TEST_F(RequestTest, MalformedRequestsAreRefused) {
  for (const Shape& shape : MalformedShapes()) {
    SCOPED_TRACE(shape.name);
    ExpectRefused(absl::StrCat(PostLine(shape.fields), shape.body), 400);
  }
}

TEST_F(RequestTest, WhatIsNoRequestIsRefused) {
  const std::string path = gateway_->path();
  const std::vector<std::string> texts = {
      absl::StrCat("CONNECT 127.0.0.1:1 HTTP/1.1\r\n", kHost, "\r\n"),
      absl::StrCat("CONNECT ", path, "/v1/messages HTTP/1.1\r\n", kHost, "\r\n"),
      absl::StrCat("POST ", path, "/v1/messages HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"),
      absl::StrCat("POST ", path, "/v1/messages HTTP/2.0\r\n", kHost, "\r\n"),
      absl::StrCat("POST ", path, "/v1/mess\tages HTTP/1.1\r\n", kHost, "\r\n"),
      absl::StrCat("POST ", path, "/v1/messages#/count_tokens HTTP/1.1\r\n", kHost, "\r\n"),
      absl::StrCat("GET ", path, "/v1/models\r\n\r\n"),
      absl::StrCat(path, "\r\n\r\n"),
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\x05\x01\x01\xfc\x03\x03 a hello of TLS\r\n\r\n",
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text);
    ExpectRefused(text, 400);
  }
}

TEST_F(RequestTest, OversizedHeadersAreRefused) {
  ExpectRefused(PostLine(absl::StrCat("X: ", std::string(80'000, 'x'), "\r\n")), 431);
  std::string many;
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&many, "X: 1\r\n");
  ExpectRefused(PostLine(many), 431);
  const std::string target(80'000, 'a');
  ExpectRefused(absl::StrCat("GET /", target, " HTTP/1.1\r\n", kHost, "\r\n"), 431);
}

TEST_F(RequestTest, WrongTokenIsNotFound) {
  const std::string token = gateway_->path().substr(1);
  const std::vector<std::string> targets = {
      "/",
      "*",
      "/v1/messages",
      absl::StrCat("/", token, "0/v1/messages"),
      absl::StrCat("/", token.substr(1), "/v1/messages"),
      absl::StrCat("//", token, "/v1/messages"),
      absl::StrCat("/v1/../", token, "/v1/messages"),
      absl::StrCat("http://127.0.0.1/v1/", token, "/v1/messages"),
      absl::StrCat("https://127.0.0.1/", token, "/v1/messages"),
      "http://127.0.0.1",
  };
  for (const std::string& target : targets) {
    SCOPED_TRACE(target);
    ExpectRefused(
        absl::StrCat("POST ", target, " HTTP/1.1\r\n", kHost, "Content-Length: 2\r\n\r\n{}"), 404);
  }
}

// RFC 9112, 2.2: some clients end a body with an empty line that nobody announced.
TEST_F(RequestTest, EmptyLinesBeforeARequestAreIgnored) {
  const std::string post = absl::StrCat(PostLine("Content-Length: 2\r\n"), "{}");
  HttpConnection connection = Connect();
  ASSERT_TRUE(connection.Send(absl::StrCat("\r\n\r\n", post)));
  EXPECT_EQ(connection.Read().status, 200);
  ASSERT_TRUE(connection.Send("\r\n"));
  ASSERT_TRUE(connection.Send(absl::StrCat("\r\n", post, "\r\n", post)));
  EXPECT_EQ(connection.Read().status, 200);
  EXPECT_EQ(connection.Read().status, 200);
  EXPECT_EQ(upstream_.requests().size(), 3u);
}

// RFC 9112, 3.2.2: a client that takes the gateway for its proxy.
TEST_F(RequestTest, AbsoluteFormIsAccepted) {
  for (const char* authority : {"127.0.0.1:8787", "localhost", "[::1]:1"}) {
    SCOPED_TRACE(authority);
    const HttpAnswer answer =
        Ask(absl::StrCat("POST http://", authority, gateway_->path(), "/v1/messages HTTP/1.1\r\n",
                         kHost, "Content-Length: 2\r\n\r\n{}"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(upstream_.requests().back().head, StartsWith("POST /v1/messages HTTP/1.1\r\n"));
  }
}

TEST_F(RequestTest, AbsoluteFormOfAnotherHostIsForbidden) {
  for (const char* authority : {"evil.example", "127.0.0.1.evil.example", "", "u@127.0.0.1"}) {
    SCOPED_TRACE(authority);
    ExpectRefused(absl::StrCat("POST http://", authority, gateway_->path(),
                               "/v1/messages HTTP/1.1\r\n", kHost, "Content-Length: 2\r\n\r\n{}"),
                  403);
  }
  ExpectRefused(absl::StrCat("POST http://127.0.0.1", gateway_->path(), "/v1/messages HTTP/1.1\r\n",
                             "Host: evil.example\r\nContent-Length: 2\r\n\r\n{}"),
                403);
}

TEST_F(RequestTest, DoubleSlashesDontHideAService) {
  EXPECT_EQ(Ask(Post(kPrompt, "", "//api/coding/paas/v4//chat/completions")).status, 200);
  EXPECT_THAT(upstream_.requests().back().head,
              StartsWith("POST /api/coding/paas/v4/chat/completions HTTP/1.1\r\n"));
  EXPECT_EQ(OnlyRow().model(), "glm-4.7");
}

TEST_F(RequestTest, HostOfAWebPageIsForbidden) {
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80",
                           "[::1].evil", "", "10.0.0.1", "127.0.0.1:port"}) {
    SCOPED_TRACE(host);
    ExpectRefused(absl::StrCat(Raw("POST /v1/messages", "HTTP/1.1",
                                   absl::StrCat("Host: ", host, "\r\nContent-Length: 2\r\n")),
                               "{}"),
                  403);
  }
}

TEST_F(RequestTest, FoldedFieldReachesTheUpstreamAsOneLine) {
  const HttpAnswer answer =
      Ask(absl::StrCat(PostLine("X-Folded: one\r\n  two: 3\r\nContent-Length: 2\r\n"), "{}"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(upstream_.requests().at(0).head, HasSubstr("X-Folded: one two: 3\r\n"));
}

TEST_F(RequestTest, ChunkedBodyReachesTheUpstreamWithALength) {
  const HttpAnswer answer = Ask(absl::StrCat(
      PostLine("Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"),
      "2;ext=1\r\n{\"\r\n6\r\nmodel\"\r\n8\r\n:\"glm-5\"\r\n1\r\n}\r\n0\r\nX-Sum: 1\r\n\r\n"));
  EXPECT_EQ(answer.status, 200);
  const auto request = upstream_.requests().at(0);
  EXPECT_EQ(request.body, R"({"model":"glm-5"})");
  EXPECT_THAT(request.head, HasSubstr("Content-Length: 17\r\n"));
  EXPECT_THAT(request.head, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(request.head, Not(HasSubstr("X-Sum")));
  EXPECT_EQ(OnlyRow().model(), "glm-5");
}

TEST_F(RequestTest, OnlyHopByHopFieldsHostAndEncodingChange) {
  Ask(Post(
      kPrompt,
      "Accept-Encoding: gzip, br\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n"
      "X-Api-Key: k\r\nanthropic-beta: a,b\r\nX-Empty:\r\nUser-Agent: test/1\r\n"));
  const std::string head = upstream_.requests().at(0).head;
  const std::string port = upstream_.url().substr(strlen("http://"));
  EXPECT_EQ(head, absl::StrCat("POST /v1/messages HTTP/1.1\r\nHost: ", port,
                               "\r\nContent-Type: application/json\r\nX-Api-Key: k\r\n"
                               "anthropic-beta: a,b\r\nX-Empty:\r\nUser-Agent: test/1\r\n"
                               "Accept-Encoding: identity\r\nContent-Length: ",
                               strlen(kPrompt), "\r\n\r\n"));
}

TEST_F(RequestTest, ExpectationOfContinueIsMet) {
  HttpConnection connection = Connect();
  const std::string request = Post(kPrompt, "Expect: 100-continue\r\n");
  connection.Send(request.substr(0, request.size() - strlen(kPrompt)));
  EXPECT_EQ(connection.Read().status, 100);
  connection.Send(kPrompt);
  EXPECT_EQ(connection.Read().status, 200);
  EXPECT_THAT(upstream_.requests().at(0).head, Not(HasSubstr("Expect")));
}

TEST_F(RequestTest, PipelinedRequestsAreAnsweredInOrder) {
  HttpConnection connection = Connect();
  std::string requests;
  for (int i = 0; i < 20; ++i) absl::StrAppend(&requests, Post(kPrompt));
  ASSERT_TRUE(connection.Send(absl::StrCat(requests, Get("/v1/models", "Connection: close\r\n"))));
  for (int i = 0; i < 20; ++i) {
    const HttpAnswer answer = connection.Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, kMessage);
    EXPECT_EQ(answer.Field("x-zbroker-lease"), absl::StrCat(i + 1));
  }
  EXPECT_EQ(connection.Read().Field("connection"), "close");
  EXPECT_TRUE(connection.ReadEnd());
  EXPECT_EQ(SettledRows().size(), 20u);
}

TEST_F(RequestTest, ClientOfHttp10GetsItsAnswerAndTheEndOfTheConnection) {
  HttpConnection connection = Connect();
  connection.Send(
      absl::StrCat(Raw("POST /v1/messages", "HTTP/1.0",
                       absl::StrCat(kHost, "Content-Length: ", strlen(kPrompt), "\r\n")),
                   kPrompt));
  const HttpAnswer answer = connection.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kMessage);
  EXPECT_TRUE(connection.ReadEnd());
}

TEST_F(RequestTest, BodyAboveTheLimitIsRefusedBeforeItIsSent) {
  gateway_.reset();
  Start(upstream_.url(), {"--max-body", "1"});
  ExpectRefused(PostLine("Content-Length: 1048577\r\n"), 413);
  ExpectRefused(PostLine("Content-Length: 1048577\r\nExpect: 100-continue\r\n"), 413);
  ExpectRefused(absl::StrCat(PostLine("Transfer-Encoding: chunked\r\n"),
                             Chunk(std::string(1 << 20, 'x')), Chunk("x"), kLastChunk),
                413);
  EXPECT_EQ(Ask(Post(std::string(1 << 20, 'x'))).status, 200);
}

TEST_F(RequestTest, BodyThatIsNoJsonIsOneCallOfAnUnknownModel) {
  const std::string body = std::string("\0\xff not {json", 12);
  EXPECT_EQ(Ask(Post(body)).status, 200);
  EXPECT_EQ(upstream_.requests().at(0).body, body);
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.kind(), v1::KIND_CALL);
  EXPECT_EQ(row.model(), "");
  EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
}

TEST_F(RequestTest, DeeplyNestedJsonIsRelayed) {
  const std::string body =
      absl::StrCat(R"({"model":"glm-4.7","messages":)", std::string(1'000'000, '['),
                   std::string(1'000'000, ']'), "}");
  EXPECT_EQ(Ask(Post(body)).status, 200);
  EXPECT_EQ(upstream_.requests().at(0).body.size(), body.size());
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_OK);
}

TEST_F(RequestTest, NamesFromTheRequestThatTheDaemonWouldRefuseDontStopIt) {
  const std::string long_name(5'000, 'm');
  EXPECT_EQ(Ask(Post(absl::StrCat(R"({"model":")", long_name, R"(","messages":[]})"))).status, 200);
  EXPECT_EQ(Ask(Post(R"({"model":"a\u0000b\u001b[1m","messages":[]})")).status, 200);
  EXPECT_EQ(Ask(Post(kPrompt, absl::StrCat("x-session-id: ", long_name, "\r\n"))).status, 200);
  EXPECT_EQ(Ask(Post(kPrompt, "x-session-id: a\xff\xfe\x80\r\n")).status, 200);
  EXPECT_EQ(SettledRows().size(), 4u);
}

TEST_F(RequestTest, CutRequestIsForgotten) {
  for (const size_t left : {1u, 20u, 500u}) {
    HttpConnection connection = Connect();
    const std::string request = Post(std::string(1'000, 'x'));
    connection.Send(request.substr(0, request.size() - left));
    connection.HalfClose();
    EXPECT_TRUE(connection.ReadEnd());
  }
  EXPECT_EQ(upstream_.requests().size(), 0u);
  EXPECT_EQ(daemon_.Rows().size(), 0u);
}

}  // namespace
}  // namespace zbroker::testing
