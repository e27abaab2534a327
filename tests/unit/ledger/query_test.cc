#include "daemon/ledger/query.h"

#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class QueryTest : public LedgerTest {
 protected:
  // Leases 1 to `count`, a second apart.
  void Fill(core::LeaseId count) {
    std::vector<core::Record> records;
    for (core::LeaseId id = 1; id <= count; ++id) {
      records.push_back(Opened(id));
      clock_.Advance(absl::Seconds(1));
    }
    Commit(records);
  }

  static std::vector<core::LeaseId> Numbers(core::LeaseId first, core::LeaseId last) {
    std::vector<core::LeaseId> numbers;
    for (core::LeaseId id = first; id <= last; ++id) numbers.push_back(id);
    return numbers;
  }
};

class FilterTest : public QueryTest {
 protected:
  FilterTest() {
    // Each differs from the first in one thing.
    core::LeaseOpened account = Opened(2), session = Opened(3), model = Opened(4), uid = Opened(5);
    account.request.account = "other";
    session.request.session = "other";
    model.request.model = "other";
    uid.holder.uid = 0;
    Commit({Opened(1), account, session, model, uid, Opened(6), Opened(7)});
    for (core::LeaseId id = 1; id <= 5; ++id) Commit({Closed(id)});
    Commit({Closed(6, core::Outcome::kThrottle)});
  }
};

TEST_F(FilterTest, WithoutAnyAllRowsCome) { EXPECT_EQ(Ids(), Numbers(1, 7)); }

TEST_F(FilterTest, ByAccount) { EXPECT_THAT(Ids({.account = "other"}), ElementsAre(2)); }

TEST_F(FilterTest, BySession) { EXPECT_THAT(Ids({.session = "other"}), ElementsAre(3)); }

TEST_F(FilterTest, ByModel) { EXPECT_THAT(Ids({.model = "other"}), ElementsAre(4)); }

TEST_F(FilterTest, ByUserAlsoRoot) {
  EXPECT_THAT(Ids({.uid = 0}), ElementsAre(5));
  EXPECT_THAT(Ids({.uid = 1000}), ElementsAre(1, 2, 3, 4, 6, 7));
}

