#include "tests/testing/upstream/service_model.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/upstream/control.h"
#include "tests/testing/upstream/error_shapes.h"
#include "tests/testing/upstream/json_reader.h"
#include "tests/testing/upstream/messages.h"

namespace zbroker::testing {
namespace {

constexpr absl::string_view kPath = "/work";

BootTime At(int64_t us) { return BootTime::FromMicros(us); }

class ServiceModelTest : public ::testing::Test {
 protected:
  // Changes the settings as a test over HTTP would.
  void Configure(absl::string_view text) {
    const ControlReply reply = HandleControl("POST", "/_control/config", text, model_, log_);
    ASSERT_EQ(reply.status, 200) << reply.body;
  }
  std::string Refusal(absl::string_view text) {
    const ControlReply reply = HandleControl("POST", "/_control/config", text, model_, log_);
    return reply.status == 400 ? reply.body : absl::StrCat("accepted: ", reply.body);
  }
  std::vector<bool> ThrottledOf(int requests) {
    std::vector<bool> throttled;
    for (int i = 0; i < requests; ++i) {
      const Admission admission = model_.Arrive(kPath, At(i));
      throttled.push_back(admission.throttled);
      model_.End(admission.id, Outcome::kOk, At(i));
    }
    return throttled;
  }

  ServiceModel model_{Settings()};
  RequestLog log_;
};

TEST_F(ServiceModelTest, ThrottlesTheFirstRequestOverTheLimit) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(model_.Arrive(kPath, At(0)).throttled);
  EXPECT_TRUE(model_.Arrive(kPath, At(0)).throttled);
  EXPECT_EQ(model_.in_flight(), 3u);
  EXPECT_EQ(model_.counters().throttled, 1);
}

TEST_F(ServiceModelTest, AdmitsAgainAsSoonAsOneHasEnded) {
  Configure(R"({"limit":1})");
  const Admission first = model_.Arrive(kPath, At(0));
  model_.End(first.id, Outcome::kOk, At(10));
  EXPECT_FALSE(model_.Arrive(kPath, At(10)).throttled);
  EXPECT_EQ(model_.counters().max_in_flight, 1u);
}

TEST_F(ServiceModelTest, OnlyTheFirstEndOfARequestCounts) {
  const Admission admission = model_.Arrive(kPath, At(0));
  model_.End(admission.id, Outcome::kAborted, At(5));
  model_.End(admission.id, Outcome::kOk, At(9));
  EXPECT_EQ(model_.counters().aborted, 1);
  EXPECT_EQ(model_.counters().ok, 0);
  EXPECT_EQ(model_.records().back().finished, At(5));
}

TEST_F(ServiceModelTest, LoweringTheLimitCancelsNothing) {
  model_.Arrive(kPath, At(0));
  const Admission second = model_.Arrive(kPath, At(0));
  Configure(R"({"limit":1})");
  EXPECT_EQ(model_.in_flight(), 2u);
  model_.End(second.id, Outcome::kOk, At(1));
  EXPECT_TRUE(model_.Arrive(kPath, At(1)).throttled);
}

TEST_F(ServiceModelTest, ScriptIsConsumedInOrderByAdmittedRequestsOnly) {
  Configure(R"({"limit":1,"script":[{"code":"1305"},{},{"garbage":true}]})");
  const Admission first = model_.Arrive(kPath, At(0));
  EXPECT_EQ(first.script.code, "1305");
  EXPECT_TRUE(model_.Arrive(kPath, At(0)).throttled);
  model_.End(first.id, Outcome::kFault, At(0));
  const Admission second = model_.Arrive(kPath, At(0));
  EXPECT_EQ(second.script.code, "");
  model_.End(second.id, Outcome::kOk, At(0));
  EXPECT_TRUE(model_.Arrive(kPath, At(0)).script.garbage);
  EXPECT_TRUE(model_.settings().script.empty());
}

TEST_F(ServiceModelTest, DrawsOfASeedRepeat) {
  Configure(R"({"throttle_probability":0.5,"seed":7})");
  const std::vector<bool> first = ThrottledOf(64);
  Configure(R"({"seed":7})");
  EXPECT_EQ(ThrottledOf(64), first);
  EXPECT_GT(model_.counters().throttled, 32);
  EXPECT_GT(model_.counters().ok, 32);
}

TEST_F(ServiceModelTest, EndAfterAResetIsNotCounted) {
  const Admission before = model_.Arrive(kPath, At(0));
  model_.Reset();
  const Admission after = model_.Arrive(kPath, At(1));
  EXPECT_EQ(model_.counters().max_in_flight, 2u);
  model_.End(before.id, Outcome::kOk, At(2));
  EXPECT_EQ(model_.in_flight(), 1u);
  EXPECT_EQ(model_.counters().ok, 0);
  model_.End(after.id, Outcome::kOk, At(3));
  EXPECT_EQ(model_.counters().ok, 1);
}

TEST_F(ServiceModelTest, KeepsTheLastRecordsOnly) {
  const Admission first = model_.Arrive(kPath, At(0));
  ThrottledOf(kRecordsMax);
  EXPECT_EQ(model_.records().size(), kRecordsMax);
  EXPECT_EQ(model_.records().front().id, first.id + 1);
  model_.End(first.id, Outcome::kOk, At(1));
  EXPECT_EQ(model_.counters().ok, static_cast<int64_t>(kRecordsMax) + 1);
}

TEST_F(ServiceModelTest, CountsPathsBeyondTheBoundTogether) {
  for (size_t i = 0; i < kCountedPathsMax + 10; ++i) model_.CountOther(absl::StrCat("/p", i));
  EXPECT_EQ(model_.counters().by_path.at("other"), 10);
  EXPECT_EQ(model_.counters().requests, 0);
}

TEST_F(ServiceModelTest, RefusedConfigurationChangesNothing) {
  EXPECT_EQ(Refusal(R"({"limit":9,"chunks":0})"),
            R"({"error":"config: chunks must be a whole number from 1 to 100000"})");
  EXPECT_EQ(Refusal(R"({"limt":9})"), R"({"error":"config: unknown member limt"})");
  EXPECT_EQ(Refusal(R"({"limit":9,"script":[{},{"cod":"1"}]})"),
            R"({"error":"script[1]: unknown member cod"})");
  EXPECT_EQ(model_.settings().limit, 3);
}

TEST_F(ServiceModelTest, StatsShowWhatIsInServiceAndWhatHasEnded) {
  const Admission first = model_.Arrive(kPath, At(100));
  model_.Arrive(kPath, At(200));
  model_.End(first.id, Outcome::kOk, At(300));
  const ControlReply reply = HandleControl("GET", "/_control/stats", "", model_, log_);
  EXPECT_EQ(reply.body,
            R"({"in_flight":1,"max_in_flight":2,"requests":2,"ok":1,"throttled":0,"faults":0,)"
            R"("aborted":0,"by_path":{"/work":2},"records":[)"
            R"({"id":1,"path":"/work","started_us":100,"finished_us":300,"outcome":"ok"},)"
            R"({"id":2,"path":"/work","started_us":200,"finished_us":null,"outcome":null}]})");
}

TEST(RequestLogTest, KeepsTheLastRequestsAndCutsBodiesBetweenCharacters) {
  RequestLog log;
  log.Add({.method = "GET", .target = "/old"}, 1);
  const std::string body = std::string(kKeptBodyBytesMax - 1, 'x') + "é";
  log.Add({.method = "POST", .target = "/new", .body_bytes = body.size(), .body = body}, 1);
  const boost::json::array list = log.Last(10);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].at("target"), "/new");
  EXPECT_EQ(list[0].at("body_bytes"), kKeptBodyBytesMax + 1);
  EXPECT_EQ(list[0].at("body").as_string().size(), kKeptBodyBytesMax - 1);
}

