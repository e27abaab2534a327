// Answers that are none, or not in the form that the client needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/gateway/relay.h"

namespace zbroker::gateway {
namespace {

using ::testing::EndsWith;
using testing::FakeBroker;
using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpConnection;
using ::testing::Not;
using testing::RawUpstream;
using testing::WaitUntil;

constexpr char kMessagesPath[] = "/v1/messages";
constexpr char kChatPath[] = "/api/coding/paas/v4/chat/completions";
constexpr char kResponsesPath[] = "/api/v1/responses";
constexpr char kMessagesRequest[] =
    R"({"model":"glm-4.7","stream":true,"messages":[{"role":"user","content":"hi"}]})";
constexpr char kResponsesRequest[] = R"({"model":"glm-4.7","stream":true,"input":"hi"})";

std::string Stream(absl::string_view events) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: ",
                      events.size(), "\r\n\r\n", events);
}

class BrokenAnswerTest : public RelayTest {
 protected:
  // One after the other, and the last one for all that follow.
  void StartWith(std::vector<std::string> answers) {
    Start([answers = std::move(answers)](const RawUpstream::Request& request,
                                         const RawUpstream::Peer& peer) {
      const size_t index = static_cast<size_t>(request.number) - 1;
      return peer.Send(answers[std::min(index, answers.size() - 1)]);
    });
  }
  HttpAnswer AskAt(absl::string_view path, absl::string_view body) const {
    return Ask(absl::StrCat("POST /", kToken, path, " HTTP/1.1\r\nHost: 127.0.0.1\r\n",
                            "Content-Length: ", body.size(), "\r\n\r\n", body));
  }
  std::vector<FakeBroker::End> Ends(size_t count) {
    EXPECT_TRUE(WaitUntil([&] { return broker_.Ends().size() >= count; }));
    return broker_.Ends();
  }
};

struct Beginning {
  const char* name;
  const char* path;
  const char* request;
  const char* begins;  // the first events of an answer
  const char* ends;    // the others
};

const Beginning kBeginnings[] = {
    {"Messages", kMessagesPath, kMessagesRequest,
     "data: "
     "{\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":{\"input_tokens\":7}}}"
     "\n\ndata: {\"type\":\"ping\"}\n\n"
     "data: "
     "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
     "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"hello\"}}\n\n"
     "data: {\"type\":\"message_stop\"}\n\n"},
    {"Chat", kChatPath, kMessagesRequest,
     "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
     "data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\ndata: [DONE]\n\n"},
    {"Responses", kResponsesPath, kResponsesRequest,
     "data: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\"}}\n\n"
     "data: {\"type\":\"response.in_progress\",\"response\":{\"status\":\"in_progress\"}}\n\n",
     "data: {\"type\":\"response.output_text.delta\",\"delta\":\"hello\"}\n\n"
     "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n"},
};

class BeginningTest : public BrokenAnswerTest, public ::testing::WithParamInterface<Beginning> {
 protected:
  std::string Whole() const { return absl::StrCat(GetParam().begins, GetParam().ends); }
  std::string Failing(absl::string_view code) const {
    return absl::StrCat(GetParam().begins,
                        "event: error\ndata: {\"type\":\"error\",\"error\":{\"code\":\"", code,
                        "\",\"message\":\"no\"}}\n\n");
  }
};

TEST_P(BeginningTest, ThrottleBehindItIsTriedAgainUnseen) {
  StartWith({Stream(Failing("1302")), Stream(Whole())});
  const HttpAnswer answer = AskAt(GetParam().path, GetParam().request);
  EXPECT_EQ(answer.body, Whole());
  const auto ends = Ends(2);
  EXPECT_EQ(ends[0].outcome, v1::OUTCOME_THROTTLE);
  EXPECT_EQ(ends[1].outcome, v1::OUTCOME_OK);
  EXPECT_EQ(ends[0].request.ticket(), ends[1].request.ticket());
}

TEST_P(BeginningTest, FaultBehindItIsTriedOnceMoreUnderTheSameLease) {
  StartWith({Stream(Failing("1234")), Stream(Whole())});
  EXPECT_EQ(AskAt(GetParam().path, GetParam().request).body, Whole());
  const auto ends = Ends(1);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].outcome, v1::OUTCOME_OK);
}

// Its client takes a 502 for what it is, and tries again by its own rules.
TEST_P(BeginningTest, AnswerThatEndsWithItIsNone) {
  StartWith({Stream(GetParam().begins)});
  const HttpAnswer answer = AskAt(GetParam().path, GetParam().request);
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("broke off"));
  EXPECT_EQ(Ends(1)[0].outcome, v1::OUTCOME_TRANSIENT);
}

