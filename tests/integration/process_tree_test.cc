// What a command has started goes on when its zlease is killed, and may be calling the upstream:
// its slot is not given away meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

class ProcessTreeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    // Ends with the test's folder, too.
    WriteFile(work_,
              absl::StrCat("echo begin >>", log_, "; until [ -e ", let_, " ] || [ ! -e ", log_,
                           " ]; do sleep 0.02; done; [ -e ", log_, " ] && echo end >>", log_));
  }

  // Kills the zlease of a script once the work below it has begun; the work goes on.
  void KillDuring(const std::string& script) {
    Process zlease = daemon_.StartZlease({"--", "sh", "-c", script});
    ASSERT_TRUE(WaitUntil([&] { return access(log_.c_str(), F_OK) == 0; })) << zlease.Err();
    zlease.Signal(SIGKILL);
    EXPECT_EQ(zlease.Wait().signal, SIGKILL);
  }
  bool CommandRuns() const {
    const v1::Status status = daemon_.Status();
    return status.accounts(0).leases_size() == 1 && status.accounts(0).leases(0).command_runs();
  }
  // The next holder's work begins after the end of what was left behind.
  void ExpectNoOverlap() {
    ASSERT_TRUE(WaitUntil([&] { return CommandRuns(); }));
    EXPECT_THAT(daemon_.Zctl({"leases"}).out, HasSubstr("its command still runs"));
    Process next = daemon_.StartZlease({"--", "sh", "-c", "echo next >>" + log_});
    EXPECT_TRUE(daemon_.WaitForSlots(1, 1));
    WriteFile(let_, "");
    EXPECT_EQ(next.Wait().exit_status, 0);
    EXPECT_EQ(ReadFile(log_), "begin\nend\nnext\n");
    EXPECT_EQ(daemon_.Rows().at(0).outcome(), v1::OUTCOME_LOST);
  }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n[broker]\nunclean_hold = \"50ms\"\n"};
  const std::string work_ = daemon_.dir().File("work");
  const std::string log_ = daemon_.dir().File("log");
  const std::string let_ = daemon_.dir().File("let");
};

TEST_F(ProcessTreeTest, GrandchildOfAKilledShimKeepsTheSlot) {
  KillDuring(absl::StrCat("sh ", work_, "; true"));
  ExpectNoOverlap();
}

TEST_F(ProcessTreeTest, ProcessThatHasDetachedItselfKeepsTheSlot) {
  KillDuring(
      absl::StrCat("(setsid sh ", work_, " </dev/null >/dev/null 2>&1 3>&- &); exec sleep 60"));
  ExpectNoOverlap();
}

TEST_F(ProcessTreeTest, SlotIsKeptByTheNextDaemonToo) {
  KillDuring(absl::StrCat("sh ", work_, "; true"));
  ASSERT_TRUE(WaitUntil([&] { return CommandRuns(); }));
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  ExpectNoOverlap();
}

TEST_F(ProcessTreeTest, WhatIsLeftBehindHoldsUpNoLeaseThatWasReleased) {
  const auto end = daemon_.Zlease(
      {"--", "sh", "-c", absl::StrCat("setsid sh ", work_, " </dev/null >/dev/null 2>&1 &")});
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
}

}  // namespace
}  // namespace zbroker::testing
