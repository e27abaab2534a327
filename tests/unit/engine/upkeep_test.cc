// What the engine sees to besides commands.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/ledger/database.h"
#include "tests/testing/process.h"
#include "tests/unit/engine/harness.h"

namespace zbroker::engine {
namespace {

using testing::WaitUntil;

class UpkeepTest : public EngineHarness {
 protected:
  // Runs SQL of the test's own, beside the engine.
  void Execute(const std::string& sql) {
    const auto database = ledger::Database::Open(ledger_path_, ledger::Database::Mode::kWrite);
    ASSERT_OK(database);
    ASSERT_OK((*database)->Execute(sql.c_str()));
  }
  core::LeaseId Take(core::StreamId stream, Inbox& inbox, const std::string& ticket, pid_t pid) {
    EXPECT_OK(engine_->Post(AskOn(stream, ticket, pid)));
    return inbox.Next<core::Granted>().lease;
  }
  static testing::Process Sleeper() { return testing::Process::Start({"sleep", "600"}); }
  static bool IsStopped(pid_t pid) {
    const auto stat = ReadProcessStat(pid);
    return stat && stat->stopped();
  }
};

// Charges of an earlier boot count by the wall clock.
TEST_F(UpkeepTest, AStepOfTheWallClockIsTakenAlsoWhenTheLedgerFailsMeanwhile) {
  Start();
  engine_.reset();
  Execute(absl::StrCat(
      "INSERT INTO boot (boot, boot_id, offset_us, correction_us) VALUES (77, 'earlier', 0, 0);"
      "INSERT INTO charge (account, window, at_us, lease, boot, amount_micros)"
      " VALUES ('default', '5h', ",
      absl::ToUnixMicros(clock_.Read().wall - absl::Hours(1)), ", 1, 77, 1000000)"));
  Start();
  const core::Amount one = *core::Amount::FromDouble(1);
  ASSERT_EQ(Look().windows.at(0).used, one);

  Execute("ALTER TABLE reset RENAME TO reset_aside");
  clock_.StepWall(absl::Hours(6));
  EXPECT_EQ(Look().windows.at(0).used, one) << "nothing could be read anew";
  Execute("ALTER TABLE reset_aside RENAME TO reset");
  EXPECT_TRUE(WaitUntil([&] { return Look().windows.at(0).used == core::Amount(); }));
}

// Nothing can be built anew, and the ledger is tried again ever more rarely.
TEST_F(UpkeepTest, AStepOfTheWallClockWhileTheLedgerFailsKeepsNoProcessorBusy) {
  Start();
  Execute("ALTER TABLE reset RENAME TO reset_aside");
  clock_.StepWall(absl::Hours(6));
  Look();
  Execute("ALTER TABLE lease RENAME TO lease_aside");
  const auto inbox = std::make_shared<Inbox>();
  ASSERT_OK(engine_->Post(AskOn(engine_->OpenStream(inbox), "t")));
  inbox->Next<core::Refused>();
  const auto boot = [] { return Clock::System().Read().boot; };
  // The second after which the windows would be tried again has passed.
  const BootTime later = boot() + absl::Milliseconds(1'500);
  const int before = clock_.reads();
  ASSERT_TRUE(WaitUntil([&] { return boot() > later; }));
  EXPECT_LT(clock_.reads() - before, 200);
}

TEST_F(UpkeepTest, AStoppedHolderKeepsItsLeaseOverARestartUntilItGoesOn) {
  config_.reclaim_grace = absl::Milliseconds(400);
  Start();
  const testing::Process holder = Sleeper();
  const auto inbox = std::make_shared<Inbox>();
  const core::LeaseId lease = Take(engine_->OpenStream(inbox), *inbox, "t", holder.pid());
  holder.Signal(SIGSTOP);
  ASSERT_TRUE(WaitUntil([&] { return IsStopped(holder.pid()); }));
  Restart();
  // The grace begins anew again and again.
  const BootTime first = Look().leases.at(0).until;
  ASSERT_TRUE(WaitUntil([&] {
    const auto leases = Look().leases;
    return leases.empty() || leases[0].until > first + 3 * config_.reclaim_grace;
  }));
  ASSERT_EQ(Look().leases.size(), 1u);
  EXPECT_EQ(Look().leases[0].id, lease);
  EXPECT_EQ(Look().leases[0].state, core::LeaseState::kOrphaned);
  holder.Signal(SIGCONT);
  EXPECT_TRUE(WaitUntil([&] { return Look().leases.empty(); }));
}

TEST_F(UpkeepTest, AHolderThatRunsAndDoesNotReclaimLosesItsLeaseAfterTheGrace) {
  config_.reclaim_grace = absl::Milliseconds(200);
  Start();
  const testing::Process holder = Sleeper();
  const auto inbox = std::make_shared<Inbox>();
  Take(engine_->OpenStream(inbox), *inbox, "t", holder.pid());
  Restart();
  EXPECT_TRUE(WaitUntil([&] { return Look().leases.empty(); }));
}

// Asked for again with its ticket, by another process of the user.
TEST_F(UpkeepTest, TheEndOfWhoeverTookALeaseOverIsNoticed) {
  Start();
  const auto first = std::make_shared<Inbox>();
  const core::StreamId first_stream = engine_->OpenStream(first);
  const core::LeaseId lease = Take(first_stream, *first, "t", getpid());
  engine_->CloseStream(first_stream);
  testing::Process heir = Sleeper();
  const auto second = std::make_shared<Inbox>();
  EXPECT_EQ(Take(engine_->OpenStream(second), *second, "t", heir.pid()), lease);
  ASSERT_EQ(Look().leases.at(0).state, core::LeaseState::kHeld);
  // Its stream stays open, as if somebody had inherited it.
  heir.Signal(SIGKILL);
  EXPECT_TRUE(WaitUntil([&] {
    const auto leases = Look().leases;
    return leases.empty() || leases[0].state == core::LeaseState::kQuarantined;
  }));
}

class LookTest : public UpkeepTest {
 protected:
  // What a look finds; `home` is the state of the directory.
  size_t LookAround(const absl::Status& home = absl::OkStatus()) {
    size_t open = 0;
    Mutex mutex;
    CondVar changed;
    bool done = false;
    engine_->Look(home, [&](size_t open_leases) {
      MutexLock lock(mutex);
      open = open_leases;
      done = true;
      changed.SignalAll();
    });
    MutexLock lock(mutex);
    while (!done) changed.Wait(mutex);
    return open;
  }
};

TEST_F(LookTest, WithoutTheDirectoryItCountsTheLeasesThatAreStillOpen) {
  Start();
  const auto inbox = std::make_shared<Inbox>();
  const core::StreamId stream = engine_->OpenStream(inbox);
  const core::LeaseId lease = Take(stream, *inbox, "t", getpid());
  const absl::Status gone = absl::UnavailableError("the directory is gone");
  EXPECT_EQ(LookAround(gone), 1u);
  ASSERT_OK(engine_->Post(AskOn(stream, "u")));
  EXPECT_EQ(inbox->Next<core::Refused>().status.code(), absl::StatusCode::kUnavailable);
  ASSERT_OK(engine_->Post(core::Release{.client = OurselvesOn(stream), .lease = lease}));
  EXPECT_EQ(inbox->Next<core::Released>().lease, lease);
  EXPECT_EQ(LookAround(gone), 0u);
}

TEST_F(LookTest, WaitersAreRefusedWhenTheLedgerIsRemovedAndServedAgainWhenItIsBack) {
  config_.accounts[0].slots.limit = 1;
  Start();
  const auto inbox = std::make_shared<Inbox>();
  const core::StreamId stream = engine_->OpenStream(inbox);
  Take(stream, *inbox, "t", getpid());
  ASSERT_OK(engine_->Post(AskOn(stream, "waits")));
  std::filesystem::rename(ledger_path_, dir_.File("aside"));
  LookAround();
  EXPECT_EQ(inbox->Next<core::Refused>().ticket, "waits");
  std::filesystem::rename(dir_.File("aside"), ledger_path_);
  LookAround();
  ASSERT_OK(engine_->Post(AskOn(stream, "again")));
  EXPECT_EQ(inbox->Next<core::Queued>().ticket, "again");
}

}  // namespace
}  // namespace zbroker::engine
