#include "daemon/ledger/inspect.h"

#include <filesystem>
#include <set>

#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using testing::Fails;
using ::testing::HasSubstr;
using testing::ReadFile;
using testing::WriteFile;

class InspectionTest : public LedgerTest {
 protected:
  ClockEvidence Clock() {
    auto inspection = Inspection::Begin(path_);
    EXPECT_OK(inspection);
    if (!inspection.ok()) return {};
    const auto evidence = inspection->Clock(absl::StrCat("boot-", boot_), clock_.Read());
    EXPECT_OK(evidence);
    return evidence.value_or(ClockEvidence());
  }
  absl::Status CheckAll() const {
    auto inspection = Inspection::Begin(path_);
    return inspection.ok() ? inspection->CheckAll() : inspection.status();
  }
  std::set<std::string> Files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      names.insert(entry.path().filename());
    }
    return names;
  }
};

TEST_F(InspectionTest, ReadsTheLedgerOfADaemonThatRunsAndSoOneThatHasEnded) {
  Commit({Charging(1)});
  EXPECT_OK(CheckAll());
  ledger_.reset();
  const auto files = Files();
  const std::string before = ReadFile(path_);
  EXPECT_OK(CheckAll());
  EXPECT_EQ(Files(), files);
  EXPECT_TRUE(ReadFile(path_) == before);
}

TEST_F(InspectionTest, HoldsNoWriterUp) {
  auto inspection = Inspection::Begin(path_);
  ASSERT_OK(inspection);
  ASSERT_OK(inspection->CheckAll());
  Commit({Charging(1), Closed(1)});
  EXPECT_OK(inspection->CheckAll());
}

TEST_F(InspectionTest, FindsDamageHoweverLargeTheLedgerIs) {
  ledger_.reset();
  std::string content = ReadFile(path_);
  std::fill(content.begin() + 8192, content.begin() + 12288, '\xa5');
  WriteFile(path_, content);
  EXPECT_THAT(CheckAll(), Fails(absl::StatusCode::kDataLoss, HasSubstr(path_)));
}

TEST_F(InspectionTest, SaysNothingOfAFileThatADaemonHasBegunToWriteTo) {
  ledger_.reset();
  auto inspection = Inspection::Begin(path_);
  ASSERT_OK(inspection);
  std::string content = ReadFile(path_);
  std::fill(content.begin() + 4096, content.end(), '\xa5');
  WriteFile(path_, content);
  WriteFile(path_ + "-wal", "x");
  EXPECT_THAT(inspection->CheckAll(), Fails(absl::StatusCode::kAborted, HasSubstr(path_)));
}

TEST_F(InspectionTest, NoLedgerIsNotFound) {
  EXPECT_EQ(Inspection::Begin(dir_.File("none.db")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Inspection::Begin(dir_.path()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(InspectionTest, PathMayHaveWhatMeansSomethingInUris) {
  ledger_.reset();
  const std::string odd = dir_.File("a?b#c%41.db");
  std::filesystem::rename(path_, odd);
  auto inspection = Inspection::Begin(odd);
  ASSERT_OK(inspection);
  EXPECT_OK(inspection->CheckAll());
}

TEST_F(InspectionTest, ClockThatNobodySetIsNoEvidence) {
  Commit({Charging(1)});
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Clock().step, absl::ZeroDuration());
  EXPECT_EQ(Clock().ahead, absl::ZeroDuration());
}

TEST_F(InspectionTest, StepOfTheClockIsSeenAlsoBeforeADaemonNotesIt) {
  Commit({Charging(1)});
  clock_.StepWall(-absl::Hours(2));
  EXPECT_EQ(Clock().step, -absl::Hours(2));
  EXPECT_EQ(Clock().ahead, absl::ZeroDuration());
}

TEST_F(InspectionTest, LeaseOfAnEarlierBootThatIsInTheFutureTellsOfAWrongClock) {
  Commit({Charging(1)});
  clock_.StepWall(-absl::Hours(3));
  Reboot(absl::Hours(1));
  EXPECT_EQ(Clock().step, absl::ZeroDuration());
  EXPECT_EQ(Clock().ahead, absl::Hours(2));
}

}  // namespace
}  // namespace zbroker::ledger
