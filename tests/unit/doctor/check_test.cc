// What is made of the lines of `zbrokerd --check`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shims/doctor/looks.h"

namespace zbroker::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Verdict = LedgerFacts::Verdict;

TEST(CheckTest, SoundIsNothingToSay) {
  const CheckSeen seen = ParseCheck("configuration: sound\nledger: sound\n", false);
  EXPECT_EQ(seen.ledger.verdict, Verdict::kSound);
  EXPECT_THAT(seen.config_mistake, IsEmpty());
}

TEST(CheckTest, MistakeAndDamageAreTakenWhole) {
  const CheckSeen seen = ParseCheck(
      "configuration: /c.toml:3: slots: limit: no number\nclock step: -7200\n"
      "clock behind: 60\nledger: /l.db: malformed: x\n",
      false);
  EXPECT_EQ(seen.config_mistake, "/c.toml:3: slots: limit: no number");
  EXPECT_EQ(seen.ledger.clock_step, -absl::Hours(2));
  EXPECT_EQ(seen.ledger.clock_behind, absl::Minutes(1));
  EXPECT_EQ(seen.ledger.verdict, Verdict::kDamaged);
  EXPECT_EQ(seen.ledger.words, "/l.db: malformed: x");
}

TEST(CheckTest, WhatWasSaidBeforeTheTimeWasOverCounts) {
  const CheckSeen seen = ParseCheck("configuration: sound\nclock step: 90\nledger: so", true);
  EXPECT_EQ(seen.ledger.clock_step, absl::Seconds(90));
  EXPECT_EQ(seen.ledger.verdict, Verdict::kUnread);
  EXPECT_TRUE(seen.ledger.is_late);
}

TEST(CheckTest, ProgramThatSaysNothingOfItIsSaidSo) {
  for (const char* text : {"", "\n", "Segmentation fault", "ledger", "::::\n: \n"}) {
    const CheckSeen seen = ParseCheck(text, false);
    EXPECT_EQ(seen.ledger.verdict, Verdict::kUnread) << text;
    EXPECT_THAT(seen.ledger.words, HasSubstr("--check")) << text;
  }
}

}  // namespace
}  // namespace zbroker::doctor
