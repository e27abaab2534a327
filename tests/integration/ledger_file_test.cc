// Ledger files that a daemon must not touch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

// Where SQLite's file format keeps what PRAGMA user_version shows, big-endian.
constexpr size_t kUserVersionAt = 60;

class LedgerFileTest : public ::testing::Test {
 protected:
  // A ledger that a daemon has written and closed.
  std::string WrittenLedger() {
    daemon_.Start();
    EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
    daemon_.Stop(SIGTERM);
    std::string bytes = ReadFile(daemon_.ledger());
    EXPECT_GT(bytes.size(), kUserVersionAt + 4);
    return bytes;
  }

  // Starts a daemon on `bytes`, which it must refuse and leave as they are.
  std::string RefusalOf(const std::string& bytes) {
    WriteFile(daemon_.ledger(), bytes);
    const Process::End end = Process::Start({Program("zbrokerd")}, daemon_.Environment()).Wait();
    EXPECT_EQ(end.exit_status, 1);
    EXPECT_TRUE(ReadFile(daemon_.ledger()) == bytes) << "the file has changed";
    EXPECT_THAT(end.err, HasSubstr(daemon_.ledger()));
    return end.err;
  }

  DaemonProcess daemon_;
};

TEST_F(LedgerFileTest, OfANewerVersionIsRefused) {
  std::string bytes = WrittenLedger();
  bytes[kUserVersionAt + 2] = 3;
  EXPECT_THAT(RefusalOf(bytes), HasSubstr("written by a newer zbroker"));
}

TEST_F(LedgerFileTest, OfAnotherProgramIsRefused) {
  std::string bytes = WrittenLedger();
  // PRAGMA application_id, also big-endian.
  bytes[68] = 'q';
  EXPECT_THAT(RefusalOf(bytes), HasSubstr("belongs to another program"));
}

TEST_F(LedgerFileTest, OfGarbageIsRefusedWithTheWayToRecover) {
  std::string bytes;
  for (uint32_t i = 1; i <= 8192; ++i) bytes.push_back(static_cast<char>((i * 2654435761u) >> 24));
  EXPECT_THAT(RefusalOf(bytes), HasSubstr("sqlite3 ledger.db .recover"));
}

TEST_F(LedgerFileTest, CutShortIsRefusedWithTheWayToRecover) {
  const std::string bytes = WrittenLedger();
  EXPECT_THAT(RefusalOf(bytes.substr(0, bytes.size() / 2)),
              HasSubstr("sqlite3 ledger.db .recover"));
}

TEST_F(LedgerFileTest, WithADamagedPageIsRefusedWithTheWayToRecover) {
  std::string bytes = WrittenLedger();
  constexpr size_t kPageBytes = 4096;
  bytes.replace(kPageBytes, 64, std::string(64, '\xA5'));
  EXPECT_THAT(RefusalOf(bytes), HasSubstr("sqlite3 ledger.db .recover"));
}

TEST_F(LedgerFileTest, ThatIsEmptyIsBegunAnew) {
  WriteFile(daemon_.ledger(), "");
  daemon_.Start();
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  EXPECT_EQ(daemon_.Rows().size(), 1u);
}

}  // namespace
}  // namespace zbroker::testing
