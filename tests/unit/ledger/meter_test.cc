// What the provider's meter showed, and the charges that came of it.
#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class MeterTest : public LedgerTest {
 protected:
  core::MeterRead Reading(double percent) const {
    return {kAccount,
            now(),
            {{.unit = core::Unit::kCredits,
              .length = kLength,
              .percent = Units(percent),
              .used = Units(402),
              .limit = Units(12'000),
              .reset = now() + absl::Hours(3),
              .full = true},
             {.unit = core::Unit::kMcpCalls, .months = 1, .percent = Units(2.8)}}};
  }
  core::ForeignCharged Foreign(double amount) const {
    return {kAccount, kWindow, now(), core::Amount() - Units(amount), absl::Minutes(5)};
  }
};

TEST_F(MeterTest, LatestReadingComesBackAsItWas) {
  const core::MeterRead reading = Reading(3.35);
  Commit({Reading(99), reading});
  Open();
  const auto readings = Recover().readings;
  ASSERT_THAT(readings, SizeIs(1));
  EXPECT_EQ(readings[0], reading);
}

TEST_F(MeterTest, ReadingsOfAccountsStandApart) {
  core::MeterRead other = Reading(7);
  other.account = "other";
  Commit({Reading(3), other});
  const auto readings = Recover().readings;
  ASSERT_THAT(readings, SizeIs(2));
  EXPECT_EQ(readings[1].account, "other");
  EXPECT_THAT(readings[1].rows, SizeIs(2));
}

TEST_F(MeterTest, ForeignChargeComesBackWithItsSignAndItsTime) {
  core::ForeignCharged sudden = Foreign(3);
  Commit({sudden});
  clock_.Advance(absl::Minutes(5));
  core::ForeignCharged first = Foreign(4);
  first.over = absl::InfiniteDuration();
  Commit({first});
  Open();
  const auto foreign = Recover().foreign;
  ASSERT_THAT(foreign, SizeIs(2));
  EXPECT_EQ(foreign[0].amount, core::Amount() - Units(3));
  EXPECT_EQ(foreign[0].at, sudden.at);
  EXPECT_EQ(foreign[0].over, absl::Minutes(5));
  EXPECT_EQ(foreign[1].over, absl::InfiniteDuration());
}

TEST_F(MeterTest, BatchThatIsWrittenAgainChargesOnce) {
  const std::vector<core::Record> batch = {Foreign(3), Reading(3)};
  Commit(batch);
  Commit(batch);
  EXPECT_THAT(Recover().foreign, SizeIs(1));
  EXPECT_THAT(Recover().readings, SizeIs(1));
}

TEST_F(MeterTest, AfterARebootInstantsAreTheSameWallTime) {
  Commit({Foreign(3), Reading(3)});
  const absl::Time then = wall();
  Reboot(absl::Minutes(30));
  const core::Recovered recovered = Recover();
  const Now now = clock_.Read();
  EXPECT_EQ(now.WallAt(recovered.foreign.at(0).at), then);
  EXPECT_EQ(now.WallAt(recovered.readings.at(0).asked), then);
  EXPECT_EQ(now.WallAt(*recovered.readings.at(0).rows.at(0).reset), then + absl::Hours(3));
}

TEST_F(MeterTest, ForeignChargesAgeOutAndAreDropped) {
  Commit({Foreign(3)});
  clock_.Advance(absl::Hours(6));
  EXPECT_THAT(Recover().foreign, IsEmpty());
  const auto more = ledger_->Prune(now(), now());
  ASSERT_OK(more);
  EXPECT_TRUE(*more);
  EXPECT_FALSE(*ledger_->Prune(now(), now()));
}

TEST_F(MeterTest, ALedgerOfTheVersionBeforeHasNone) {
  Execute(
      "DROP TABLE meter; DROP TABLE foreign_charge; DROP TABLE event; DROP TABLE hook_mark; "
      "ALTER TABLE lease DROP COLUMN project; PRAGMA user_version = 8");
  Open();
  EXPECT_THAT(Recover().readings, IsEmpty());
  Commit({Foreign(3), Reading(3)});
  EXPECT_THAT(Recover().foreign, SizeIs(1));
}

}  // namespace
}  // namespace zbroker::ledger
