#include "shims/zai/meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace zbroker::zai {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Counts = MeterLimit::Counts;
using State = MeterAnswer::State;

std::string Envelope(const std::string& rows) {
  return absl::StrCat(R"({"code":200,"msg":"Operation successful","success":true,"data":)",
                      R"({"level":"pro","limits":[)", rows, "]}}");
}

// The only limit of an answer with this row.
MeterLimit Only(const std::string& row) {
  const MeterAnswer answer = ReadMeter(200, Envelope(row));
  EXPECT_EQ(answer.state, State::kRead) << answer.trouble;
  EXPECT_THAT(answer.limits, SizeIs(1)) << row;
  return answer.limits.empty() ? MeterLimit() : answer.limits[0];
}

std::string Row(const std::string& rest) {
  return absl::StrCat(R"({"type":"CREDIT_LIMIT","unit":3,"number":5,)", rest, "}");
}

TEST(MeterTest, EveryRowOfTheDocumentedAnswer) {
  const MeterAnswer answer =
      ReadMeter(200, Envelope(
                         R"({"type":"TIME_LIMIT","unit":5,"number":1,"usage":1000,"currentValue":28,
              "remaining":972,"percentage":2.8,"nextResetTime":1771661559241,
              "usageDetails":[{"modelCode":"search-prime","usage":0}]},
             {"type":"TOKENS_LIMIT","unit":3,"number":5,"percentage":1,
              "nextResetTime":1771073559241},
             {"type":"CREDIT_LIMIT","unit":6,"number":1,"usage":60000,"currentValue":5184,
              "remaining":54816,"percentage":8.6,"nextResetTime":1788371521831})"));
  ASSERT_EQ(answer.state, State::kRead) << answer.trouble;
  ASSERT_THAT(answer.limits, SizeIs(3));
  EXPECT_EQ(answer.limits[0].counts, Counts::kToolCalls);
  EXPECT_EQ(answer.limits[0].months, 1);
  EXPECT_EQ(answer.limits[0].used, 28);
  EXPECT_EQ(answer.limits[0].allowed, 1000);
  EXPECT_EQ(answer.limits[1].counts, Counts::kTokens);
  EXPECT_EQ(answer.limits[1].length, absl::Hours(5));
  EXPECT_EQ(answer.limits[1].percent, 1);
  EXPECT_EQ(answer.limits[1].allowed, 0);
  EXPECT_EQ(answer.limits[1].reset, absl::FromUnixMillis(1771073559241));
  EXPECT_EQ(answer.limits[2].counts, Counts::kCredits);
  EXPECT_EQ(answer.limits[2].length, absl::Hours(7 * 24));
  EXPECT_DOUBLE_EQ(answer.limits[2].percent, 8.64);
}

TEST(MeterTest, LengthIsUnitTimesNumber) {
  EXPECT_EQ(Only(R"({"type":"TOKENS_LIMIT","unit":4,"number":7,"percentage":1})").length,
            absl::Hours(7 * 24));
  EXPECT_EQ(Only(R"({"type":"TOKENS_LIMIT","unit":5,"number":3,"percentage":1})").months, 3);
  EXPECT_EQ(Only(R"({"type":"TOKENS_LIMIT","unit":"3","number":"5","percentage":"1"})").length,
            absl::Hours(5));
}

TEST(MeterTest, LimitThatIsLongerThanTheDaemonTakesIsLeftOut) {
  const std::string row = Row(R"("percentage":5)");
  for (const char* length : {R"("unit":5,"number":121)", R"("unit":6,"number":523)"}) {
    const std::string longer =
        absl::StrCat(R"({"type":"CREDIT_LIMIT",)", length, R"(,"percentage":1})");
    EXPECT_EQ(Only(absl::StrCat(longer, ",", row)).percent, 5) << length;
  }
}

TEST(MeterTest, PartsNeedNotAddUp) {
  const MeterLimit limit =
      Only(Row(R"("usage":12000,"currentValue":402,"remaining":11615,"percentage":3)"));
  EXPECT_DOUBLE_EQ(limit.percent, 3.35);
  EXPECT_EQ(limit.used, 402);
}

TEST(MeterTest, WhatRemainsTellsWhatIsUsed) {
  EXPECT_EQ(Only(Row(R"("usage":12000,"remaining":11000)")).used, 1000);
  EXPECT_EQ(Only(Row(R"("usage":12000,"remaining":13000,"percentage":4)")).percent, 4);
}

TEST(MeterTest, PercentageCountsWhereFiguresAreMissingOrContradictIt) {
  for (const char* figures :
       {"", R"("usage":12000,)", R"("currentValue":7,)", R"("usage":0,"currentValue":0,)",
        R"("usage":-5,"currentValue":1,)", R"("usage":12000,"currentValue":11000,)",
        R"("usage":null,"currentValue":[1],)", R"("usage":"x","currentValue":"y",)"}) {
    const MeterLimit limit = Only(Row(absl::StrCat(figures, R"("percentage":41)")));
    EXPECT_EQ(limit.percent, 41) << figures;
    EXPECT_EQ(limit.allowed, 0) << figures;
  }
}

TEST(MeterTest, ShareThatCannotBeIsNotBelieved) {
  for (const char* figures :
       {R"("percentage":5000)", R"("percentage":201)", R"("usage":100,"currentValue":5000)",
        R"("usage":100,"currentValue":5000,"percentage":5000)"}) {
    const MeterAnswer answer = ReadMeter(200, Envelope(Row(figures)));
    EXPECT_THAT(answer.limits, SizeIs(0)) << figures;
    EXPECT_NE(answer.state, State::kRead) << figures;
  }
}

