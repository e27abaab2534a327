// What the provider's meter says in a history, and that windows then show it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/sim/history.h"

namespace zbroker::sim {

using core::Amount;

namespace {

constexpr absl::Duration kAnswerMax = absl::Seconds(30);

Amount Percent(int64_t micros) { return Amount::FromMicros(micros); }

}  // namespace

core::MeterRow History::AnyRow(const core::WindowConfig& window) {
  core::MeterRow row{.unit = Chance(70) ? window.unit : static_cast<core::Unit>(Random(5)),
                     .length = window.length,
                     .months = window.months,
                     .percent = Percent(int64_t{Random(Chance(30) ? 111 : 60)} * 1'000'000)};
  if (Chance(40)) {
    row.limit = window.limit;
    row.used = Amount::FromMicros(Random(7) * 1'000'000);
    const double share = 100 * row.used->ToDouble() / row.limit->ToDouble();
    row.percent = *Amount::FromDouble(std::min(share, 1e6));
  } else if (Chance(20)) {
    row.percent = Percent(Random(1'000) * int64_t{100'000});
  }
  if (Chance(50)) row.reset = now_ + absl::Milliseconds(Random(40'000) - 5'000);
  if (window.length > absl::Minutes(1) && Chance(30)) row.reset = now_ + window.length;
  if (Chance(3)) row.reset = AnyInstant();
  if (window.months == 0 && Chance(10)) row.length = row.length + absl::Seconds(1);
  return row;
}

core::ReportMeter History::AnyReport(const core::AccountConfig& account) {
  core::ReportMeter report{.client = AnyClient(), .account = account.name};
  report.client.admin = true;
  report.asked =
      Chance(80) ? now_ - absl::Milliseconds(Random(2'000)) : now_ - absl::Seconds(Random(200) - 5);
  for (const core::WindowConfig& window : account.windows) {
    const int rows = Random(3);
    for (int i = 0; i < rows; ++i) report.rows.push_back(AnyRow(window));
  }
  std::shuffle(report.rows.begin(), report.rows.end(), random_);
  if (Chance(5)) report.trouble = "it was not there";
  return report;
}

// A batch of its own, so that what the windows show then is due to it.
void History::ReadMeter() {
  Commit();
  if (ledger_failed_ || ledger_fails_ || going_down_) return;
  const core::AccountConfig& account =
      config_.accounts[static_cast<size_t>(Random(static_cast<int>(config_.accounts.size())))];
  const core::ReportMeter report = AnyReport(account);
  // A wall that ends early has what follows spaced.
  if (ledger_.HasWall(account.name, now_)) known_[account.name].paced = true;
  Apply(report);
  Commit();
  if (!ledger_failed_) CheckHeard(report);
}

void History::CheckHeard(const core::ReportMeter& report) {
  const core::Snapshot snapshot = twins_.TakeSnapshot(now_);
  const auto account =
      std::ranges::find(snapshot.accounts, report.account, &core::AccountSnapshot::name);
  ASSERT_NE(account, snapshot.accounts.end());
  if (!account->meter_trouble.text.empty()) return;
  for (const core::WindowSnapshot& window : account->windows) {
    const auto of_window = [&](const core::MeterRow& row) {
      return row.unit == window.config.unit && row.months == window.config.months &&
             row.length == window.config.length;
    };
    if (!window.config.models.empty()) continue;  // the provider counts all models
    if (std::ranges::count_if(report.rows, of_window) != 1) continue;
    const core::MeterRow& row = *std::ranges::find_if(report.rows, of_window);
    if (!row.used) continue;
    // It has yet to begin: by the provider's clock, or because ours was set back.
    const absl::Duration length = window.config.length;
    if (length > absl::ZeroDuration() && window.reset && *window.reset > now_ + length) continue;
    // Charged since it was asked, or under way then.
    Amount unsure;
    for (const core::LeaseSnapshot& lease : account->leases) {
      for (const core::Charge& charge : lease.charged) {
        if (charge.window == window.config.name) unsure += charge.amount;
      }
    }
    unsure += ledger_.ChargedSince(account->name, window.config.name, report.asked);
    EXPECT_GE(window.used, *row.used) << window.config.name << ": the provider says more";
    EXPECT_LE(window.used, *row.used + unsure + Amount::FromMicros(1'000'000))
        << window.config.name << ": the provider says less";
  }
}

}  // namespace zbroker::sim
