// What survives a kill: the crash rules of DESIGN section 6.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/process.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/upstream_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

// With a grace that outlasts the way back of many programs at once on a busy machine.
constexpr char kThreeSlots[] =
    "[account.default.slots]\nlimit = 3\n[broker]\nreclaim_grace = \"60s\"\n";
constexpr char kOneSlot[] = "[account.default.slots]\nlimit = 1\n";

// A command that runs until the file appears.
std::vector<std::string> UntilFile(const std::string& path) {
  return {"--", "sh", "-c", absl::StrCat("until [ -e ", path, " ]; do sleep 0.02; done")};
}

TEST(CrashTest, KilledHoldersSlotGoesToTheNextWaiterAndItsRowEndsAsLost) {
  DaemonProcess daemon(kOneSlot);
  daemon.Start();
  Process holder = daemon.StartZlease(UntilFile("/nonexistent"));
  ASSERT_TRUE(daemon.WaitForSlots(1, 0));
  Process waiter = daemon.StartZlease({"--", "true"});
  ASSERT_TRUE(daemon.WaitForSlots(1, 1));
  holder.Signal(SIGKILL);
  holder.Wait();
  EXPECT_EQ(waiter.Wait().exit_status, 0);
  const auto rows = daemon.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_LOST);
  EXPECT_EQ(rows[1].outcome(), v1::OUTCOME_OK);
}

TEST(CrashTest, KilledHoldersCommandEndsToo) {
  DaemonProcess daemon(kOneSlot);
  daemon.Start();
  const std::string pid_file = daemon.dir().File("pid");
  Process holder = daemon.StartZlease(
      {"--", "sh", "-c", absl::StrCat("echo $$ > ", pid_file, "; exec sleep 1000")});
  ASSERT_TRUE(WaitUntil([&] { return ReadFile(pid_file).size() > 1; }));
  const pid_t command = atoi(ReadFile(pid_file).c_str());
  holder.Signal(SIGKILL);
  holder.Wait();
  // Whoever has the first pid may let it lie there.
  EXPECT_TRUE(WaitUntil([&] {
    const auto stat = ReadProcessStat(command);
    return !stat.has_value() || !stat->alive();
  }));
}

TEST(CrashTest, StoppedHolderKeepsItsSlotAndStatusSaysSo) {
  DaemonProcess daemon(kOneSlot);
  daemon.Start();
  const std::string done = daemon.dir().File("done");
  Process holder = daemon.StartZlease(UntilFile(done));
  ASSERT_TRUE(daemon.WaitForSlots(1, 0));
  holder.Signal(SIGSTOP);
  EXPECT_TRUE(WaitUntil([&] { return daemon.Status().accounts(0).leases(0).holder().stopped(); }));
  EXPECT_EQ(daemon.Zlease({"--no-wait", "--", "true"}).exit_status, 75);
  holder.Signal(SIGCONT);
  WriteFile(done, "");
  EXPECT_EQ(holder.Wait().exit_status, 0);
}

// Three hold and five wait when the daemon is killed. The waiting clients start another one.
TEST(CrashTest, KilledDaemonComesBackAndNobodyHasToBeRestarted) {
  DaemonProcess daemon(kThreeSlots);
  UpstreamProcess upstream({"--limit", "3", "--service", "700ms"});
  daemon.Start();
  std::vector<Process> all;
  std::vector<std::string> command = upstream.CurlCommand();
  command.insert(command.begin(), "--");
  for (int i = 0; i < 8; ++i) all.push_back(daemon.StartZlease(command));
  ASSERT_TRUE(daemon.WaitForSlots(3, 5));
  const pid_t killed = daemon.RunningPid();
  daemon.Stop(SIGKILL);
  for (Process& one : all) {
    const auto end = one.Wait();
    EXPECT_EQ(end.out, "200") << end.err;
    EXPECT_EQ(end.exit_status, 0);
  }
  EXPECT_NE(daemon.RunningPid(), killed);
  EXPECT_EQ(upstream.Stat("throttled"), 0);
  EXPECT_EQ(upstream.Stat("max_in_flight"), 3);
  const auto rows = daemon.Rows();
  EXPECT_EQ(rows.size(), 8u);
  for (const v1::LedgerRow& row : rows)
    EXPECT_EQ(row.outcome(), v1::OUTCOME_OK) << row.DebugString();
}

