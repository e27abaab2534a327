// What a new daemon finds, in the same boot of the machine and in a later one.
#include "daemon/core/window.h"
#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RecoverTest : public LedgerTest {};

TEST_F(RecoverTest, AFreshLedgerRemembersNothing) {
  const core::Recovered recovered = Recover();
  EXPECT_EQ(recovered.last_lease, 0U);
  EXPECT_THAT(recovered.leases, IsEmpty());
  EXPECT_THAT(recovered.charges, IsEmpty());
  EXPECT_THAT(recovered.accounts, IsEmpty());
}

TEST_F(RecoverTest, AFileThatHasLostItsMarkStillRemembersTheOpenLease) {
  Commit({Opened(7)});
  Execute("DELETE FROM mark");
  Open();
  ASSERT_EQ(Recover().leases.size(), 1u);
  EXPECT_EQ(Recover().leases[0].opened.lease, 7u);
}

TEST_F(RecoverTest, AnOpenLeaseComesBackWithAllItsFields) {
  core::LeaseOpened opened;
  opened.lease = 42;
  opened.request = {.ticket = "t-\xc3\xa9",
                    .account = "work",
                    .model = "glm-4.7",
                    .kind = core::Kind::kCall,
                    .priority = core::Priority::kInteractive,
                    .weight = Units(0.4),
                    .session = "s",
                    .parent = 41,
                    .ttl = absl::Milliseconds(1500),
                    .program = "cline",
                    .program_pid = 77,
                    .project = "shop"};
  opened.holder = {
      .pid = 4'194'304, .uid = 4'294'967'294, .start_ticks = 1ULL << 62, .program = "p"};
  opened.queued = now() - absl::Microseconds(7);
  opened.granted = now() + absl::Microseconds(3);
  Commit({opened});
  clock_.Advance(absl::Hours(1));
  Open();

  const auto leases = Recover().leases;
  ASSERT_THAT(leases, SizeIs(1));
  const core::LeaseOpened& found = leases[0].opened;
  EXPECT_EQ(found.lease, 42U);
  EXPECT_EQ(found.request.ticket, "t-\xc3\xa9");
  EXPECT_EQ(found.request.account, "work");
  EXPECT_EQ(found.request.model, "glm-4.7");
  EXPECT_EQ(found.request.kind, core::Kind::kCall);
  EXPECT_EQ(found.request.priority, core::Priority::kInteractive);
  EXPECT_EQ(found.request.weight, Units(0.4));
  EXPECT_EQ(found.request.session, "s");
  EXPECT_EQ(found.request.parent, 41U);
  EXPECT_EQ(found.request.ttl, absl::Milliseconds(1500));
  EXPECT_EQ(found.holder.pid, 4'194'304);
  EXPECT_EQ(found.holder.uid, 4'294'967'294U);
  EXPECT_EQ(found.holder.start_ticks, 1ULL << 62);
  EXPECT_EQ(found.holder.program, "p");
  EXPECT_EQ(found.request.program, "cline");
  EXPECT_EQ(found.request.program_pid, 77);
  EXPECT_EQ(found.request.project, "shop");
  EXPECT_EQ(found.queued, opened.queued);
  EXPECT_EQ(found.granted, opened.granted);
}

TEST_F(RecoverTest, AskedWhetherEachHolderLives) {
  core::LeaseOpened dead = Opened(1);
  dead.holder.pid = 13;
  Commit({dead, Opened(2)});
  const auto recovered = ledger_->Recover(
      config_, clock_.Read(), [](const core::Holder& holder) { return holder.pid != 13; });
  ASSERT_OK(recovered);
  ASSERT_THAT(recovered->leases, SizeIs(2));
  EXPECT_FALSE(recovered->leases[0].holder_alive);
  EXPECT_TRUE(recovered->leases[1].holder_alive);
}

TEST_F(RecoverTest, ClosedLeasesStayClosed) {
  Commit({Opened(1), Opened(2), Closed(1)});
  Open();
  const auto leases = Recover().leases;
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].opened.lease, 2U);
  EXPECT_EQ(Recover().last_lease, 2U);
}

TEST_F(RecoverTest, ChargesComeBackExactToTheMicrosecond) {
  clock_.Advance(absl::Microseconds(1));
  const BootTime first = now();
  Commit({Charging(1, 0.4)});
  clock_.Advance(absl::Microseconds(1));
  Commit({Charging(2, 3)});
  Open();
  const auto windows = Recover().charges;
  ASSERT_THAT(windows, SizeIs(1));
  EXPECT_EQ(windows[0].account, kAccount);
  EXPECT_EQ(windows[0].window, kWindow);
  const auto& charges = windows[0].charges;
  ASSERT_THAT(charges, SizeIs(2));
  EXPECT_EQ(charges[0].at, first);
  EXPECT_EQ(charges[0].amount, Units(0.4));
  EXPECT_EQ(charges[1].at, first + absl::Microseconds(1));
  EXPECT_EQ(charges[1].amount, Units(3));
}

