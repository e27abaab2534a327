// What leases charge, without a broker around it: Charges as a value, and Quota.
#include "daemon/core/charges.h"

#include "daemon/core/quota.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::zbroker::testing::Fails;

Charges Of(double first, double second) {
  return ChargesForTest::Make({Units(first), Units(second)});
}

TEST(ChargesTest, CreditPaysWindowByWindowForAsMuchAsItCan) {
  EXPECT_EQ(ChargesForTest::Of(Of(3, 1).Beyond(Of(1, 5)), 0), Units(2));
  EXPECT_EQ(ChargesForTest::Of(Of(3, 1).Beyond(Of(1, 5)), 1), Amount());
  EXPECT_TRUE(Of(3, 1).Beyond(Of(3, 1)).empty());
  EXPECT_EQ(Of(3, 1).Beyond(Charges()), Of(3, 1));
}

TEST(ChargesTest, WhatWasSubtractedCanBeAddedAgain) {
  Charges credit = Of(3, 1);
  credit.Subtract(Of(2, 1));
  credit.Add(Of(2, 1));
  EXPECT_EQ(credit, Of(3, 1));
}

class QuotaValueTest : public ::testing::Test {
 protected:
  static AccountConfig WithWindowsOfAllUnits() {
    AccountConfig config{.name = "a"};
    config.windows = {
        {.name = "p", .unit = Unit::kPrompts, .length = absl::Hours(1), .limit = Units(10)},
        {.name = "c", .unit = Unit::kCalls, .length = absl::Hours(1), .limit = Units(100)},
        {.name = "m", .unit = Unit::kMcpCalls, .length = absl::Hours(1), .limit = Units(5)}};
    return config;
  }

  QuotaValueTest() { quota_.Configure(WithWindowsOfAllUnits()); }

  Charges Price(Kind kind, double weight) {
    return quota_.Price({.kind = kind, .weight = Units(weight)}, BootTime());
  }

  Amount Used(size_t window) { return quota_.View().at(window).used; }

  Quota quota_;
  BootTime at_ = BootTime::FromMicros(1);
};

TEST_F(QuotaValueTest, PromptChargesPromptsAndCalls) {
  EXPECT_THAT(quota_.Names(Price(Kind::kPrompt, 3)),
              ElementsAre(Charge{"p", Units(3)}, Charge{"c", Units(3)}));
}

TEST_F(QuotaValueTest, CallChargesCallsOnly) {
  EXPECT_THAT(quota_.Names(Price(Kind::kCall, 1)), ElementsAre(Charge{"c", Units(1)}));
}

TEST_F(QuotaValueTest, McpCallChargesMcpCallsOnly) {
  EXPECT_THAT(quota_.Names(Price(Kind::kMcp, 1)), ElementsAre(Charge{"m", Units(1)}));
}

TEST_F(QuotaValueTest, ChargeThatNeverFitsNamesTheWindow) {
  EXPECT_THAT(quota_.CheckFits(Price(Kind::kPrompt, 11)),
              Fails(absl::StatusCode::kFailedPrecondition,
                    HasSubstr("weight 11 can never fit into window p")));
}

TEST_F(QuotaValueTest, ZeroChargesAreNone) { EXPECT_TRUE(Price(Kind::kCall, 0).empty()); }

TEST_F(QuotaValueTest, ChargesThatAreTakenBackFreeTheirRoom) {
  Charges charges = Price(Kind::kPrompt, 4);
  quota_.Charge(charges, at_);
  EXPECT_EQ(Used(0), Units(4));
  quota_.End(charges, at_, /*take_back=*/true);
  EXPECT_EQ(Used(0), Amount());
  EXPECT_EQ(Used(1), Amount());
}

TEST_F(QuotaValueTest, ChargesOutliveTheWindowsThatTheyWereMadeIn) {
  Charges charges = Price(Kind::kPrompt, 4);
  quota_.Charge(charges, at_);
  AccountConfig fewer = WithWindowsOfAllUnits();
  fewer.windows = {fewer.windows[1], fewer.windows[2]};
  quota_.Configure(fewer);
  quota_.Recall(Recovered::PastCharges{.window = "c", .charges = {{at_, Units(4)}}});
  EXPECT_EQ(quota_.Lacking(charges), 0u) << "the window that is gone lacks nothing";
  EXPECT_FALSE(quota_.Explain(charges));
  EXPECT_THAT(quota_.Names(charges), ElementsAre(Charge{"p", Units(4)}, Charge{"c", Units(4)}))
      << "the ledger still knows it";
  quota_.End(charges, at_, /*take_back=*/true);
  EXPECT_EQ(Used(0), Amount());
}

// Else one that turns out later to have been made before would be taken to have begun the period.
TEST_F(QuotaValueTest, PeriodThatBeganAfterTheLastKnownResetIsRecorded) {
  AccountConfig config{.name = "a"};
  config.windows = {
      {.name = "p", .length = absl::Hours(1), .limit = Units(10), .kind = WindowKind::kAnchored}};
  quota_.Configure(config);
  quota_.Recall(Recovered::PastCharges{.window = "p", .charges = {{at_, Units(1)}}});
  quota_.Recall(ResetKnown{"a", "p", at_ - absl::Hours(5)});
  const std::vector<ResetKnown> known = quota_.TakeResets();
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].at, at_ + absl::Hours(1));
  EXPECT_THAT(quota_.TakeResets(), IsEmpty());
}

TEST_F(QuotaValueTest, WindowsThatAreNewAreNotChargedByOldCharges) {
  AccountConfig one = WithWindowsOfAllUnits();
  one.windows.resize(1);
  quota_.Configure(one);
  const Charges charges = Price(Kind::kPrompt, 11);
  AccountConfig more = WithWindowsOfAllUnits();
  std::swap(more.windows[0], more.windows[2]);
  quota_.Configure(more);
  const auto lack = quota_.Explain(charges);
  ASSERT_TRUE(lack);
  EXPECT_EQ(lack->window, "p");
}

TEST_F(QuotaValueTest, ChargesOfTheLedgerAreNamedAgain) {
  const Charges charges = quota_.Named({{"c", Units(2)}, {"gone", Units(1)}});
  EXPECT_THAT(quota_.Names(charges), ElementsAre(Charge{"c", Units(2)}, Charge{"gone", Units(1)}));
  EXPECT_THAT(quota_.Names(Charges()), IsEmpty());
}

}  // namespace
}  // namespace zbroker::core