TEST(CrashTest, KilledDaemonAgainAndAgainLosesNothing) {
  DaemonProcess daemon(kThreeSlots);
  UpstreamProcess upstream({"--limit", "3", "--service", "300ms"});
  daemon.Start();
  std::vector<Process> all;
  std::vector<std::string> command = upstream.CurlCommand();
  command.insert(command.begin(), "--");
  for (int i = 0; i < 12; ++i) all.push_back(daemon.StartZlease(command));
  // Some may have been served before the last has come.
  ASSERT_TRUE(WaitUntil([&] {
    const v1::Status status = daemon.Status();
    return status.accounts(0).leases_size() == 3 && status.accounts(0).waiters_size() >= 3;
  }));
  for (int kills = 0; kills < 3; ++kills) {
    ASSERT_TRUE(WaitUntil([&] { return daemon.RunningPid() > 0; }));
    daemon.Stop(SIGKILL);
  }
  for (Process& one : all) EXPECT_EQ(one.Wait().out, "200");
  EXPECT_EQ(upstream.Stat("throttled"), 0);
  EXPECT_LE(upstream.Stat("max_in_flight"), 3);
  std::set<uint64_t> ids;
  for (const v1::LedgerRow& row : daemon.Rows()) {
    EXPECT_TRUE(row.has_closed());
    EXPECT_TRUE(ids.insert(row.lease_id()).second);
  }
  EXPECT_EQ(ids.size(), 12u);
}

TEST(CrashTest, HolderThatFinishesWhileTheDaemonIsAwayEndsWithItsOutcome) {
  DaemonProcess daemon(kOneSlot);
  daemon.Start();
  const std::string done = daemon.dir().File("done");
  std::vector<std::string> command = UntilFile(done);
  command.back() += "; exit 3";
  Process holder = daemon.StartZlease(command);
  ASSERT_TRUE(daemon.WaitForSlots(1, 0));
  daemon.Stop(SIGKILL);
  WriteFile(done, "");
  EXPECT_EQ(holder.Wait().exit_status, 3);
  const auto rows = daemon.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(rows[0].detail(), "exit status 3");
}

TEST(CrashTest, HolderThatDiesWhileTheDaemonIsAwayIsLost) {
  DaemonProcess daemon(kOneSlot);
  daemon.Start();
  Process holder = daemon.StartZlease(UntilFile("/nonexistent"));
  ASSERT_TRUE(daemon.WaitForSlots(1, 0));
  // Stopped, so that it can't bring the daemon back before it dies.
  holder.Signal(SIGSTOP);
  daemon.Stop(SIGKILL);
  holder.Signal(SIGKILL);
  holder.Wait();
  daemon.Start();
  EXPECT_TRUE(daemon.WaitForSlots(0, 0));
  EXPECT_EQ(daemon.Rows().at(0).outcome(), v1::OUTCOME_LOST);
}

TEST(CrashTest, WaiterThatIsKilledLeavesTheQueueAndChargesNothing) {
  DaemonProcess daemon(kOneSlot);
  daemon.Start();
  const std::string done = daemon.dir().File("done");
  Process holder = daemon.StartZlease(UntilFile(done));
  ASSERT_TRUE(daemon.WaitForSlots(1, 0));
  Process waiter = daemon.StartZlease({"--", "true"});
  ASSERT_TRUE(daemon.WaitForSlots(1, 1));
  waiter.Signal(SIGKILL);
  waiter.Wait();
  EXPECT_TRUE(daemon.WaitForSlots(1, 0)) << "its place is kept for five seconds at most";
  WriteFile(done, "");
  holder.Wait();
  EXPECT_EQ(daemon.Status().accounts(0).windows(0).used(), 1);
  EXPECT_EQ(daemon.Rows().size(), 1u);
}

}  // namespace
}  // namespace zbroker::testing
