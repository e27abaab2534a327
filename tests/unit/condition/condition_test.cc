#include "client/condition/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"

namespace zbroker::condition {
namespace {

using ::testing::HasSubstr;

v1::Status Status(absl::string_view accounts) {
  v1::Status status;
  const std::string text = absl::StrCat("now { seconds: 1000 } ", accounts);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &status)) << text;
  return status;
}

v1::Status Account(absl::string_view fields) {
  return Status(absl::StrCat("accounts { name: 'default' ", fields, " }"));
}

absl::StatusOr<Verdict> Judge(absl::string_view condition, const v1::Status& status,
                              absl::string_view account = "") {
  const auto parsed = Condition::Parse(condition);
  if (!parsed.ok()) return parsed.status();
  return parsed->Judge(status, account);
}

bool Holds(absl::string_view condition, const v1::Status& status, absl::string_view account = "") {
  const auto verdict = Judge(condition, status, account);
  EXPECT_TRUE(verdict.ok()) << verdict.status();
  return verdict.ok() && verdict->reached;
}

TEST(ConditionTest, RefusesWhatIsNoCondition) {
  for (const absl::string_view text : {"",         " ",      "slots",
                                       "Slot",     "0",      "-1",
                                       "+7",       "1.5",    "99999999999999999999",
                                       "<80%",     "5h<",    "5h<%",
                                       "5h<x",     "5h<-1",  "5h<nan",
                                       "5h<inf",   "5h=80%", "5h<80%%",
                                       "5h<1e999", "5h<<80", "5h<0%",
                                       "5h<0",     "a\nb<1", "5h<0x10",
                                       "5h<1e3",   "5h<."}) {
    const auto parsed = Condition::Parse(text);
    EXPECT_TRUE(absl::IsInvalidArgument(parsed.status())) << text;
  }
}

TEST(ConditionTest, QuotesControlCharactersHarmlessly) {
  EXPECT_EQ(Condition::Parse("\x1b[2J").status().message().find('\x1b'), std::string::npos);
}

TEST(ConditionTest, ReadsFiguresWithSpacesAndFractions) {
  for (const absl::string_view text : {"5h < 80 %", "5h<=0", "week>=99.5%", "5h > 12"}) {
    EXPECT_TRUE(Condition::Parse(text).ok()) << text;
  }
}

TEST(ConditionTest, SlotIsFreeWhenANewRequestWouldNotWait) {
  EXPECT_TRUE(Holds("slot", Account("slots { limit: 3 } expected_wait { }")));
  EXPECT_FALSE(Holds("slot", Account("slots { limit: 3 } expected_wait { seconds: 1 }")));
  EXPECT_FALSE(Holds("slot", Account("slots { limit: 3 in_flight: 3 }")));
}

TEST(ConditionTest, NoSlotIsFreeWhileTheAccountIsKeptFromGranting) {
  const auto verdict = Judge("slot", Account("expected_wait { } blocked { reason: 'wall' detail: "
                                             "'used up' until { seconds: 1900 } }"));
  ASSERT_TRUE(verdict.ok());
  EXPECT_FALSE(verdict->reached);
  EXPECT_EQ(verdict->words, "wall: used up");
  EXPECT_EQ(verdict->at, absl::FromUnixSeconds(1900));
}

TEST(ConditionTest, SlotAfterACoolDownIsLookedAtWhenThatEnds) {
  const auto verdict =
      Judge("slot", Account("slots { limit: 3 } blocks { reason: BLOCK_REASON_COOL_DOWN "
                            "until { seconds: 1004 } }"));
  EXPECT_EQ(verdict->at, absl::FromUnixSeconds(1004));
}

TEST(ConditionTest, ResetIsReachedWithoutAnyWall) {
  EXPECT_TRUE(Holds("reset", Account("windows { name: '5h' used: 3 limit: 10 enforce: 'hard' }")));
}