TEST(MeterTest, MoreThanAllIsUsedUp) {
  EXPECT_GE(Only(Row(R"("usage":100,"currentValue":104,"percentage":100)")).percent, 100);
}

TEST(MeterTest, FiguresBeyondWhatIsKeptAreAShare) {
  const MeterLimit limit = Only(Row(R"("usage":40000000000,"currentValue":10000000000)"));
  EXPECT_EQ(limit.percent, 25);
  EXPECT_EQ(limit.allowed, 0);
}

TEST(MeterTest, UnknownTypesUnitsAndLengthsArePassedOver) {
  const MeterAnswer answer = ReadMeter(
      200, Envelope(absl::StrCat(R"({"type":"WEATHER","unit":3,"number":5,"percentage":9},)",
                                 R"({"type":"TOKENS_LIMIT","unit":1,"number":5,"percentage":9},)",
                                 R"({"type":"TOKENS_LIMIT","unit":3,"number":0,"percentage":9},)",
                                 R"({"type":"TOKENS_LIMIT","unit":3,"number":5e9,"percentage":9},)",
                                 R"({"type":"TOKENS_LIMIT","percentage":9},7,null,[],"x",)",
                                 R"({"type":"TOKENS_LIMIT","unit":3,"number":5},)",
                                 Row(R"("percentage":5)"))));
  EXPECT_EQ(answer.state, State::kRead);
  ASSERT_THAT(answer.limits, SizeIs(1));
  EXPECT_EQ(answer.limits[0].percent, 5);
}

TEST(MeterTest, ResetThatIsNoInstantIsLeftOut) {
  for (const char* reset : {"0", "-1", "1771073559", "1e30", "\"soon\"", "null"}) {
    EXPECT_FALSE(
        Only(Row(absl::StrCat(R"("percentage":5,"nextResetTime":)", reset))).reset.has_value())
        << reset;
  }
}

TEST(MeterTest, NothingToSayIsNoTrouble) {
  EXPECT_EQ(ReadMeter(200, Envelope("")).state, State::kSilent);
  EXPECT_EQ(ReadMeter(200, "").state, State::kSilent);
  EXPECT_EQ(ReadMeter(200, " \n").state, State::kSilent);
}

TEST(MeterTest, ErrorsUnder200AreErrors) {
  const MeterAnswer none =
      ReadMeter(200, R"({"code":500,"msg":"当前用户不存在coding plan","success":false})");
  EXPECT_EQ(none.state, State::kTrouble);
  EXPECT_THAT(none.trouble, HasSubstr("当前用户不存在coding plan"));
  EXPECT_EQ(ReadMeter(200, R"({"success":false})").state, State::kTrouble);
  EXPECT_EQ(
      ReadMeter(200, R"({"code":401,"msg":"token expired or incorrect","success":false})").state,
      State::kRefused);
  EXPECT_EQ(ReadMeter(200, R"({"code":"401"})").state, State::kRefused);
  EXPECT_EQ(ReadMeter(401, "").state, State::kRefused);
  EXPECT_EQ(ReadMeter(503, Envelope(Row(R"("percentage":5)"))).state, State::kTrouble);
}

TEST(MeterTest, RedirectionSaysThatTheKeyDoesNotFollowIt) {
  for (const char* body : {"", "<html>", R"({"msg":"moved"})"}) {
    const MeterAnswer answer = ReadMeter(302, body);
    EXPECT_EQ(answer.state, State::kTrouble);
    EXPECT_THAT(answer.trouble, HasSubstr("HTTP 302, which leads elsewhere")) << body;
    EXPECT_THAT(answer.trouble, HasSubstr("upstream"));
  }
}

TEST(MeterTest, LevelIsTheProvidersWordForThePlan) {
  const std::string row = Row(R"("percentage":5)");
  EXPECT_EQ(ReadMeter(200, Envelope(row)).level, "pro");
  EXPECT_EQ(ReadMeter(200, absl::StrCat(R"({"data":{"limits":[)", row, "]}}")).level, "");
  EXPECT_EQ(ReadMeter(200, absl::StrCat(R"({"data":{"level":7,"limits":[)", row, "]}}")).level, "");
  const std::string odd = std::string(300, 'x');
  EXPECT_EQ(
      ReadMeter(200, absl::StrCat(R"({"data":{"level":"a\n)", odd, R"(","limits":[)", row, "]}}"))
          .level,
      absl::StrCat("a ", std::string(38, 'x')));
}

TEST(MeterTest, WhatIsNoAnswerOfAMeterIsTrouble) {
  const std::string whole = Envelope(Row(R"("percentage":5)"));
  for (const std::string& body :
       {std::string("<html>502 Bad Gateway</html>"), whole.substr(0, whole.size() / 2),
        std::string("[]"), std::string("null"), std::string("{}"),
        std::string(R"({"code":200,"data":[]})"),
        std::string(R"({"code":200,"data":{"limits":7}})"), Envelope("7"),
        absl::StrCat(whole, std::string(kMeterBytesMax, ' '))}) {
    const MeterAnswer answer = ReadMeter(200, body);
    EXPECT_EQ(answer.state, State::kTrouble) << body.substr(0, 80);
    EXPECT_NE(answer.trouble, "");
  }
}

TEST(MeterTest, MoreRowsThanAnyMeterHasAreCutOff) {
  std::string rows = Row(R"("percentage":5)");
  for (size_t i = 0; i < 2 * kMeterLimitsMax; ++i)
    absl::StrAppend(&rows, ",", Row(R"("percentage":5)"));
  EXPECT_THAT(ReadMeter(200, Envelope(rows)).limits, SizeIs(kMeterLimitsMax));
}

}  // namespace
}  // namespace zbroker::zai
