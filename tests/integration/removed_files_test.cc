// What happens when somebody removes the daemon's files while it runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kConfig[] = "[account.default.slots]\nlimit = 1\n";

class RemovedFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    client_.emplace(daemon_.socket());
    session_.emplace(*client_);
    held_ = session_->Lease(Ask("held"));
  }

  std::string LedgerError() { return client_->Status().daemon().ledger_error(); }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 2\n"};
  std::optional<RawClient> client_;
  std::optional<RawSession> session_;
  uint64_t held_ = 0;
};

TEST_F(RemovedFileTest, WithoutItsLedgerTheDaemonSaysSoAndGrantsNothing) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(daemon_.ledger() + suffix);
  }
  ASSERT_TRUE(WaitUntil([&] { return !LedgerError().empty(); }));
  EXPECT_THAT(LedgerError(), HasSubstr("ledger.db was removed"));
  EXPECT_THAT(LedgerError(), HasSubstr("kill "));
  EXPECT_EQ(client_->Status().accounts(0).blocked().reason(), "ledger");
  EXPECT_THAT(session_->Refusal(Ask("new")),
              Fails(absl::StatusCode::kUnavailable, HasSubstr("was removed")));
  EXPECT_FALSE(std::filesystem::exists(daemon_.ledger()));
}

TEST_F(RemovedFileTest, WithoutItsLedgerTheDaemonStillTakesLeasesBack) {
  std::filesystem::remove(daemon_.ledger());
  ASSERT_TRUE(WaitUntil([&] { return !LedgerError().empty(); }));
  session_->Release(held_);
  EXPECT_EQ(session_->NextAnswer().released().lease_id(), held_);
}

TEST_F(RemovedFileTest, ALedgerThatIsPutBackIsUsedAgain) {
  std::filesystem::rename(daemon_.ledger() + "-wal", daemon_.dir().File("aside"));
  ASSERT_TRUE(WaitUntil([&] { return !LedgerError().empty(); }));
  std::filesystem::rename(daemon_.dir().File("aside"), daemon_.ledger() + "-wal");
  ASSERT_TRUE(WaitUntil([&] { return LedgerError().empty(); }));
  session_->Release(session_->Lease(Ask("after")));
  EXPECT_EQ(session_->NextAnswer().released().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(daemon_.Rows().size(), 2u);
}

TEST_F(RemovedFileTest, ASocketThatWasRemovedIsThereAgain) {
  for (const char* file : {"/broker.sock", "/broker.sock.lock"}) {
    std::filesystem::remove(daemon_.dir().path() + file);
  }
  ASSERT_TRUE(WaitUntil([&] { return std::filesystem::exists(daemon_.socket()); }));
  EXPECT_EQ(daemon_.Slots().in_flight(), 1u);
  EXPECT_TRUE(WaitUntil([&] { return std::filesystem::exists(daemon_.socket() + ".lock"); }));
  // And those who were connected stay so.
  session_->Release(held_);
  EXPECT_EQ(session_->Next().released().lease_id(), held_);
}

TEST_F(RemovedFileTest, ALockFileThatWasRemovedIsTakenAgain) {
  std::filesystem::remove(daemon_.dir().File("zbrokerd.lock"));
  EXPECT_TRUE(WaitUntil([&] { return daemon_.RunningPid() != 0; }));
  const Process::End second = Process::Start({Program("zbrokerd")}, daemon_.Environment()).Wait();
  EXPECT_EQ(second.exit_status, 1);
  EXPECT_THAT(second.err, HasSubstr("another zbrokerd"));
}

// A state directory of which nothing else is needed, so that all of it may go.
class RemovedDirectoryTest : public ::testing::Test {
 protected:
  RemovedDirectoryTest() {
    WriteFile(dir_.File("config.toml"), kConfig);
    first_.emplace(Process::Start({Program("zbrokerd")}, environment_));
    EXPECT_TRUE(WaitUntil([&] { return absl::StrContains(first_->Err(), "serves on"); }));
  }

  // Works until the file `until` is there; marks an overlap with another worker.
  Process StartWorker(const std::string& until) {
    const std::string script = "mkdir " + dir_.File("busy") + " || touch " + dir_.File("overlap") +
                               "; while [ ! -e " + dir_.File(until) +
                               " ]; do sleep 0.02; done; rmdir " + dir_.File("busy");
    return Process::Start({Program("zlease"), "--", "sh", "-c", script}, environment_);
  }
  bool Exists(const std::string& name) { return std::filesystem::exists(dir_.File(name)); }
  void Touch(const std::string& name) { WriteFile(dir_.File(name), ""); }

  // Daemons that clients have started.
  void TearDown() override {
    if (const pid_t pid = atoi(ReadFile(state_ + "/zbrokerd.lock").c_str()); pid > 0) {
      kill(pid, SIGKILL);
    }
  }

  TempDir dir_;
  const std::string state_ = dir_.File("state");
  const EnvironmentVariables environment_ = {{"ZBROKER_STATE_DIR", state_},
                                             {"ZBROKER_CONFIG", dir_.File("config.toml")}};
  std::optional<Process> first_;
};

TEST_F(RemovedDirectoryTest, NoSecondDaemonGrantsBesideTheLeasesOfTheFirst) {
  Process worker = StartWorker("go");
  ASSERT_TRUE(WaitUntil([&] { return Exists("busy"); }));
  std::filesystem::remove_all(state_);
  const Process::End second = Process::Start({Program("zbrokerd")}, environment_).Wait();
  EXPECT_EQ(second.exit_status, 1);
  EXPECT_THAT(second.err, HasSubstr("still has leases"));
  ASSERT_TRUE(WaitUntil([&] { return absl::StrContains(first_->Err(), "was removed"); }));
  EXPECT_TRUE(first_->Running());

  Touch("go");
  EXPECT_EQ(worker.Wait().exit_status, 0);
  const Process::End end = first_->Wait();
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("the state directory"));
  // Now there is room for another.
  EXPECT_EQ(StartWorker("go").Wait().exit_status, 0);
  EXPECT_FALSE(Exists("overlap"));
}

TEST_F(RemovedDirectoryTest, ADaemonWithoutLeasesMakesRoom) {
  std::filesystem::remove_all(state_);
  EXPECT_EQ(first_->Wait().exit_status, 1);
}

TEST_F(RemovedDirectoryTest, ADaemonWhoseDirectoryIsBackGoesOn) {
  Process worker = StartWorker("go");
  ASSERT_TRUE(WaitUntil([&] { return Exists("busy"); }));
  std::filesystem::rename(state_, dir_.File("aside"));
  ASSERT_TRUE(WaitUntil([&] { return absl::StrContains(first_->Err(), "was removed"); }));
  std::filesystem::rename(dir_.File("aside"), state_);
  ASSERT_TRUE(WaitUntil([&] { return absl::StrContains(first_->Err(), "back in its place"); }));
  Touch("go");
  EXPECT_EQ(worker.Wait().exit_status, 0);
  EXPECT_EQ(StartWorker("go").Wait().exit_status, 0);
  EXPECT_TRUE(first_->Running());
}

}  // namespace
}  // namespace zbroker::testing
