#include "client/zctl/message_json.h"

#include <gtest/gtest.h>

#include <limits>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/unit/zctl/message.h"
#include "zbroker/v1/admin.pb.h"
#include "zbroker/v1/broker.pb.h"
#include "zbroker/v1/doctor.pb.h"
#include "zbroker/v1/ledger.pb.h"
#include "zbroker/v1/output.pb.h"

namespace zbroker::zctl {
namespace {

// Any JSON object as a value, since protobuf's printer orders fields otherwise than we do.
google::protobuf::Struct Read(const std::string& json) {
  google::protobuf::Struct value;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &value).ok()) << json;
  return value;
}

// What protobuf itself prints.
std::string ProtobufJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

std::string OneLine(const google::protobuf::Message& message) {
  return ToJson(message, JsonStyle::kOneLine);
}

void ExpectAsProtobufDoes(const google::protobuf::Message& message) {
  const std::string json = OneLine(message);
  const std::string expected = ProtobufJson(message);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(Read(json), Read(expected)))
      << json << "\ninstead of\n"
      << expected;
}

v1::LedgerRow FullRow() {
  return Parse<v1::LedgerRow>(R"(
    lease_id: 18446744073709551615 account: 'default' model: 'glm-4.6' kind: KIND_CALL
    priority: PRIORITY_BACKGROUND weight: 0.1 session: 's' parent_lease_id: 7 program: 'claude'
    pid: -1 uid: 4294967295 queued { seconds: 1 nanos: 500000000 } granted { seconds: 2 }
    closed { seconds: 3 nanos: 1 } outcome: OUTCOME_WALL upstream_code: '1308' detail: 'x'
    attempt: 2 first_byte { seconds: 2 nanos: 9 } http_status: 429
    usage { input_tokens: 9223372036854775807 output_tokens: 1 })");
}

TEST(JsonTest, UnsetMessageIsNull) {
  EXPECT_EQ(OneLine(Parse<v1::Blocked>("reason: 'paused'")),
            R"({"reason":"paused","until":null,"detail":""})");
}

TEST(JsonTest, NullsOfAStatusAreWhereScriptsExpectThem) {
  const std::string json = OneLine(Parse<v1::Status>("accounts { name: 'default' slots { } }"));
  EXPECT_NE(json.find("\"cool_down_until\":null"), std::string::npos) << json;
  EXPECT_NE(json.find("\"blocked\":null"), std::string::npos) << json;
}

TEST(JsonTest, SixtyFourBitNumbersAreStrings) {
  v1::LedgerGroup group;
  group.set_leases(std::numeric_limits<uint64_t>::max());
  EXPECT_NE(OneLine(group).find("\"leases\":\"18446744073709551615\""), std::string::npos);
}

TEST(JsonTest, WithoutNullsItIsWhatProtobufPrints) { ExpectAsProtobufDoes(FullRow()); }

TEST(JsonTest, StringsAreEscapedAsProtobufDoes) {
  v1::LedgerRow row = FullRow();
  row.set_session("a\"b\\c\n\x1b\x7f<&>/für 智谱 \u2028\U0001F600");
  ExpectAsProtobufDoes(row);
}

TEST(JsonTest, NumbersArePrintedAsProtobufDoes) {
  for (const double number :
       {0.0, -0.5, 1e6, 1e21, 1.0 / 3, 1e-7, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    v1::LedgerRow row = FullRow();
    row.set_weight(number);
    ExpectAsProtobufDoes(row);
  }
}

TEST(JsonTest, LengthsArePrintedAsProtobufDoes) {
  const auto group = Parse<v1::LedgerGroup>(
      "key: 'k' held { seconds: -1 nanos: -500000 } waited { seconds: 18000 nanos: 1 } usage {}");
  ExpectAsProtobufDoes(group);
}

TEST(JsonTest, EnumValueOfANewerDaemonIsItsNumber) {
  v1::LedgerRow row = FullRow();
  row.set_outcome(static_cast<v1::Outcome>(99));
  ExpectAsProtobufDoes(row);
}

TEST(JsonTest, RepeatedNumbersArePrintedAsProtobufDoes) {
  const auto welcome = Parse<v1::Welcome>("daemon_version: '1' reclaimed: [1, 2]");
  ExpectAsProtobufDoes(welcome);
}

TEST(JsonTest, AbsentOptionalPrimitiveIsLeftOut) {
  EXPECT_EQ(OneLine(Parse<v1::SetLimitRequest>("account: 'a'")),
            R"({"account":"a","model":"","dry_run":false})");
}

TEST(JsonTest, AlternativesNotTakenAreLeftOut) {
  EXPECT_EQ(OneLine(Parse<v1::SessionRequest>("cancel { ticket: 't' }")),
            R"({"cancel":{"ticket":"t","keep_place":false}})");
}

TEST(JsonTest, EmptyListsAreThere) {
  EXPECT_EQ(OneLine(v1::LeaseList()), R"({"leases":[]})");
  EXPECT_EQ(ToJson(v1::LeaseList(), JsonStyle::kIndented), "{\n  \"leases\": []\n}");
}

TEST(JsonTest, IndentationIsTwoSpaces) {
  EXPECT_EQ(ToJson(Parse<v1::SessionRequest>("hello { reclaims { lease_id: 1 ticket: 't' } }"),
                   JsonStyle::kIndented),
            R"({
  "hello": {
    "client_name": "",
    "reclaims": [
      {
        "lease_id": "1",
        "ticket": "t"
      }
    ]
  }
})");
}

TEST(JsonTest, ProtobufReadsItBack) {
  const auto status = Parse<v1::Status>(R"(
    accounts { name: 'default' slots { limit: 3 } windows { name: '5h' used: 1.5 }
               leases { lease_id: 1 held { seconds: 2 } } }
    now { seconds: 1795348800 })");
  for (const JsonStyle style : {JsonStyle::kOneLine, JsonStyle::kIndented}) {
    v1::Status read;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ToJson(status, style), &read).ok());
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(status, read));
  }
}

TEST(AnswerTest, BeginsWithTheVersionOfItsMeaning) {
  EXPECT_EQ(ToAnswer(v1::LeaseList(), JsonStyle::kOneLine), R"({"schema_version":1,"leases":[]})");
  EXPECT_EQ(ToAnswer(v1::LeaseList(), JsonStyle::kIndented),
            "{\n  \"schema_version\": 1,\n  \"leases\": []\n}");
}

TEST(AnswerTest, OneThatHasTheVersionItselfHasItOnce) {
  EXPECT_EQ(
      ToAnswer(Parse<v1::DoctorReport>("schema_version: 1 version: 'x'"), JsonStyle::kOneLine),
      R"({"schema_version":1,"version":"x","healthy":false,"findings":[],"error":""})");
}

TEST(AnswerTest, TextThatIsNotThereIsNull) {
  EXPECT_EQ(OneLine(v1::ToolSetUp()), R"({"name":"","set_up":false,"error":null})");
  EXPECT_EQ(OneLine(Parse<v1::ToolSetUp>("error { value: 'a\"b' }")),
            R"({"name":"","set_up":false,"error":"a\"b"})");
}

TEST(AnswerTest, FailureSaysItsCodeInWords) {
  EXPECT_EQ(
      ToFailure(absl::UnavailableError("no \x1b daemon"), 69, JsonStyle::kOneLine),
      R"({"schema_version":1,"error":{"code":"UNAVAILABLE","message":"no \\x1b daemon","exit_code":69}})");
}

}  // namespace
}  // namespace zbroker::zctl