TEST(ErrorShapesTest, EveryShapeIsWordedAsTheProviderDoes) {
  ProviderError error;
  error.code = "1302";
  error.message = "m";
  error.request_id = "r";
  const std::vector<std::pair<ErrorShape, std::string>> expected = {
      {ErrorShape::kOpenAi, R"({"error":{"code":"1302","message":"m"}})"},
      {ErrorShape::kOpenAiNumber, R"({"error":{"code":1302,"message":"m"}})"},
      {ErrorShape::kOpenAiRequestId, R"({"error":{"code":"1302","message":"m"},"request_id":"r"})"},
      {ErrorShape::kFlat, R"({"code":"1302","message":"[1302][m][r]"})"},
      {ErrorShape::kCodeInType,
       R"({"type":"error","error":{"type":"1302","message":"m"},"request_id":"r"})"},
      {ErrorShape::kAnthropic,
       R"({"type":"error","error":{"type":"rate_limit_error","code":"1302",)"
       R"("message":"[1302][m][r]"},"request_id":"r"})"},
      {ErrorShape::kMessageOnly, R"({"message":"m"})"},
      {ErrorShape::kErrorText, R"({"error":"m"})"},
      {ErrorShape::kText, "m"},
  };
  for (const auto& [shape, body] : expected) {
    EXPECT_EQ(ErrorBody(error, shape), body);
    EXPECT_EQ(ParseErrorShape(ErrorShapeName(shape)), shape);
  }
}

TEST(ErrorShapesTest, OverloadIs529OnAnthropicPathsOnly) {
  EXPECT_EQ(ErrorStatus("1305", Protocol::kAnthropic), 529);
  EXPECT_EQ(ErrorStatus("1305", Protocol::kOpenAi), 429);
  EXPECT_EQ(ErrorStatus("no such code", Protocol::kOpenAi), 429);
}

TEST(ErrorShapesTest, RequestIdBeginsWithTheProvidersClock) {
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(2026, 9, 21, 10, 55, 29), absl::UTCTimeZone());
  EXPECT_EQ(ProviderTime(time), "2026-09-21 18:55:29");
  EXPECT_EQ(RequestId(time, 255), "202609211855290000000000000000ff");
}

TEST(MessagesTest, EveryEventOfAStreamHoldsJson) {
  for (const Protocol protocol : {Protocol::kAnthropic, Protocol::kOpenAi}) {
    Exchange exchange;
    exchange.protocol = protocol;
    exchange.output_tokens = 1;
    const std::string stream =
        absl::StrCat(StreamOpening(exchange), StreamChunk(exchange, 0), StreamClosing(exchange));
    for (size_t at = 0; (at = stream.find("data: ", at)) != std::string::npos;) {
      at += 6;
      const std::string data = stream.substr(at, stream.find("\n\n", at) - at);
      EXPECT_TRUE(data == "[DONE]" || ParseJson(data).ok()) << data;
    }
  }
}

TEST(MessagesTest, RequestWithoutMessagesIsRefused) {
  EXPECT_FALSE(ReadExchange(Protocol::kAnthropic, R"({"model":"glm-4.7"})").ok());
  EXPECT_FALSE(ReadExchange(Protocol::kOpenAi, "not JSON").ok());
  EXPECT_TRUE(ReadExchange(Protocol::kPlain, "not JSON").ok());
}

}  // namespace
}  // namespace zbroker::testing