TEST(ConditionTest, ResetNamesTheLastOfTheWallsThatStand) {
  const auto verdict = Judge("reset", Account(R"(
      blocks { reason: BLOCK_REASON_WALL until { seconds: 1500 } detail: 'five hours' }
      blocks { reason: BLOCK_REASON_WALL until { seconds: 9000 } kind: KIND_PROMPT })"));
  ASSERT_TRUE(verdict.ok());
  EXPECT_FALSE(verdict->reached);
  EXPECT_EQ(verdict->at, absl::FromUnixSeconds(9000));
  EXPECT_THAT(verdict->words, HasSubstr("five hours"));
}

TEST(ConditionTest, WallsOfOneModelOrOfToolsKeepNobodyWaitingForTheReset) {
  EXPECT_TRUE(Holds("reset", Account(R"(
      blocks { reason: BLOCK_REASON_WALL model: 'glm-5' until { seconds: 9000 } }
      blocks { reason: BLOCK_REASON_WALL kind: KIND_MCP until { seconds: 9000 } }
      blocks { reason: BLOCK_REASON_COOL_DOWN until { seconds: 1002 } }
      windows { name: 'tools' unit: 'mcp_calls' exhausted: true enforce: 'hard' }
      windows { name: 'air' models: '*-air' exhausted: true enforce: 'hard' })")));
}

TEST(ConditionTest, WindowThatIsUsedUpWaitsForItsReset) {
  const auto verdict =
      Judge("reset", Account("windows { name: '5h' unit: 'prompts' exhausted: true "
                             "enforce: 'hard' reset { seconds: 2000 } }"));
  ASSERT_TRUE(verdict.ok());
  EXPECT_FALSE(verdict->reached);
  EXPECT_EQ(verdict->at, absl::FromUnixSeconds(2000));
  EXPECT_FALSE(
      Holds("reset", Account("windows { name: '5h' enforce: 'off' meter { used_up: true } }")));
  // Beyond a limit that is only probed one request after the other goes on.
  EXPECT_TRUE(Holds("reset", Account("windows { name: '5h' exhausted: true enforce: 'probe' }")));
}

TEST(ConditionTest, IdleIsWithoutLeasesAndWaiters) {
  EXPECT_TRUE(Holds("idle", Account("slots { limit: 3 }")));
  EXPECT_FALSE(Holds("idle", Account("slots { in_flight: 1 }")));
  EXPECT_FALSE(Holds("idle", Account("slots { waiting: 1 }")));
  // One that is nested takes no slot.
  EXPECT_FALSE(Holds("idle", Account("slots { } leases { lease_id: 4 host_lease_id: 3 }")));
}

TEST(ConditionTest, LeaseIsLookedForInEveryAccount) {
  const v1::Status status = Status(
      "accounts { name: 'a' } accounts { name: 'b' leases { lease_id: "
      "7 } }");
  EXPECT_FALSE(Holds("7", status));
  EXPECT_TRUE(Holds("8", status));
}

TEST(ConditionTest, ComparesTheShareOfAWindow) {
  const v1::Status status = Account(
      "windows { name: '5h' unit: 'prompts' used: 480 limit: 600 "
      "next_release { seconds: 1300 } }");
  EXPECT_FALSE(Holds("5h<80%", status));
  EXPECT_TRUE(Holds("5h<=80%", status));
  EXPECT_TRUE(Holds("5h>79.9%", status));
  EXPECT_TRUE(Holds("5h>=480", status));
  EXPECT_FALSE(Holds("5h<480", status));
  EXPECT_EQ(Judge("5h<80%", status)->at, absl::FromUnixSeconds(1300));
  EXPECT_EQ(Judge("5h>90%", status)->at, std::nullopt);
}

TEST(ConditionTest, ShareIsTheMetersWhereNoLimitIsKnown) {
  EXPECT_TRUE(Holds("5h<80%", Account("windows { name: '5h' used: 9 meter { percent: 12 } }")));
  const auto verdict = Judge("5h<80%", Account("windows { name: '5h' used: 9 }"));
  EXPECT_TRUE(absl::IsFailedPrecondition(verdict.status()));
  EXPECT_TRUE(Holds("5h<10", Account("windows { name: '5h' used: 9 }")));
}

TEST(ConditionTest, UnknownAccountsAndWindowsAreNamed) {
  const v1::Status status = Account("windows { name: '5h' } windows { name: 'week' }");
  EXPECT_TRUE(absl::IsNotFound(Judge("slot", status, "work").status()));
  const auto verdict = Judge("day<80%", status);
  EXPECT_TRUE(absl::IsNotFound(verdict.status()));
  EXPECT_THAT(std::string(verdict.status().message()), HasSubstr("5h, week"));
}

TEST(ConditionTest, TheDefaultAccountIsTheFirst) {
  const v1::Status status =
      Status("accounts { name: 'a' slots { in_flight: 1 } } accounts { name: 'b' slots { } }");
  EXPECT_FALSE(Holds("idle", status));
  EXPECT_TRUE(Holds("idle", status, "b"));
}

TEST(ConditionTest, StatusWithoutAccountsIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(Judge("slot", v1::Status()).status()));
}

}  // namespace
}  // namespace zbroker::condition