TEST_F(FilterTest, ByOutcomeLeavesOutOpenLeases) {
  EXPECT_THAT(Ids({.outcome = core::Outcome::kThrottle}), ElementsAre(6));
  EXPECT_THAT(Ids({.outcome = core::Outcome::kOk}), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(FilterTest, AllOfThemAtOnce) {
  EXPECT_THAT(Ids({.account = kAccount,
                   .session = "session",
                   .model = "glm-4.7",
                   .outcome = core::Outcome::kOk,
                   .since = wall(),
                   .uid = 1000,
                   .latest = 5}),
              ElementsAre(1));
}

TEST_F(FilterTest, WhatNobodyHasFindsNothing) {
  EXPECT_THAT(Ids({.account = "nobody's"}), IsEmpty());
  EXPECT_THAT(Ids({.account = "default' OR ''='"}), IsEmpty());
}

TEST_F(QueryTest, AFreshLedgerHasNoRows) { EXPECT_THAT(Ids(), IsEmpty()); }

TEST_F(QueryTest, SinceIsExactToTheMicrosecond) {
  Commit({Opened(1)});
  const absl::Time granted = wall();
  EXPECT_THAT(Ids({.since = granted}), ElementsAre(1));
  EXPECT_THAT(Ids({.since = granted + absl::Microseconds(1)}), IsEmpty());
}

TEST_F(QueryTest, SinceGoesByTheGrantNotByTheQueue) {
  Commit({Opened(1)});
  EXPECT_THAT(Ids({.since = wall() - absl::Seconds(1)}), ElementsAre(1));
  EXPECT_THAT(Ids({.since = wall() + absl::Seconds(1)}), IsEmpty());
}

TEST_F(QueryTest, LatestAreTheLastOnesInOrder) {
  Fill(9);
  EXPECT_THAT(Ids({.latest = 3}), ElementsAre(7, 8, 9));
  EXPECT_EQ(Ids({.latest = 9}), Numbers(1, 9));
  EXPECT_EQ(Ids({.latest = 1'000'000}), Numbers(1, 9));
}

TEST_F(QueryTest, LatestCountsOnlyWhatTheOtherFiltersLeave) {
  Fill(9);
  Commit({Closed(2), Closed(4), Closed(6)});
  EXPECT_THAT(Ids({.outcome = core::Outcome::kOk, .latest = 2}), ElementsAre(4, 6));
  EXPECT_THAT(Ids({.since = wall() - absl::Seconds(2), .latest = 5}), ElementsAre(8, 9));
}

TEST_F(QueryTest, RowsComeInPages) {
  Fill(Query::kPageRows + 1);
  const auto query = Query::Open(path_, {});
  ASSERT_OK(query);
  EXPECT_THAT(*(*query)->NextPage(), SizeIs(Query::kPageRows));
  EXPECT_THAT(*(*query)->NextPage(), SizeIs(1));
  EXPECT_THAT(*(*query)->NextPage(), IsEmpty());
  EXPECT_THAT(*(*query)->NextPage(), IsEmpty());
}

TEST_F(QueryTest, PagesThatAreJustFullEndToo) {
  Fill(Query::kPageRows);
  EXPECT_EQ(Ids(), Numbers(1, Query::kPageRows));
}

TEST_F(QueryTest, PagesHaveNoGapNorDuplicateWhileRowsComeAndClose) {
  constexpr core::LeaseId kBefore = 3 * Query::kPageRows;
  Fill(kBefore);
  const auto query = Query::Open(path_, {});
  ASSERT_OK(query);
  std::vector<core::LeaseId> seen;
  core::LeaseId added = 0;
  for (;;) {
    const auto page = (*query)->NextPage();
    ASSERT_OK(page);
    if (page->empty()) break;
    for (const Row& row : *page) seen.push_back(row.lease);
    if (added == 10) continue;
    ++added;
    Commit({Opened(kBefore + added), Closed(seen.back()), Closed(seen.back() + 1)});
  }
  EXPECT_EQ(seen, Numbers(1, seen.back()));
  EXPECT_GE(seen.back(), kBefore);
}

TEST_F(QueryTest, AQueryThatIsLeftHalfReadHoldsNothingUp) {
  Fill(2 * Query::kPageRows);
  const auto query = Query::Open(path_, {});
  ASSERT_OK(query);
  ASSERT_OK((*query)->NextPage());
  Commit({Closed(1)});
  Execute("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(testing::ReadFile(path_ + "-wal"), "");
}

TEST_F(QueryTest, ReadsWhatIsNotCheckpointedYet) {
  Commit({Opened(1)});
  ASSERT_NE(testing::ReadFile(path_ + "-wal"), "");
  EXPECT_THAT(Ids(), ElementsAre(1));
}

TEST_F(QueryTest, ReadingChangesNoFile) {
  Fill(9);
  const std::string file = testing::ReadFile(path_);
  const std::string wal = testing::ReadFile(path_ + "-wal");
  EXPECT_THAT(Ids(), SizeIs(9));
  EXPECT_TRUE(testing::ReadFile(path_) == file);
  EXPECT_TRUE(testing::ReadFile(path_ + "-wal") == wal);
}

TEST_F(QueryTest, AFileWithoutOurTablesIsAnError) {
  const std::string empty = dir_.File("empty.db");
  testing::WriteFile(empty, "");
  const auto query = Query::Open(empty, {});
  ASSERT_OK(query);
  EXPECT_FALSE((*query)->NextPage().ok());
  EXPECT_FALSE((*query)->GroupBy(Grouping::kModel, wall(), nullptr).ok());
  EXPECT_FALSE(Query::Open(empty, {.since = wall()}).ok());
}

TEST_F(QueryTest, AFileThatIsNoLedgerIsDataLoss) {
  const std::string text = dir_.File("text.db");
  testing::WriteFile(text, std::string(5000, 'x'));
  EXPECT_THAT(Query::Open(text, {.latest = 1}), HasCode(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace zbroker::ledger