INSTANTIATE_TEST_SUITE_P(Protocols, BeginningTest, ::testing::ValuesIn(kBeginnings),
                         [](const auto& item) { return std::string(item.param.name); });

// As large as what it repeats.
TEST_F(BrokenAnswerTest, ResponseThatEndsWithAHugeEventIsWhole) {
  const std::string events = absl::StrCat(
      "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":"
      "\"hello\"}\n\nevent: response.completed\ndata: "
      "{\"type\":\"response.completed\",\"response\":{"
      "\"status\":\"completed\",\"output\":[{\"content\":\"",
      std::string(400'000, 'x'), "\"}],\"usage\":{\"input_tokens\":100,\"output_tokens\":8}}}\n\n");
  StartWith({Stream(events)});
  const HttpAnswer answer = AskAt(kResponsesPath, kResponsesRequest);
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body == events) << answer.body.size();
  const auto end = Ends(1)[0];
  EXPECT_EQ(end.outcome, v1::OUTCOME_OK);
  EXPECT_EQ(end.details.usage().input_tokens(), 100);
  EXPECT_EQ(end.details.usage().output_tokens(), 8);
}

constexpr char kRequest[] = R"({"model":"glm-4.7","messages":[{"role":"user","content":"hi"}]})";

std::string Typed(absl::string_view status, absl::string_view type, absl::string_view body,
                  absl::string_view fields = "") {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: ", type, "\r\n", fields,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

std::string Gzip(absl::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()), 0);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// The bytes are the upstream's; its status would make an answer of them.
TEST_F(BrokenAnswerTest, WhatNoModelGaveFailsAndCostsNothing) {
  const std::pair<const char*, const char*> pages[] = {
      {"text/html", "<html>Just a moment</html>"},
      {"text/plain", "ok"},
      {"application/json", R"({"detail":"Not found"})"},
      {"application/json", R"("ok")"},
  };
  std::vector<std::string> answers;
  for (const auto& [type, body] : pages) answers.push_back(Typed("200 OK", type, body));
  StartWith(answers);
  size_t count = 0;
  for (const auto& [type, body] : pages) {
    const HttpAnswer answer = AskAt(kMessagesPath, kRequest);
    EXPECT_EQ(answer.status, 502) << body;
    EXPECT_EQ(answer.body, body);
    const FakeBroker::End end = Ends(++count).back();
    EXPECT_EQ(end.outcome, v1::OUTCOME_TRANSIENT) << body;
    EXPECT_TRUE(end.details.unused()) << body;
    EXPECT_THAT(end.details.message(), HasSubstr("not a model's"));
  }
}

TEST_F(BrokenAnswerTest, RedirectionIsTheClientsAndCostsNothing) {
  StartWith({Typed("302 Found", "text/html", "<html>", "Location: https://login.example/\r\n")});
  const HttpAnswer answer = AskAt(kMessagesPath, kRequest);
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.Field("location"), "https://login.example/");
  const FakeBroker::End end = Ends(1)[0];
  EXPECT_EQ(end.outcome, v1::OUTCOME_FAILED);
  EXPECT_TRUE(end.details.unused());
}

