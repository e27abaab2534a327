#include "daemon/core/account.h"

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::zbroker::testing::Fails;

Account WithWindowsOfAllUnits() {
  AccountConfig config{.name = "a"};
  config.windows = {
      {.name = "p", .unit = Unit::kPrompts, .length = absl::Hours(1), .limit = Units(10)},
      {.name = "c", .unit = Unit::kCalls, .length = absl::Hours(1), .limit = Units(100)},
      {.name = "m", .unit = Unit::kMcpCalls, .length = absl::Hours(1), .limit = Units(5)}};
  return Account(config, absl::Minutes(2));
}

TEST(AccountTest, PromptChargesPromptsAndCalls) {
  EXPECT_THAT(
      WithWindowsOfAllUnits().ChargesFor({.kind = Kind::kPrompt, .weight = Units(3)}, BootTime()),
      ElementsAre(Units(3), Units(3), Amount()));
}

TEST(AccountTest, CallChargesCallsOnly) {
  EXPECT_THAT(
      WithWindowsOfAllUnits().ChargesFor({.kind = Kind::kCall, .weight = Units(1)}, BootTime()),
      ElementsAre(Amount(), Units(1), Amount()));
}

TEST(AccountTest, McpCallChargesMcpCallsOnly) {
  EXPECT_THAT(
      WithWindowsOfAllUnits().ChargesFor({.kind = Kind::kMcp, .weight = Units(1)}, BootTime()),
      ElementsAre(Amount(), Amount(), Units(1)));
}

TEST(AccountTest, ChargeThatNeverFitsNamesTheWindow) {
  EXPECT_THAT(WithWindowsOfAllUnits().CheckFits({Units(11), Units(11), Amount()}),
              Fails(absl::StatusCode::kFailedPrecondition,
                    HasSubstr("weight 11 can never fit into window p")));
}

TEST(AccountTest, ZeroChargesAreNotRecorded) {
  Account account = WithWindowsOfAllUnits();
  EXPECT_THAT(account.AddCharges(BootTime::FromMicros(1), {Amount(), Units(2), Amount()}),
              ElementsAre(Charge{"c", Units(2)}));
}

TEST(AccountTest, RemovedChargesFreeTheirRoom) {
  Account account = WithWindowsOfAllUnits();
  const BootTime at = BootTime::FromMicros(1);
  const auto charges = account.AddCharges(at, {Units(4), Units(4), Amount()});
  account.EndCharges({.granted = at, .charges = charges}, /*take_back=*/true);
  EXPECT_EQ(account.windows()[0].used(), Amount());
  EXPECT_EQ(account.windows()[1].used(), Amount());
}

TEST(AccountTest, EstimateFollowsHowLongLeasesAreHeld) {
  Account account(AccountConfig{.name = "a", .slots = {.limit = 2}}, absl::Minutes(2));
  account.slots.Put({.id = 1}, nullptr);
  account.slots.Put({.id = 2}, nullptr);
  const Waiter waiter;
  EXPECT_FALSE(account.Explain(waiter, 1).estimate.has_value());
  account.ObserveHold(absl::Seconds(10));
  EXPECT_EQ(account.Explain(waiter, 4).estimate, absl::Seconds(20));
  account.Advance(BootTime::FromMicros(0) + absl::Seconds(31), WallClock());
  EXPECT_EQ(account.Explain(waiter, 1).estimate, absl::Seconds(31) / 2)
      << "who holds them holds on";
}

}  // namespace
}  // namespace zbroker::core
