#include "daemon/ledger/migrate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "daemon/core/config.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/migrations.h"
#include "daemon/ledger/query.h"
#include "daemon/ledger/sql.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::ledger {
namespace {

using ::testing::AllOf;
using testing::Fails;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReadFile;
using testing::WriteFile;

class MigrateTest : public ::testing::Test {
 protected:
  absl::Status Open() const { return Ledger::Open(path_, "boot", clock_.Read()).status(); }

  // Opens the file as any program with SQLite would, and closes it again.
  void Execute(const std::string& sql) const {
    const auto database = Database::Open(path_, Database::Mode::kWrite);
    ASSERT_OK(database);
    ASSERT_OK((*database)->Execute(sql.c_str()));
  }

  // Makes a ledger with enough rows for a few dozen pages.
  void MakeLedger() const {
    ASSERT_OK(Open());
    Execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "INSERT INTO charge SELECT 'default', '5h', i, i, 1, 1000000 FROM n");
  }

  // Expects that opening fails with the code and a message that `matcher` matches, and that the
  // file is then as it was, also for whoever opens it next.
  template <typename Matcher>
  void ExpectRefusal(absl::StatusCode code, const Matcher& matcher) const {
    const std::string before = ReadFile(path_);
    const std::string wal_before = ReadFile(path_ + "-wal");
    EXPECT_THAT(Open(), Fails(code, AllOf(HasSubstr(path_), matcher)));
    EXPECT_TRUE(ReadFile(path_) == before);
    EXPECT_TRUE(ReadFile(path_ + "-wal") == wal_before);
    EXPECT_EQ(ReadFile(path_ + "-journal"), "");
  }

  void ExpectDamage() const {
    ExpectRefusal(absl::StatusCode::kDataLoss,
                  AllOf(HasSubstr("nothing was changed"), HasSubstr(".recover"),
                        Not(HasSubstr("not an error")), Not(HasSubstr("\n"))));
  }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("ledger.db");
  testing::FakeClock clock_;
};

TEST_F(MigrateTest, AFreshFileGetsTheLatestVersionAndOurMark) {
  ASSERT_OK(Open());
  const auto database = Database::Open(path_, Database::Mode::kRead);
  ASSERT_OK(database);
  EXPECT_EQ(*(*database)->QueryInt(sql::kGetUserVersion), int64_t{std::size(sql::kMigrations)});
  EXPECT_EQ(*(*database)->QueryInt(sql::kGetApplicationId), 0x7A62726B);
}

TEST_F(MigrateTest, AnEmptyFileIsAFreshOne) {
  WriteFile(path_, "");
  EXPECT_OK(Open());
}

TEST_F(MigrateTest, AFileOfTheFirstVersionKeepsItsRows) {
  Execute(sql::kMigrations[0]);
  Execute(R"(
    PRAGMA user_version = 1;
    INSERT INTO boot VALUES (1, 'boot', 1000000, 0);
    INSERT INTO account VALUES ('default', 7, 1, 2, 0, 0);
    INSERT INTO lease VALUES (1, 't1', 'default', 'm', 'prompt', 'normal', 1000000, 's', 0, 0, 'p',
                              10, 20, 30, 1, 100, 200, 300, 'throttle', '1302', 'd');
    INSERT INTO lease VALUES (2, 't2', 'default', 'm', 'prompt', 'normal', 1000000, 's', 0, 0, 'p',
                              10, 20, 30, 1, 100, 200, NULL, NULL, '', '');
    INSERT INTO charge VALUES ('default', '5h', 200, 2, 1, 1000000))");
  auto ledger = Ledger::Open(path_, "boot", clock_.Read());
  ASSERT_OK(ledger);
  const auto recovered = (*ledger)->Recover(core::BrokerConfig::Defaults(), clock_.Read(),
                                            [](const core::Holder&) { return true; });
  ASSERT_OK(recovered);
  ASSERT_EQ(recovered->leases.size(), 1U);
  EXPECT_EQ(recovered->leases[0].opened.attempt, 1U);
  EXPECT_EQ(recovered->leases[0].opened.charges.size(), 1U);
  EXPECT_EQ(recovered->accounts.at(0).settings.slot_limit, 7);
  ASSERT_EQ(recovered->pauses.size(), 1U);
  EXPECT_TRUE(recovered->pauses[0].pause.part.whole());
  EXPECT_EQ(recovered->pauses[0].pause.until, BootTime::InfiniteFuture());
  EXPECT_TRUE(recovered->blocks.empty());
  const auto query = Query::Open(path_, {});
  ASSERT_OK(query);
  const auto rows = (*query)->NextPage();
  ASSERT_OK(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].upstream_code, "1302");
  EXPECT_EQ((*rows)[0].attempt, 1U);
  EXPECT_FALSE((*rows)[0].usage.has_value());
  EXPECT_EQ((*rows)[0].served_model, "");
  EXPECT_EQ((*rows)[0].request.program, "");
  EXPECT_EQ((*rows)[0].request.program_pid, 0);
  EXPECT_EQ((*rows)[0].request.project, "");
}