TEST_F(RecoverTest, AChargeCountsUntilItsLastMicrosecond) {
  const BootTime at = now();
  Commit({Charging(1)});
  clock_.Advance(kLength - absl::Microseconds(1));
  Open();
  EXPECT_THAT(ChargedAt(), ElementsAre(at));
}

TEST_F(RecoverTest, LeasesOfOneInstantChargeEachForItself) {
  Commit({Charging(1), Charging(2)});
  EXPECT_THAT(ChargedAt(), ElementsAre(now(), now()));
}

TEST_F(RecoverTest, EachWindowGetsItsOwnCharges) {
  config_.accounts[0].windows.push_back({.name = "week", .length = absl::Hours(24 * 7)});
  core::LeaseOpened opened = Opened(1);
  opened.charges = {{kWindow, Units(1)}, {"week", Units(2)}, {"removed", Units(3)}};
  Commit({opened});
  clock_.Advance(absl::Hours(6));
  const auto charges = Recover().charges;
  std::vector<core::Amount> week;
  for (const auto& past : charges) {
    EXPECT_NE(past.window, "removed");
    if (past.window != "week") continue;
    for (const auto& charge : past.charges) week.push_back(charge.amount);
  }
  EXPECT_THAT(week, ElementsAre(Units(2)));
}

TEST_F(RecoverTest, AWindowThatBecomesLongerFindsItsEarlierCharges) {
  const BootTime at = now();
  Commit({Charging(1)});
  clock_.Advance(absl::Hours(9));
  config_.accounts[0].windows[0].length = absl::Hours(10);
  const auto recovered = ledger_->RecoverAccounts(config_, clock_.Read());
  ASSERT_OK(recovered);
  ASSERT_THAT(recovered->charges, SizeIs(1));
  ASSERT_THAT(recovered->charges[0].charges, SizeIs(1));
  EXPECT_EQ(recovered->charges[0].charges[0].at, at);
}

TEST_F(RecoverTest, WorksRightAfterAFailedCommit) {
  Commit({Charging(1)});
  core::LeaseOpened taken = Opened(1);
  taken.request.ticket = "another";
  ASSERT_FALSE(ledger_->Commit({taken}).ok());
  EXPECT_THAT(ChargedAt(), ElementsAre(now()));
}

class RebootTest : public LedgerTest {};

TEST_F(RebootTest, ClosesOpenLeasesAsLost) {
  Commit({Opened(1), Opened(2), Closed(2)});
  Reboot(absl::Minutes(10));
  EXPECT_THAT(Recover().leases, IsEmpty());
  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].outcome, core::Outcome::kLost);
  EXPECT_EQ(rows[0].closed, wall());
  EXPECT_EQ(rows[1].outcome, core::Outcome::kOk);
}

TEST_F(RebootTest, CountsWhatWasLostOnce) {
  Commit({Opened(1), Opened(2)});
  Reboot(absl::Minutes(10));
  Open();
  const auto accounts = Recover().accounts;
  ASSERT_THAT(accounts, SizeIs(1));
  EXPECT_EQ(accounts[0].totals.lost, 2U);
  EXPECT_EQ(accounts[0].totals.granted, 2U);
}

TEST_F(RebootTest, ChargesStandAndAgeOutAtTheRightWallTime) {
  const absl::Time charged = wall();
  Commit({Charging(1, 2)});
  clock_.Advance(absl::Hours(1));
  Reboot(absl::Hours(2));
  core::Window window(config_.accounts[0].windows[0]);
  for (const auto& charge : Charges()) window.Add(charge.at, charge.amount);
  EXPECT_EQ(window.used(), Units(2));
  ASSERT_TRUE(window.NextRelease().has_value());
  EXPECT_EQ(clock_.Read().WallAt(*window.NextRelease()), charged + kLength);
}

TEST_F(RebootTest, ChargesOfSeveralBootsAddUp) {
  const absl::Time first = wall();
  Commit({Charging(1)});
  Reboot(absl::Hours(1));
  const absl::Time second = wall();
  Commit({Charging(2)});
  Reboot(absl::Hours(1));
  const Now now = clock_.Read();
  EXPECT_THAT(ChargedAt(), ElementsAre(now.BootAt(first), now.BootAt(second)));
}

TEST_F(RebootTest, LeaseIdsGoOn) {
  Commit({Opened(7)});
  Reboot(absl::Hours(1));
  EXPECT_EQ(Recover().last_lease, 7U);
}

TEST_F(RebootTest, WhatWasWrittenBeforeIsReadByTheSameClock) {
  const absl::Time granted = wall();
  Commit({Opened(1), Closed(1)});
  Reboot(absl::Hours(30));
  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].granted, granted);
}

}  // namespace
}  // namespace zbroker::ledger
