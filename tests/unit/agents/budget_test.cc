#include "shims/agents/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/base/proto_time.h"

namespace zbroker::agents {
namespace {

using ::testing::HasSubstr;

const absl::Time kEight = absl::FromUnixSeconds(1'800'000'000);  // 08:00

v1::Status Busy() {
  v1::Status status;
  SetProtoTime(kEight, status.mutable_now());
  v1::AccountStatus& account = *status.add_accounts();
  account.set_name("default");
  account.mutable_slots()->set_limit(3);
  account.mutable_slots()->set_in_flight(3);
  account.mutable_slots()->set_waiting(1);
  v1::WindowStatus& window = *account.add_windows();
  window.set_name("5h");
  window.set_unit("prompts");
  window.set_used(87);
  window.set_limit(600);
  SetProtoTime(kEight + absl::Minutes(111), window.mutable_reset());
  return status;
}

TEST(BudgetTest, SaysItAsAPersonWould) {
  v1::Status status = Busy();
  SetProtoDuration(absl::Seconds(12), status.mutable_accounts(0)->mutable_expected_wait());
  EXPECT_EQ(MakeBudget(status, absl::UTCTimeZone()).summary(),
            "Account default: open.\n"
            "Slots: 3 of 3 taken, 1 request waits; a new request would wait for about 12s.\n"
            "Window 5h: 87 of 600 prompts used (14.5%), 513 left; it is reset at 09:51 (in "
            "1h51m).\n"
            "It is 2027-01-15 08:00.");
}

TEST(BudgetTest, AWallClosesTheAccount) {
  v1::Status status = Busy();
  v1::Blocked& blocked = *status.mutable_accounts(0)->mutable_blocked();
  blocked.set_reason("wall");
  SetProtoTime(kEight + absl::Hours(1), blocked.mutable_until());
  v1::Block& block = *status.mutable_accounts(0)->add_blocks();
  block.set_reason(v1::BLOCK_REASON_WALL);
  const v1::Budget budget = MakeBudget(status, absl::UTCTimeZone());
  EXPECT_FALSE(budget.accounts(0).open());
  EXPECT_EQ(budget.accounts(0).obstacles_size(), 1);
  EXPECT_THAT(budget.summary(),
              HasSubstr("CLOSED, nothing is let through. A quota of the account is used up, until "
                        "09:00 (in 1h)."));
}

TEST(BudgetTest, ACoolDownLeavesItOpen) {
  v1::Status status = Busy();
  status.mutable_accounts(0)->add_blocks()->set_reason(v1::BLOCK_REASON_COOL_DOWN);
  const v1::Budget budget = MakeBudget(status, absl::UTCTimeZone());
  EXPECT_TRUE(budget.accounts(0).open());
  EXPECT_EQ(budget.accounts(0).obstacles(0).what(), "cool_down");
}

TEST(BudgetTest, WhatTheMeterCallsUsedUpHasNothingLeft) {
  v1::Status status = Busy();
  status.mutable_accounts(0)->mutable_windows(0)->mutable_meter()->set_used_up(true);
  const v1::Budget budget = MakeBudget(status, absl::UTCTimeZone());
  EXPECT_TRUE(budget.accounts(0).windows(0).used_up());
  EXPECT_THAT(budget.summary(), HasSubstr("nothing left"));
}

TEST(BudgetTest, NamesAreFitToBeShown) {
  v1::Status status = Busy();
  status.mutable_accounts(0)->set_name("a\x1b[31m");
  EXPECT_EQ(MakeBudget(status, absl::UTCTimeZone()).accounts(0).name(), "a\\x1b[31m");
}

}  // namespace
}  // namespace zbroker::agents
