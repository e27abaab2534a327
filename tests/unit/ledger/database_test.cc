#include "daemon/ledger/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "tests/testing/ordinary_user.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::ledger {
namespace {

using ::testing::AllOf;
using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() {
    auto database = Database::Open(path_, Database::Mode::kWrite);
    EXPECT_OK(database);
    database_ = *std::move(database);
    EXPECT_OK(database_->Execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x ANY) STRICT"));
  }

  int64_t Count() { return database_->QueryInt("SELECT count(*) FROM t").value_or(-1); }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("test.db");
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, BoundValuesComeBackAsTheyWere) {
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  const std::string text = "it's \xc3\xa9; DROP TABLE t";
  Statement select(*database_, "SELECT ?1, ?2, ?3, ?4");
  Use use(select, kLargest, absl::string_view(text), std::optional<int64_t>(), absl::string_view());
  EXPECT_TRUE(*use.Step());
  EXPECT_EQ(use.Int(0), kLargest);
  EXPECT_EQ(use.Text(1), text);
  EXPECT_FALSE(use.IntOrNull(2));
  EXPECT_EQ(use.Text(2), "");
  EXPECT_TRUE(use.IntOrNull(3)) << "an empty text is no NULL";
  EXPECT_EQ(use.Text(3), "");
  EXPECT_FALSE(*use.Step());
}

TEST_F(DatabaseTest, AStatementIsFreshForEachUse) {
  Statement select(*database_, "SELECT ?1 UNION ALL SELECT ?1");
  {
    Use use(select, int64_t{5});
    EXPECT_TRUE(*use.Step());  // and the second row is left unread
  }
  Use use(select);
  EXPECT_TRUE(*use.Step());
  EXPECT_FALSE(use.IntOrNull(0));
}

TEST_F(DatabaseTest, AStatementMayBeMoved) {
  Statement first(*database_, "INSERT INTO t (x) VALUES (?1)");
  Statement second = std::move(first);
  EXPECT_OK(Use(second, int64_t{5}).Run());
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, AStatementThatCannotBePreparedSaysWhyWhenUsed) {
  Statement bad(*database_, "SELECT x FROM nowhere WHERE x = ?1");
  EXPECT_THAT(Use(bad, int64_t{1}).Run(),
              Fails(absl::StatusCode::kUnavailable, HasSubstr("no such table: nowhere")));
}

TEST_F(DatabaseTest, CountsWhatTheLastStatementChanged) {
  ASSERT_OK(database_->Execute("INSERT INTO t (id, x) VALUES (7, 1), (8, 1)"));
  EXPECT_EQ(database_->changes(), 2);
  EXPECT_EQ(database_->last_insert_id(), 8);
  ASSERT_OK(database_->Execute("UPDATE t SET x = 2 WHERE id = 9"));
  EXPECT_EQ(database_->changes(), 0);
}

TEST_F(DatabaseTest, AQueryWithoutRowsReadsAsNothing) {
  EXPECT_EQ(*database_->QueryInt("SELECT id FROM t ORDER BY id"), 0);
  EXPECT_EQ(*database_->QueryText("SELECT x FROM t ORDER BY id"), "");
}

TEST_F(DatabaseTest, FileIsForUsAlone) {
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  const auto reader = Database::Open(path_, Database::Mode::kRead);
  ASSERT_OK(reader);
  EXPECT_THAT((*reader)->Execute("INSERT INTO t (x) VALUES (1)"),
              HasCode(absl::StatusCode::kPermissionDenied));
}

TEST_F(DatabaseTest, AReaderMakesNoFile) {
  const std::string absent = dir_.File("absent.db");
  EXPECT_THAT(Database::Open(absent, Database::Mode::kRead),
              Fails(absl::StatusCode::kPermissionDenied, HasSubstr(absent)));
  struct stat info {};
  EXPECT_NE(stat(absent.c_str(), &info), 0);
}

TEST_F(DatabaseTest, ADirectoryThatTakesNoFilesIsAMatterOfPermission) {
  const testing::AsOrdinaryUser somebody(dir_);
  const std::string closed = dir_.File("closed");
  ASSERT_EQ(mkdir(closed.c_str(), 0500), 0);
  const std::string path = closed + "/ledger.db";
  EXPECT_THAT(Database::Open(path, Database::Mode::kWrite),
              Fails(absl::StatusCode::kPermissionDenied,
                    AllOf(HasSubstr(path), HasSubstr("check the rights"))));
}

TEST_F(DatabaseTest, AFullDiskIsResourceExhausted) {
  ASSERT_OK(database_->Execute("PRAGMA max_page_count = 3"));
  EXPECT_THAT(database_->Execute("INSERT INTO t (x) VALUES (zeroblob(100000))"),
              Fails(absl::StatusCode::kResourceExhausted,
                    AllOf(HasSubstr(path_), HasSubstr("no new leases until there is room"))));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsDataLoss) {
  const std::string text = dir_.File("text.db");
  testing::WriteFile(text, "this is no database, though it is long enough to look like a header");
  const auto database = Database::Open(text, Database::Mode::kWrite);
  ASSERT_OK(database);
  EXPECT_THAT((*database)->QueryInt("SELECT count(*) FROM sqlite_schema"),
              Fails(absl::StatusCode::kDataLoss, AllOf(HasSubstr(text), HasSubstr(".recover"))));
}

// Takes far longer than a test may.
constexpr char kEndless[] =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

TEST_F(DatabaseTest, ALongStatementCanBeInterrupted) {
  int asked = 0;
  database_->SetInterruptCheck([&] { return ++asked == 3; });
  EXPECT_THAT(database_->QueryInt(kEndless), HasCode(absl::StatusCode::kCancelled));
  EXPECT_EQ(asked, 3);
}

TEST_F(DatabaseTest, AfterAnInterruptTheConnectionGoesOn) {
  database_->SetInterruptCheck([] { return true; });
  EXPECT_THAT(database_->QueryInt(kEndless), HasCode(absl::StatusCode::kCancelled));
  database_->SetInterruptCheck(nullptr);
  EXPECT_EQ(Count(), 0);
}

}  // namespace
}  // namespace zbroker::ledger
