// A ledger that can't be written for a while: what was acknowledged stays, nothing new is granted,
// and afterwards everything is recorded once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kConfig[] = R"(
[account.default.slots]
limit = 2
[[account.default.window]]
name = "5h"
length = "5h"
limit = 100
)";

v1::Acquire AskForPrompt(const std::string& ticket) {
  v1::Acquire acquire = Ask(ticket);
  acquire.set_kind(v1::KIND_PROMPT);
  return acquire;
}

class LedgerFailureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    client_.emplace(daemon_.socket());
    session_.emplace(*client_);
    held_ = session_->Lease(AskForPrompt("held"));
  }

  // From now on the daemon can't make any file longer, nor write beyond its first byte: a full disk
  // as far as SQLite can tell.
  void BreakLedger() { LimitFiles(1); }
  void MendLedger() { LimitFiles(RLIM_INFINITY); }

  // The daemon notices when it next has something to record.
  void BreakLedgerAndNotice() {
    BreakLedger();
    EXPECT_THAT(session_->Refusal(AskForPrompt("the first to fail")),
                HasCode(absl::StatusCode::kUnavailable));
  }

  std::string Blocked() { return client_->Status().accounts(0).blocked().reason(); }
  bool WaitUntilMended() {
    return WaitUntil([&] { return Blocked().empty(); });
  }

  void Restart() {
    daemon_.Stop(SIGKILL);
    daemon_.Start();
  }

  DaemonProcess daemon_{kConfig};
  std::optional<RawClient> client_;
  std::optional<RawSession> session_;
  uint64_t held_ = 0;

 private:
  void LimitFiles(rlim_t bytes) {
    const rlimit limit{bytes, RLIM_INFINITY};
    ASSERT_EQ(prlimit(daemon_.RunningPid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  }
};

TEST_F(LedgerFailureTest, AcquireIsRefusedAndNamesTheLedger) {
  BreakLedger();
  // The one that meets the failure, and one that comes after it.
  for (const char* ticket : {"a", "b"}) {
    EXPECT_THAT(session_->Refusal(AskForPrompt(ticket)),
                Fails(absl::StatusCode::kUnavailable, HasSubstr(daemon_.ledger())));
  }
}

TEST_F(LedgerFailureTest, WaiterIsRefusedToo) {
  session_->Lease(AskForPrompt("the second slot"));
  session_->Acquire(AskForPrompt("waiter"));
  ASSERT_TRUE(daemon_.WaitForSlots(2, 1));
  BreakLedger();
  EXPECT_OK(client_->Revoke(held_));
  v1::SessionReply reply = session_->NextAnswer();
  while (!reply.has_refused() && reply.reply_case() != v1::SessionReply::REPLY_NOT_SET) {
    reply = session_->NextAnswer();
  }
  EXPECT_EQ(reply.refused().ticket(), "waiter");
  EXPECT_EQ(reply.refused().code(), static_cast<uint32_t>(absl::StatusCode::kUnavailable));
}

TEST_F(LedgerFailureTest, RefusedAcquireChargesNothing) {
  BreakLedgerAndNotice();
  EXPECT_EQ(client_->Status().accounts(0).windows(0).used(), 1);
  EXPECT_EQ(client_->Status().accounts(0).totals().granted(), 1u);
}

TEST_F(LedgerFailureTest, StatusSaysThatNothingIsGrantedAndWhy) {
  BreakLedgerAndNotice();
  const v1::Status status = client_->Status();
  EXPECT_EQ(status.accounts(0).blocked().reason(), "ledger");
  EXPECT_THAT(status.accounts(0).blocked().detail(), HasSubstr(daemon_.ledger()));
  EXPECT_THAT(status.daemon().ledger_error(), HasSubstr(daemon_.ledger()));
}

TEST_F(LedgerFailureTest, HeldLeaseStaysHeld) {
  BreakLedgerAndNotice();
  EXPECT_EQ(client_->Status().accounts(0).leases(0).lease_id(), held_);
  EXPECT_EQ(client_->Status().accounts(0).leases(0).state(), v1::LEASE_STATE_HELD);
}

TEST_F(LedgerFailureTest, StatusIsClearOnceTheLedgerCanBeWritten) {
  BreakLedgerAndNotice();
  MendLedger();
  EXPECT_TRUE(WaitUntilMended());
  EXPECT_THAT(client_->Status().daemon().ledger_error(), IsEmpty());
  session_->Lease(AskForPrompt("after"));
}

TEST_F(LedgerFailureTest, ReleaseIsAnsweredWhenItIsRecorded) {
  BreakLedger();
  session_->Release(held_);
  std::future<v1::SessionReply> reply =
      std::async(std::launch::async, [this] { return session_->NextAnswer(); });
  ASSERT_TRUE(WaitUntil([&] { return Blocked() == "ledger"; }));
  EXPECT_EQ(reply.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  MendLedger();
  EXPECT_EQ(reply.get().released().lease_id(), held_);
  EXPECT_EQ(daemon_.Rows().at(0).outcome(), v1::OUTCOME_OK);
}

TEST_F(LedgerFailureTest, ZleaseWaitsAndProceedsOnceTheLedgerCanBeWritten) {
  BreakLedgerAndNotice();
  Process zlease = daemon_.StartZlease({"--", "true"});
  EXPECT_TRUE(WaitUntil([&] {
    return absl::StrContains(zlease.Err(), "waiting for the broker: no lease can be recorded");
  })) << zlease.Err();
  MendLedger();
  const Process::End end = zlease.Wait();
  EXPECT_EQ(end.exit_status, 0) << end.err;
}

TEST_F(LedgerFailureTest, EverythingIsRecordedOnceAndARestartAgrees) {
  BreakLedgerAndNotice();
  Process waiter = daemon_.StartZlease({"--", "true"});
  session_->Release(held_, v1::OUTCOME_FAILED);
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Slots().in_flight() == 0; }));
  MendLedger();
  EXPECT_EQ(session_->NextAnswer().released().lease_id(), held_);
  EXPECT_EQ(waiter.Wait().exit_status, 0);
  const v1::AccountStatus before = client_->Status().accounts(0);
  EXPECT_EQ(before.totals().granted(), 2u);
  EXPECT_EQ(before.windows(0).used(), 2);

  Restart();
  const std::vector<v1::LedgerRow> rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].lease_id(), held_);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(rows[1].outcome(), v1::OUTCOME_OK);
  const v1::AccountStatus after = daemon_.Status().accounts(0);
  EXPECT_EQ(after.totals().granted(), before.totals().granted());
  EXPECT_EQ(after.windows(0).used(), before.windows(0).used());
}

