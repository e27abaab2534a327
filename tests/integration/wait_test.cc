// zctl wait against a real daemon: what it returns for, when, and with which exit status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/proto_time.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kWaitConfig[] = R"(
[broker]
unclean_hold = "50ms"
[account.default.slots]
limit = 1
[[account.default.window]]
name = "5h"
unit = "prompts"
length = "5h"
limit = 2
enforce = "hard"
)";

class WaitTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }

  Process StartWait(const std::string& condition) {
    return Process::Start({Program("zctl"), "wait", "--for", condition}, daemon_.Environment());
  }
  Process::End Wait(const std::string& condition, const std::string& timeout) {
    return daemon_.Zctl({"wait", "--for", condition, "--timeout", timeout});
  }

  Process HoldSlot() {
    Process holder = daemon_.StartZlease({"--", "sleep", "60"});
    EXPECT_TRUE(daemon_.WaitForSlots(1, 0)) << holder.Err();
    return holder;
  }

  // The upstream says that a window is used up until then.
  void MeetWall(absl::Time until) {
    RawClient client(daemon_.socket());
    RawSession session(client);
    v1::SessionRequest message;
    v1::ReleaseRequest& release = *message.mutable_release();
    release.set_lease_id(session.Lease(Ask("wall")));
    release.set_outcome(v1::OUTCOME_WALL);
    release.mutable_details()->set_upstream_code("1308");
    release.mutable_details()->set_message("Usage limit reached for 5 hour");
    SetProtoTime(until, release.mutable_details()->mutable_until());
    release.mutable_details()->mutable_window_length()->set_seconds(5 * 3600);
    session.Send(message);
    EXPECT_EQ(session.NextAnswer().released().outcome(), v1::OUTCOME_WALL);
  }

  DaemonProcess daemon_{kWaitConfig};
};

TEST_F(WaitTest, WhatHoldsAlreadyIsNotWaitedFor) {
  for (const char* condition : {"slot", "reset", "idle", "5h<80%", "5h<=0", "4711"}) {
    const Process::End end = Wait(condition, "0s");
    EXPECT_EQ(end.exit_status, 0) << condition << ": " << end.err;
  }
  EXPECT_EQ(Wait("slot", "0s").out, "a slot is free\n");
}

TEST_F(WaitTest, ReturnsWhenASlotIsFree) {
  Process holder = HoldSlot();
  const Process::End too_early = Wait("slot", "0s");
  EXPECT_EQ(too_early.exit_status, 75);
  EXPECT_THAT(too_early.err, HasSubstr("1 of 1 slots taken, 0 wait"));
  Process wait = StartWait("slot");
  Process idle = StartWait("idle");
  holder.Signal(SIGTERM);
  EXPECT_EQ(wait.Wait().exit_status, 0) << wait.Err();
  EXPECT_EQ(idle.Wait().exit_status, 0) << idle.Err();
}

TEST_F(WaitTest, ReturnsWhenTheLeaseHasEnded) {
  Process holder = HoldSlot();
  const std::string lease = absl::StrCat(daemon_.Status().accounts(0).leases(0).lease_id());
  EXPECT_EQ(Wait(lease, "10ms").exit_status, 75);
  Process wait = StartWait(lease);
  holder.Signal(SIGKILL);
  EXPECT_EQ(wait.Wait().out, absl::StrCat("lease ", lease, " is not open\n"));
}

TEST_F(WaitTest, ResetIsSeenWithinASecondAlthoughTheDaemonWasKilledMeanwhile) {
  // Whole seconds, as the upstream says them.
  const absl::Time until = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) + 5);
  MeetWall(until);
  std::vector<Process> waits;
  for (int i = 0; i < 5; ++i) waits.push_back(StartWait("reset"));
  const Process::End too_early = Wait("reset", "300ms");
  EXPECT_EQ(too_early.exit_status, 75);
  EXPECT_THAT(too_early.err, HasSubstr("Usage limit reached for 5 hour"));
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  for (Process& wait : waits) {
    EXPECT_EQ(wait.Wait().exit_status, 0) << wait.Err();
    EXPECT_GE(absl::Now(), until);
  }
  EXPECT_LE(absl::Now(), until + absl::Seconds(1));
}

TEST_F(WaitTest, WallThatSomebodyLiftsIsNotWaitedOut) {
  MeetWall(absl::Now() + absl::Hours(2));
  Process wait = StartWait("reset");
  EXPECT_EQ(Wait("reset", "100ms").exit_status, 75);
  EXPECT_EQ(daemon_.Zctl({"resume"}).exit_status, 0);
  EXPECT_EQ(wait.Wait().exit_status, 0) << wait.Err();
}

TEST_F(WaitTest, TimeIsOverAlsoWhileTheDaemonIsAway) {
  Process holder = HoldSlot();
  Process wait = Process::Start({Program("zctl"), "wait", "--for", "slot", "--timeout", "3s"},
                                daemon_.Environment());
  EXPECT_EQ(Wait("slot", "1s").exit_status, 75);  // by then the other has looked, too
  daemon_.Stop(SIGKILL);
  const Process::End end = wait.Wait();
  EXPECT_EQ(end.exit_status, 75) << end.err;
  EXPECT_LT(end.took, absl::Seconds(12));
}

TEST_F(WaitTest, TimeIsOverAlsoWhileTheDaemonIsStopped) {
  Process holder = HoldSlot();
  Process wait = Process::Start({Program("zctl"), "wait", "--for", "slot", "--timeout", "2s"},
                                daemon_.Environment());
  EXPECT_EQ(Wait("slot", "1s").exit_status, 75);  // by then the other has looked, too
  const pid_t pid = daemon_.RunningPid();
  kill(pid, SIGSTOP);
  const Process::End end = wait.Wait();
  kill(pid, SIGCONT);
  EXPECT_EQ(end.exit_status, 75) << end.err;
  EXPECT_LT(end.took, absl::Seconds(10));
}

TEST_F(WaitTest, SaysWhatIsWrongRatherThanWaitForIt) {
  EXPECT_EQ(daemon_.Zctl({"wait", "--for", "slots"}).exit_status, 2);
  EXPECT_EQ(daemon_.Zctl({"wait"}).exit_status, 2);
  EXPECT_EQ(daemon_.Zctl({"wait", "--for", "slot", "--timeout", "-1s"}).exit_status, 2);
  const Process::End window = daemon_.Zctl({"wait", "--for", "day<80%"});
  EXPECT_EQ(window.exit_status, 1);
  EXPECT_THAT(window.err, HasSubstr("account default has no window day; it has 5h"));
  EXPECT_EQ(daemon_.Zctl({"wait", "--for", "slot", "--account", "work"}).exit_status, 1);
}

TEST(WaitWithoutDaemonTest, SaysThatThereIsNone) {
  DaemonProcess daemon("no TOML");
  EXPECT_EQ(daemon.Zctl({"wait", "--for", "slot", "--timeout", "1s"}).exit_status, 69);
}

}  // namespace
}  // namespace zbroker::testing