// The model did work.
TEST_F(BrokenAnswerTest, AnswerThatBreaksOffFailsAndIsCharged) {
  StartWith({Typed("200 OK", "application/json", R"({"content":[{"type":"text","text":"he)")});
  AskAt(kMessagesPath, kRequest);
  const FakeBroker::End end = Ends(1)[0];
  EXPECT_EQ(end.outcome, v1::OUTCOME_TRANSIENT);
  EXPECT_FALSE(end.details.unused());
}

TEST_F(BrokenAnswerTest, WallInAnEncodingThatNobodyKnowsIsReadIfItCanBe) {
  constexpr char kWall[] =
      R"({"error":{"code":"1308","message":"Usage limit reached for 5 hour."}})";
  StartWith({Typed("429 x", "application/json", kWall, "Content-Encoding: utf-8\r\n"),
             Typed("429 x", "application/json", Gzip(kWall)),
             Typed("429 x", "application/json", kWall, "Content-Encoding: gzip\r\n"),
             Typed("400 x", "application/json", "\x01\x02", "Content-Encoding: lzma\r\n")});
  for (size_t count = 1; count <= 3; ++count) {
    AskAt(kMessagesPath, kRequest);
    EXPECT_EQ(Ends(count).back().outcome, v1::OUTCOME_WALL) << count;
  }
  ::testing::internal::CaptureStderr();
  AskAt(kMessagesPath, kRequest);
  AskAt(kMessagesPath, kRequest);
  EXPECT_EQ(Ends(5).back().outcome, v1::OUTCOME_FAILED);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("lzma"));
  EXPECT_EQ(log.find("lzma"), log.rfind("lzma")) << log;
}

TEST_F(BrokenAnswerTest, LargeRefusalIsReadToItsEnd) {
  StartWith({Typed("429 x", "application/json",
                   absl::StrCat(R"({"error":{"message":")", std::string(5'000'000, 'z'),
                                R"( 5 hour","code":"1308"}})"))});
  AskAt(kMessagesPath, kRequest);
  EXPECT_EQ(Ends(1)[0].outcome, v1::OUTCOME_WALL);
}

// Behind the pings that a client got while it waited.
class PromisedStreamTest : public BrokenAnswerTest {
 protected:
  HttpAnswer AskBehindPings(absl::string_view path, absl::string_view body, std::string answer) {
    options_.silence = std::chrono::milliseconds(10);
    broker_.SetSlots(0);
    StartWith({std::move(answer)});
    HttpConnection client = Connect();
    client.Send(absl::StrCat("POST /", kToken, path, " HTTP/1.1\r\nHost: 127.0.0.1\r\n",
                             "Content-Length: ", body.size(), "\r\n\r\n", body));
    client.ReadUntil("ping");
    broker_.SetSlots(1);
    return client.Read();
  }
};

constexpr char kPromisedEvents[] =
    "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"hello\"}}\n\n"
    "data: {\"type\":\"message_stop\"}\n\n";

TEST_F(PromisedStreamTest, EncodedStreamIsDecoded) {
  const std::string packed = Gzip(kPromisedEvents);
  const HttpAnswer answer = AskBehindPings(
      kMessagesPath, kMessagesRequest,
      absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip",
                   "\r\nContent-Length: ", packed.size(), "\r\n\r\n", packed));
  EXPECT_THAT(answer.body, EndsWith(kPromisedEvents));
  EXPECT_EQ(Ends(1)[0].outcome, v1::OUTCOME_OK);
}

TEST_F(PromisedStreamTest, EncodingThatBreaksEndsWithAnError) {
  std::string packed = Gzip(absl::StrCat(std::string(2000, '\n'), kPromisedEvents));
  packed.replace(packed.size() - 20, 12, 12, '\xff');
  const HttpAnswer answer = AskBehindPings(
      kMessagesPath, kMessagesRequest,
      absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip",
                   "\r\nContent-Length: ", packed.size(), "\r\n\r\n", packed));
  EXPECT_THAT(answer.body, HasSubstr("event: error\n"));
  EXPECT_EQ(Ends(1)[0].outcome, v1::OUTCOME_TRANSIENT);
}

TEST_F(PromisedStreamTest, WholeAnswerBecomesAStream) {
  const HttpAnswer answer =
      AskBehindPings(kMessagesPath, kMessagesRequest,
                     Typed("200 OK", "application/json",
                           R"({"type":"message","content":[{"type":"text","text":"hello"}],
                               "stop_reason":"end_turn","usage":{"output_tokens":7}})"));
  EXPECT_TRUE(answer.complete);
  EXPECT_THAT(answer.body, HasSubstr(R"({"type":"text_delta","text":"hello"})"));
  EXPECT_THAT(answer.body, HasSubstr("event: message_stop\n"));
  const FakeBroker::End end = Ends(1)[0];
  EXPECT_EQ(end.outcome, v1::OUTCOME_OK);
  EXPECT_EQ(end.details.usage().output_tokens(), 7);
}

TEST_F(PromisedStreamTest, WhatIsNeitherEndsWithAnErrorThatSaysWhy) {
  const HttpAnswer answer =
      AskBehindPings(kChatPath, kMessagesRequest,
                     Typed("200 OK", "application/json", R"({"usage":{"completion_tokens":7}})"));
  EXPECT_THAT(answer.body, HasSubstr("data: {\"error\":{"));
  EXPECT_THAT(answer.body, HasSubstr("without a stream"));
  EXPECT_THAT(answer.body, Not(HasSubstr("[DONE]")));
  EXPECT_EQ(Ends(1)[0].outcome, v1::OUTCOME_TRANSIENT);
}

TEST_F(BrokenAnswerTest, WhoIsRefusedForAMomentIsToldForHowLong) {
  broker_.Refuse(absl::ResourceExhaustedError("session a has 1 request in flight"));
  StartWith({Typed("200 OK", "application/json", "{}")});
  const HttpAnswer answer = AskAt(kMessagesPath, kRequest);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Field("retry-after"), "2");
}

}  // namespace
}  // namespace zbroker::gateway
