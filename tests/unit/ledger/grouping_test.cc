// Query::GroupBy: sums over the rows of a filter.
#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GroupingTest : public LedgerTest {
 protected:
  static bool Never() { return false; }

  std::vector<Group> Groups(Grouping grouping, Filter filter = {}) {
    const auto query = Query::Open(path_, std::move(filter));
    EXPECT_OK(query);
    if (!query.ok()) return {};
    auto groups = (*query)->GroupBy(grouping, wall(), Never);
    EXPECT_OK(groups);
    return groups.ok() ? *std::move(groups) : std::vector<Group>();
  }

  std::vector<std::string> Keys(Grouping grouping, Filter filter = {}) {
    std::vector<std::string> keys;
    for (const Group& group : Groups(grouping, std::move(filter))) keys.push_back(group.key);
    return keys;
  }

  // A lease of a minute, after the harness's wait of two seconds.
  void Run(core::LeaseOpened opened, core::Outcome outcome = core::Outcome::kOk) {
    Commit({opened});
    clock_.Advance(absl::Minutes(1));
    Commit({Closed(opened.lease, outcome)});
  }
};

TEST_F(GroupingTest, AFreshLedgerHasNoGroups) { EXPECT_THAT(Groups(Grouping::kModel), IsEmpty()); }

TEST_F(GroupingTest, SumsWhatTheLeasesOfASessionTook) {
  Run(Opened(1), core::Outcome::kThrottle);
  core::LeaseOpened heavy = Opened(2);
  heavy.request.weight = Units(3);
  Run(heavy, core::Outcome::kLost);
  Run(Opened(3));
  const auto groups = Groups(Grouping::kSession);
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_EQ(groups[0].key, "session");
  EXPECT_EQ(groups[0].leases, 3U);
  EXPECT_EQ(groups[0].charged, Units(4)) << "a throttle costs nothing";
  EXPECT_EQ(groups[0].held, absl::Minutes(3));
  EXPECT_EQ(groups[0].waited, absl::Seconds(6));
  EXPECT_EQ(groups[0].throttled, 1U);
  EXPECT_EQ(groups[0].lost, 1U);
}

TEST_F(GroupingTest, ProjectsAreSummedUp) {
  Run(Opened(1));
  for (core::LeaseId id = 2; id <= 3; ++id) {
    core::LeaseOpened opened = Opened(id);
    opened.request.project = "shop";
    Run(opened);
  }
  const auto groups = Groups(Grouping::kProject);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].key, "");
  EXPECT_EQ(groups[0].leases, 1U);
  EXPECT_EQ(groups[1].key, "shop");
  EXPECT_EQ(groups[1].leases, 2U);
}

// An arrival that a client of an earlier version made up. sum() of integers would fail.
TEST_F(GroupingTest, RowsWithImpossibleInstantsDoNotBreakTheSums) {
  for (core::LeaseId id = 1; id <= 3; ++id) {
    Run(Opened(id));
    Execute(
        absl::StrCat("UPDATE lease SET queued_us = -9223372036854775808,"
                     " input_tokens = 9223372036854775807, cached_tokens = 0,"
                     " output_tokens = 0 WHERE lease = ",
                     id));
  }
  for (const Grouping grouping :
       {Grouping::kSession, Grouping::kModel, Grouping::kHour, Grouping::kOutcome}) {
    const auto groups = Groups(grouping);
    ASSERT_FALSE(groups.empty());
    EXPECT_GT(groups[0].waited, absl::Hours(24 * 365 * 1000));
    EXPECT_GT(groups[0].usage->input, 0);
  }
  EXPECT_EQ(Rows().size(), 3U);
}

TEST_F(GroupingTest, TokensAreSummedWhereTheyWereReported) {
  for (core::LeaseId id = 1; id <= 2; ++id) {
    core::LeaseClosed closed = Closed(id);
    closed.usage = core::TokenUsage{.input = 10, .cached = 20, .output = 30};
    Commit({Opened(id), closed});
  }
  Run(Opened(3));
  core::LeaseOpened silent = Opened(4);
  silent.request.model = "silent";
  Run(silent);
  const auto groups = Groups(Grouping::kModel);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].usage, (core::TokenUsage{.input = 20, .cached = 40, .output = 60}));
  EXPECT_FALSE(groups[1].usage.has_value()) << groups[1].key;
}