TEST_F(MigrateTest, AFileOfThePresentVersionIsTakenAsItIs) {
  ASSERT_OK(Open());
  EXPECT_OK(Open());
}

TEST_F(MigrateTest, ANewerVersionIsRefused) {
  ASSERT_OK(Open());
  Execute("PRAGMA user_version = 1000");
  ExpectRefusal(absl::StatusCode::kFailedPrecondition, HasSubstr("newer zbroker (format 1000"));
}

TEST_F(MigrateTest, ANewerVersionThatDidNotEndCleanlyIsRefused) {
  ASSERT_OK(Open());
  const auto newer = Database::Open(path_, Database::Mode::kWrite);
  ASSERT_OK(newer);
  ASSERT_OK((*newer)->Execute("PRAGMA user_version = 1000"));
  // What a killed process leaves: the change is in the -wal file only.
  const std::string file = ReadFile(path_);
  const std::string wal = ReadFile(path_ + "-wal");
  ASSERT_NE(wal, "");
  std::filesystem::create_directory(dir_.File("copy"));
  WriteFile(dir_.File("copy/ledger.db"), file);
  WriteFile(dir_.File("copy/ledger.db-wal"), wal);

  const std::string copy = dir_.File("copy/ledger.db");
  EXPECT_THAT(Ledger::Open(copy, "boot", clock_.Read()),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("newer zbroker")));
  EXPECT_TRUE(ReadFile(copy) == file);
  EXPECT_TRUE(ReadFile(copy + "-wal") == wal);
}

TEST_F(MigrateTest, AnotherApplicationsDatabaseIsRefused) {
  Execute("PRAGMA application_id = 77; CREATE TABLE theirs (x INTEGER NOT NULL) STRICT");
  ExpectRefusal(absl::StatusCode::kFailedPrecondition, HasSubstr("belongs to another program"));
}

TEST_F(MigrateTest, AnUnmarkedDatabaseWithTablesIsRefused) {
  Execute("CREATE TABLE theirs (x INTEGER NOT NULL) STRICT");
  ExpectRefusal(absl::StatusCode::kFailedPrecondition, HasSubstr("belongs to another program"));
}

TEST_F(MigrateTest, TextIsDamage) {
  WriteFile(path_,
            "not a database, but long enough to hold what would be the header of one, "
            "which takes a hundred bytes");
  ExpectDamage();
}

TEST_F(MigrateTest, AFewBytesAreDamage) {
  WriteFile(path_, "abc");
  ExpectDamage();
}

TEST_F(MigrateTest, ZerosAreDamage) {
  WriteFile(path_, std::string(4096, '\0'));
  ExpectDamage();
}

TEST_F(MigrateTest, ATruncatedFileIsDamage) {
  MakeLedger();
  const std::string whole = ReadFile(path_);
  ASSERT_GT(whole.size(), 40'000);
  WriteFile(path_, whole.substr(0, whole.size() / 2));
  ExpectDamage();
}

TEST_F(MigrateTest, ACorruptedPageInTheMiddleIsDamage) {
  MakeLedger();
  std::string bytes = ReadFile(path_);
  const size_t middle = bytes.size() / 2 / 4096 * 4096;
  bytes.replace(middle, 4096, std::string(4096, '\xa5'));
  WriteFile(path_, bytes);
  ExpectDamage();
}

}  // namespace
}  // namespace zbroker::ledger
