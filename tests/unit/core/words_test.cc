#include "daemon/core/words.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

TEST(WordsTest, EveryOutcomeReadsBackAsItself) {
  for (int i = 0; i <= static_cast<int>(Outcome::kRevoked); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    EXPECT_EQ(ParseOutcome(Name(outcome)), outcome) << Name(outcome);
  }
}

TEST(WordsTest, EveryKindPriorityUnitAndEnforcementReadsBackAsItself) {
  for (const Kind kind : {Kind::kPrompt, Kind::kCall, Kind::kMcp}) {
    EXPECT_EQ(ParseKind(Name(kind)), kind);
  }
  for (const Priority one : {Priority::kInteractive, Priority::kNormal, Priority::kBackground}) {
    EXPECT_EQ(ParsePriority(Name(one)), one);
  }
  for (const Unit unit : {Unit::kPrompts, Unit::kCalls, Unit::kMcpCalls}) {
    EXPECT_EQ(ParseUnit(Name(unit)), unit);
  }
  for (const Enforce enforce : {Enforce::kHard, Enforce::kOff}) {
    EXPECT_EQ(ParseEnforce(Name(enforce)), enforce);
  }
}

TEST(WordsTest, EveryClassOfHoursReadsBackAsItself) {
  for (const HourClass hours : {HourClass::kOffPeak, HourClass::kPeak}) {
    EXPECT_EQ(ParseHourClass(Name(hours)), hours);
  }
}

TEST(WordsTest, EveryScopeAndBlockReasonReadsBackAsItself) {
  for (const Scope scope : {Scope::kAccount, Scope::kModel, Scope::kKind}) {
    EXPECT_EQ(ParseScope(Name(scope)), scope);
  }
  for (const BlockReason reason : {BlockReason::kOverload, BlockReason::kCoolDown,
                                   BlockReason::kWall, BlockReason::kBreaker}) {
    EXPECT_EQ(ParseBlockReason(Name(reason)), reason);
  }
}

TEST(WordsTest, OtherWordsAreNone) {
  EXPECT_FALSE(ParseOutcome("OK"));
  EXPECT_FALSE(ParseKind(""));
}

}  // namespace
}  // namespace zbroker::core
