#include "daemon/rpc/view.h"

#include <gtest/gtest.h>

#include <utility>

namespace zbroker::rpc {
namespace {

const BootTime kBoot = BootTime::FromMicros(3'600'000'000);
const Now kNow = {.boot = kBoot, .wall = absl::FromUnixSeconds(10'000)};

v1::AccountStatus View(core::AccountSnapshot account) {
  core::Snapshot snapshot;
  snapshot.accounts = {std::move(account)};
  v1::Status out;
  EXPECT_TRUE(FillStatus(snapshot, kNow, "", core::Client(), &out).ok());
  return out.accounts(0);
}

TEST(ViewTest, WindowOfMonthsHasNoLength) {
  core::AccountSnapshot account;
  account.windows = {{.config = {.name = "mcp", .months = 1, .kind = core::WindowKind::kAnchored},
                      .reset = kBoot + absl::Seconds(5)}};
  const v1::WindowStatus window = View(account).windows(0);
  EXPECT_FALSE(window.has_length());
  EXPECT_EQ(window.months(), 1u);
  EXPECT_EQ(window.kind(), "anchored");
  EXPECT_EQ(window.reset().seconds(), 10'005);
  EXPECT_FALSE(window.has_runs_out());
}

TEST(ViewTest, ForecastOfAWindow) {
  core::AccountSnapshot account;
  account.windows = {
      {.config = {.name = "5h", .length = absl::Hours(5)}, .runs_out = kBoot + absl::Seconds(60)}};
  EXPECT_EQ(View(account).windows(0).length().seconds(), 18'000);
  EXPECT_EQ(View(account).windows(0).runs_out().seconds(), 10'060);
}

TEST(ViewTest, ShadowModeIsShownWhileItIsOnAndOnceItFoundSomething) {
  core::AccountSnapshot account;
  EXPECT_FALSE(View(account).has_shadow());
  account.shadow = true;
  EXPECT_TRUE(View(account).shadow().on());
  account.shadow = false;
  account.totals.shadow_waits = 41;
  account.totals.shadow_waited = absl::Minutes(12);
  EXPECT_FALSE(View(account).shadow().on());
  EXPECT_EQ(View(account).shadow().waits(), 41u);
  EXPECT_EQ(View(account).shadow().waited().seconds(), 720);
}

TEST(ViewTest, ExpectedWaitIsAbsentWhenUnknown) {
  core::AccountSnapshot account;
  EXPECT_FALSE(View(account).has_expected_wait());
  account.wait = absl::Seconds(40);
  EXPECT_EQ(View(account).expected_wait().seconds(), 40);
}

}  // namespace
}  // namespace zbroker::rpc