TEST_F(GroupingTest, EachSessionIsAGroupInOrder) {
  core::LeaseOpened b = Opened(1), a = Opened(2);
  b.request.session = "b";
  a.request.session = "a";
  Run(b);
  Run(a);
  EXPECT_THAT(Keys(Grouping::kSession), ElementsAre("a", "b"));
}

TEST_F(GroupingTest, ByModel) {
  core::LeaseOpened other = Opened(2);
  other.request.model = "glm-5";
  Run(Opened(1));
  Run(other);
  EXPECT_THAT(Keys(Grouping::kModel), ElementsAre("glm-4.7", "glm-5"));
}

TEST_F(GroupingTest, ByOutcomeCallsOpenLeasesOpen) {
  Run(Opened(1), core::Outcome::kThrottle);
  Run(Opened(2));
  Commit({Opened(3)});
  EXPECT_THAT(Keys(Grouping::kOutcome), ElementsAre("ok", "open", "throttle"));
}

TEST_F(GroupingTest, ByHourBeginsAtTheFullHour) {
  Run(Opened(1));  // at 10:00
  clock_.Advance(absl::Minutes(59) - absl::Microseconds(1));
  Run(Opened(2));  // just before 11:00
  Run(Opened(3));  // just before 11:01
  const auto groups = Groups(Grouping::kHour);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].key, "2026-11-22T10:00:00Z");
  EXPECT_EQ(groups[0].leases, 2U);
  EXPECT_EQ(groups[1].key, "2026-11-22T11:00:00Z");
}

TEST_F(GroupingTest, ByHourGoesByTheCorrectedWallClock) {
  Run(Opened(1));
  clock_.StepWall(absl::Hours(5));
  ASSERT_OK(ledger_->NoteWallClock(clock_.Read()));
  EXPECT_THAT(Keys(Grouping::kHour), ElementsAre("2026-11-22T15:00:00Z"));
}

TEST_F(GroupingTest, AnOpenLeaseHasBeenHeldUntilNow) {
  Commit({Opened(1)});
  clock_.Advance(absl::Seconds(7));
  EXPECT_EQ(Groups(Grouping::kModel).at(0).held, absl::Seconds(7));
}

TEST_F(GroupingTest, AnOpenLeaseHasBeenHeldAsLongWhateverTheWallClockSays) {
  Commit({Opened(1)});
  clock_.Advance(absl::Seconds(7));
  clock_.StepWall(absl::Hours(5));
  ASSERT_OK(ledger_->NoteWallClock(clock_.Read()));
  EXPECT_EQ(Groups(Grouping::kModel).at(0).held, absl::Seconds(7));
}

TEST_F(GroupingTest, SumsOnlyWhatTheFilterLeaves) {
  Run(Opened(1));
  core::LeaseOpened other = Opened(2);
  other.holder.uid = 5;
  Run(other);
  Run(Opened(3));
  EXPECT_EQ(Groups(Grouping::kModel, {.uid = 1000}).at(0).leases, 2U);
  EXPECT_EQ(Groups(Grouping::kModel, {.since = wall() - absl::Minutes(1)}).at(0).leases, 1U);
  EXPECT_EQ(Groups(Grouping::kModel, {.latest = 2}).at(0).leases, 2U);
  EXPECT_THAT(Groups(Grouping::kModel, {.since = wall() + absl::Hours(1)}), IsEmpty());
}

class LongGroupingTest : public GroupingTest {
 protected:
  LongGroupingTest() {
    std::vector<core::Record> records;
    for (core::LeaseId id = 1; id <= 3'000; ++id) records.push_back(Opened(id));
    Commit(records);
  }
};

TEST_F(LongGroupingTest, CanBeCancelled) {
  const auto query = Query::Open(path_, {});
  ASSERT_OK(query);
  int asked = 0;
  EXPECT_THAT((*query)->GroupBy(Grouping::kHour, wall(), [&] { return ++asked == 2; }),
              HasCode(absl::StatusCode::kCancelled));
  EXPECT_EQ(asked, 2);
}

TEST_F(LongGroupingTest, IsAskedNoMoreOnceItIsDone) {
  const auto query = Query::Open(path_, {});
  ASSERT_OK(query);
  int asked = 0;
  const auto count = [&] {
    ++asked;
    return false;
  };
  ASSERT_OK((*query)->GroupBy(Grouping::kHour, wall(), count));
  EXPECT_GT(std::exchange(asked, 0), 0);
  while (!(*query)->NextPage()->empty()) {
  }
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace zbroker::ledger