TEST_F(LedgerFailureTest, KillWhileItLastsLosesNothingThatWasAcknowledged) {
  BreakLedgerAndNotice();
  session_->Release(held_);  // never answered
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Slots().in_flight() == 0; }));
  Restart();
  ASSERT_EQ(daemon_.Rows().size(), 1u);
  EXPECT_EQ(daemon_.Rows().at(0).lease_id(), held_);
  EXPECT_EQ(daemon_.Status().accounts(0).windows(0).used(), 1);
}

TEST_F(LedgerFailureTest, TerminationWhileItLastsIsClean) {
  BreakLedgerAndNotice();
  daemon_.Stop(SIGTERM);
  daemon_.Start();
  EXPECT_EQ(daemon_.Rows().size(), 1u);
}

// A small file system of its own over a directory, seen only by this thread and the processes that
// it starts. Not mounted when the kernel does not let us.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& directory) : directory_(directory) {
    mounted_ = unshare(CLONE_NEWNS) == 0 &&
               mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               mount("small", directory.c_str(), "tmpfs", 0, "size=512k,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(directory_.c_str(), MNT_DETACH);
  }

  bool mounted() const { return mounted_; }

 private:
  const std::string directory_;
  bool mounted_ = false;
};

// On a thread of its own, so that the view of the file system ends with it.
void OnSmallDisk(const std::function<void(DaemonProcess& daemon)>& body) {
  bool mounted = true;
  // Found before: in a chroot, the path of an executable that was started in another view of the
  // file system begins at that system's root.
  BinDirectory();
  std::thread([&] {
    DaemonProcess daemon;
    const SmallDisk disk(daemon.dir().path());
    mounted = disk.mounted();
    if (!mounted) return;
    daemon.SetConfig("[account.default.slots]\nlimit = 1000\n");
    daemon.Start();
    if (::testing::Test::HasFatalFailure()) return;
    body(daemon);
    daemon.Stop(SIGTERM);
  }).join();
  if (!mounted) GTEST_SKIP() << "no right to mount a file system";
}

TEST(FullDiskTest, NothingIsGrantedUntilThereIsRoomAgain) {
  OnSmallDisk([](DaemonProcess& daemon) {
    const std::string filler = daemon.dir().File("filler");
    WriteFile(filler, std::string(1 << 20, 'x'));
    RawClient client(daemon.socket());
    // The files that are there already have some room within them.
    size_t granted = 0;
    while (granted < 1000 && client.Acquire(v1::UnaryAcquireRequest()).ok()) ++granted;
    EXPECT_THAT(client.Status().daemon().ledger_error(), HasSubstr("disk full"));
    unlink(filler.c_str());
    EXPECT_TRUE(WaitUntil([&] { return !client.Status().accounts(0).has_blocked(); }));
    EXPECT_OK(client.Acquire(v1::UnaryAcquireRequest()));
    EXPECT_EQ(daemon.Rows().size(), granted + 1);
  });
}

}  // namespace
}  // namespace zbroker::testing
