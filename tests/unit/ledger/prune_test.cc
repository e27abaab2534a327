// Ledger::Prune: old rows go, a slice at a time.
#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PruneTest : public LedgerTest {
 protected:
  PruneTest() { config_.accounts[0].windows[0].length = absl::Hours(24 * 365); }

  // One call; whether there may be more.
  bool Prune(BootTime leases_before, BootTime charges_before) {
    const auto more = ledger_->Prune(leases_before, charges_before);
    EXPECT_OK(more);
    return more.value_or(false);
  }
  void PruneAll(BootTime before) {
    while (Prune(before, before)) {
    }
  }

  // Closed leases of this instant, each with a charge.
  void CommitMany(core::LeaseId first, core::LeaseId last) {
    std::vector<core::Record> records;
    for (core::LeaseId id = first; id <= last; ++id) {
      records.push_back(Charging(id));
      records.push_back(Closed(id));
    }
    Commit(records);
  }
};

TEST_F(PruneTest, WhatIsOldGoesToTheMicrosecond) {
  CommitMany(1, 1);
  clock_.Advance(absl::Microseconds(1));
  const BootTime kept = now();
  CommitMany(2, 3);
  EXPECT_TRUE(Prune(kept, kept));
  EXPECT_THAT(Ids(), ElementsAre(2, 3));
  EXPECT_THAT(ChargedAt(), ElementsAre(kept, kept));
}

TEST_F(PruneTest, WithNothingOldThereIsNoMore) {
  CommitMany(1, 3);
  EXPECT_FALSE(Prune(now(), now()));
  EXPECT_THAT(Ids(), ElementsAre(1, 2, 3));
}

TEST_F(PruneTest, AnOpenLeaseStaysHoweverOld) {
  Commit({Opened(1)});
  CommitMany(2, 3);
  clock_.Advance(absl::Hours(1));
  PruneAll(now());
  EXPECT_THAT(Ids(), ElementsAre(1, 3));
  EXPECT_THAT(Recover().leases, SizeIs(1));
}

TEST_F(PruneTest, TheNewestLeaseStaysSoThatIdsGoOn) {
  CommitMany(1, 9);
  clock_.Advance(absl::Hours(1));
  PruneAll(now());
  EXPECT_THAT(Ids(), ElementsAre(9));
  Open();
  EXPECT_EQ(Recover().last_lease, 9U);
}

TEST_F(PruneTest, LeasesAndChargesHaveTheirOwnAges) {
  CommitMany(1, 2);
  const BootTime charged = now();
  clock_.Advance(absl::Hours(1));
  while (Prune(now(), charged)) {
  }
  EXPECT_THAT(Ids(), ElementsAre(2));
  EXPECT_THAT(ChargedAt(), ElementsAre(charged, charged));
}

TEST_F(PruneTest, ChargesGoWhateverTheirWindow) {
  core::LeaseOpened opened = Opened(1);
  opened.charges = {{kWindow, Units(1)}, {"removed", Units(1)}};
  Commit({opened});
  clock_.Advance(absl::Hours(1));
  PruneAll(now());
  config_.accounts[0].windows[0].name = "removed";
  EXPECT_THAT(ChargedAt(), IsEmpty());
}

TEST_F(PruneTest, ChargesGoWhateverTheirAccount) {
  for (core::LeaseId id = 1; id <= 4; ++id) {
    core::LeaseOpened opened = Opened(id);
    opened.request.account = id % 2 == 0 ? "a" : "b";
    opened.charges = {{"1h", Units(1)}, {"2h", Units(1)}};
    Commit({opened});
  }
  clock_.Advance(absl::Hours(1));
  PruneAll(now());
  const auto database = Database::Open(path_, Database::Mode::kRead);
  ASSERT_OK(database);
  EXPECT_EQ(*(*database)->QueryInt("SELECT count(*) FROM charge"), 0);
}

TEST_F(PruneTest, EachCallDropsOnlyASlice) {
  constexpr size_t kRows = 1'200;
  CommitMany(1, kRows);
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(Prune(now(), now()));
  EXPECT_GT(Ids().size(), kRows / 2);
  PruneAll(now());
  EXPECT_THAT(Ids(), ElementsAre(kRows));
  EXPECT_THAT(ChargedAt(), IsEmpty());
}

TEST_F(PruneTest, TotalsStay) {
  CommitMany(1, 9);
  clock_.Advance(absl::Hours(1));
  PruneAll(now());
  EXPECT_EQ(Recover().accounts.at(0).totals.granted, 9U);
}

}  // namespace
}  // namespace zbroker::ledger
