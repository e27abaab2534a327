#include "daemon/ledger/events.h"

#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using core::Happening;
using core::HappeningKind;

class EventsTest : public LedgerTest {
 protected:
  Happening Wall() const {
    return {.account = kAccount,
            .kind = HappeningKind::kWall,
            .at = now(),
            .until = now() + absl::Hours(2),
            .detail = "used up",
            .upstream_code = "1308"};
  }
  Happening Reset() const {
    return {.account = kAccount, .kind = HappeningKind::kReset, .at = now(), .detail = "over"};
  }
  std::vector<EventRow> Read(EventFilter filter = {}) const {
    auto reader = EventReader::Open(path_, std::move(filter));
    EXPECT_OK(reader);
    auto rows = (*reader)->NextPage();
    EXPECT_OK(rows);
    return *rows;
  }
  std::vector<Happening> Open() {
    LedgerTest::Open();
    const auto recovered = ledger_->Recover(core::BrokerConfig::Defaults(), clock_.Read(),
                                            [](const core::Holder&) { return true; });
    EXPECT_OK(recovered);
    return recovered->open_happenings;
  }
};

TEST_F(EventsTest, AnEpisodeIsOpenUntilItsEndIsWritten) {
  ASSERT_OK(ledger_->Commit({Wall()}));
  ASSERT_EQ(Open().size(), 1u);
  EXPECT_EQ(Open()[0].detail, "used up");
  clock_.Advance(absl::Hours(2));
  ASSERT_OK(ledger_->Commit({Reset()}));
  EXPECT_TRUE(Open().empty());
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].kind, HappeningKind::kWall);
  EXPECT_EQ(rows[1].kind, HappeningKind::kReset);
  EXPECT_EQ(*rows[0].until - rows[0].at, absl::Hours(2));
  EXPECT_LT(rows[0].id, rows[1].id);
}

TEST_F(EventsTest, ABatchThatIsWrittenAgainTellsNothingTwice) {
  ASSERT_OK(ledger_->Commit({Wall()}));
  ASSERT_OK(ledger_->Commit({Wall()}));
  EXPECT_EQ(Read().size(), 1u);
  EXPECT_EQ(Open().size(), 1u);
}

TEST_F(EventsTest, TheyAreFoundByKindAccountTimeAndNumber) {
  ASSERT_OK(ledger_->Commit({Wall()}));
  clock_.Advance(absl::Hours(2));
  ASSERT_OK(ledger_->Commit({Reset()}));
  const auto all = Read();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(Read({.kinds = {HappeningKind::kReset}}).size(), 1u);
  EXPECT_EQ(Read({.account = "other"}).size(), 0u);
  EXPECT_EQ(Read({.since = all[1].at}).size(), 1u);
  EXPECT_EQ(Read({.after = all[0].id}).size(), 1u);
  EXPECT_EQ(Read({.latest = 1})[0].id, all[1].id);
}

TEST_F(EventsTest, WhoFollowsFindsLaterOnes) {
  auto reader = EventReader::Open(path_, {});
  ASSERT_OK(reader);
  EXPECT_TRUE((*reader)->NextPage()->empty());
  ASSERT_OK(ledger_->Commit({Wall()}));
  EXPECT_EQ((*reader)->NextPage()->size(), 1u);
  EXPECT_TRUE((*reader)->NextPage()->empty());
}

TEST_F(EventsTest, WhatIsOldIsDroppedAndWhatIsOpenStays) {
  Happening lost = Reset();
  lost.kind = HappeningKind::kLost;
  ASSERT_OK(ledger_->Commit({Wall(), lost}));
  clock_.Advance(absl::Hours(24));
  while (*ledger_->Prune(now() - absl::Hours(1), now() - absl::Hours(1))) {
  }
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].kind, HappeningKind::kWall);
}

TEST_F(EventsTest, HooksAreToldFromWhereTheyWere) {
  EXPECT_EQ(*HooksToldTo(path_), 0u);
  ASSERT_OK(ledger_->Commit({core::HooksTold{7}}));
  ASSERT_OK(ledger_->Commit({core::HooksTold{5}}));
  EXPECT_EQ(*HooksToldTo(path_), 7u);
}

TEST_F(EventsTest, LeasesThatDiedWithTheMachineAreTold) {
  ASSERT_OK(ledger_->Commit({Opened(1), Opened(2)}));
  Reboot(absl::Minutes(5));
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].kind, HappeningKind::kLost);
  EXPECT_EQ(rows[0].detail, "2 leases were open when the machine ended");
}

}  // namespace
}  // namespace zbroker::ledger
