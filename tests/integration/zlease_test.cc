// The shim as its user sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ZleaseTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }

  // Holds the only slot until the returned process is killed or Let() is called.
  Process Hold() {
    Process holder = daemon_.StartZlease(
        {"--", "sh", "-c", absl::StrCat("until [ -e ", file_, " ]; do sleep 0.02; done")});
    EXPECT_TRUE(daemon_.WaitForSlots(1, 0));
    return holder;
  }
  void Let() { WriteFile(file_, ""); }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n"};
  const std::string file_ = daemon_.dir().File("let");
};

TEST_F(ZleaseTest, ExitStatusIsTheCommands) {
  EXPECT_EQ(daemon_.Zlease({"--", "sh", "-c", "exit 42"}).exit_status, 42);
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
}

TEST_F(ZleaseTest, LedgerSumsUpByProject) {
  const auto in = [&](const std::string& directory) {
    return RunProgram(
        {"sh", "-c", "cd \"$0\" && exec \"$1\" -- true", directory, Program("zlease")},
        daemon_.Environment());
  };
  const std::string shop = daemon_.dir().File("shop");
  EXPECT_EQ(RunProgram({"mkdir", "-p", shop + "/.git", shop + "/src"}).exit_status, 0);
  EXPECT_EQ(in(shop).exit_status, 0);
  EXPECT_EQ(in(shop + "/src").exit_status, 0);
  EXPECT_EQ(in("/").exit_status, 0);
  const auto sums = daemon_.Zctl({"ledger", "--by", "project", "--csv"});
  EXPECT_THAT(sums.out, HasSubstr("project,leases,"));
  EXPECT_THAT(sums.out, HasSubstr("\nshop,2,"));
  EXPECT_THAT(sums.out, HasSubstr("\n,1,"));
}

TEST_F(ZleaseTest, OutputAndErrorsPassUntouched) {
  const auto end = daemon_.Zlease({"--", "sh", "-c", "echo out; echo err >&2"});
  EXPECT_EQ(end.out, "out\n");
  EXPECT_EQ(end.err, "err\n");
}

TEST_F(ZleaseTest, CommandsSignalIsRaisedAgain) {
  EXPECT_EQ(daemon_.Zlease({"--", "sh", "-c", "kill -TERM $$"}).signal, SIGTERM);
  EXPECT_EQ(daemon_.Zlease({"--", "sh", "-c", "kill -KILL $$"}).signal, SIGKILL);
}

TEST_F(ZleaseTest, UnknownCommandExits127WithoutALease) {
  const auto end = daemon_.Zlease({"--", "no-such-command"});
  EXPECT_EQ(end.exit_status, 127);
  EXPECT_EQ(end.err, "zlease: no-such-command: command not found\n");
  EXPECT_THAT(daemon_.Rows(), IsEmpty());
}

TEST_F(ZleaseTest, CommandThatCannotBeRunExits126AndGivesItsLeaseBack) {
  const std::string plain = daemon_.dir().File("plain");
  WriteFile(plain, "not a program");
  const auto end = daemon_.Zlease({"--", plain});
  EXPECT_EQ(end.exit_status, 126);
  EXPECT_THAT(end.err, HasSubstr("Permission denied"));
  EXPECT_EQ(daemon_.Rows().at(0).outcome(), v1::OUTCOME_CANCELLED);
  EXPECT_EQ(daemon_.Zlease({"--kind", "prompt", "--", daemon_.dir().path()}).exit_status, 126);
  EXPECT_EQ(daemon_.Status().accounts(0).windows(0).used(), 0) << "nothing was sent";
}

TEST_F(ZleaseTest, HangUpThatItsCallerIgnoresEndsNoWait) {
  Process holder = Hold();
  Process waiter = Process::Start(
      {"sh", "-c", absl::StrCat("trap '' HUP; exec ", Program("zlease"), " -- true")},
      daemon_.Environment());
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  waiter.Signal(SIGHUP);
  Let();
  EXPECT_EQ(waiter.Wait().exit_status, 0);
}

TEST_F(ZleaseTest, SocketThatIsNoneIsNotWaitedFor) {
  const std::string file = daemon_.dir().File("notes.txt");
  WriteFile(file, "precious");
  EnvironmentVariables environment = daemon_.Environment();
  environment.emplace_back("ZBROKER_SOCKET", file);
  const auto end = RunProgram({Program("zlease"), "--", "true"}, environment);
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr("notes.txt is no socket"));
  EXPECT_LT(end.took, absl::Seconds(10));
  EXPECT_EQ(ReadFile(file), "precious");
}

TEST_F(ZleaseTest, DaemonThatHangsEndsNoWaitOfItsOwnAndIsNotWaitedForWithoutEnd) {
  const pid_t daemon = daemon_.RunningPid();
  ASSERT_EQ(kill(daemon, SIGSTOP), 0);
  EXPECT_EQ(daemon_.Zlease({"--timeout", "100ms", "--", "true"}).exit_status, 75);
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--broker-timeout", "1s", "--", "true"}).exit_status, 125);
  const auto run = daemon_.Zlease(
      {"--if-unavailable", "run", "--broker-timeout", "1s", "--", "sh", "-c", "exit 7"});
  EXPECT_EQ(run.exit_status, 7);
  EXPECT_THAT(run.err, HasSubstr("RUNNING WITHOUT A LEASE: the daemon does not answer"));
  ASSERT_EQ(kill(daemon, SIGCONT), 0);
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
}

TEST_F(ZleaseTest, WrongUsageExits125) {
  EXPECT_EQ(daemon_.Zlease({}).exit_status, 125);
  EXPECT_EQ(daemon_.Zlease({"--no-such-option", "--", "true"}).exit_status, 125);
  EXPECT_EQ(daemon_.Zlease({"--timeout", "soon", "--", "true"}).exit_status, 125);
  EXPECT_EQ(daemon_.Zlease({"--weight", "nan", "--", "true"}).exit_status, 125);
  EXPECT_EQ(daemon_.Zlease({"--weight", "-1", "--", "true"}).exit_status, 125);
  EXPECT_EQ(daemon_.Zlease({"--session", "", "--", "true"}).exit_status, 125);
  EXPECT_EQ(daemon_.Zlease({"--session", std::string(100'000, 'x'), "--", "true"}).exit_status,
            125);
  EXPECT_EQ(daemon_.Zlease({"--model", "a\x01", "--", "true"}).exit_status, 125);
}

TEST_F(ZleaseTest, OptionsAfterTheCommandAreTheCommands) {
  EXPECT_EQ(daemon_.Zlease({"--", "echo", "--quiet", "--", "x"}).out, "--quiet -- x\n");
  EXPECT_EQ(daemon_.Zlease({"echo", "--quiet"}).out, "--quiet\n");
}

TEST_F(ZleaseTest, CommandLearnsItsLease) {
  const auto end = daemon_.Zlease({"--", "sh", "-c", "echo $ZLEASE_ID $ZLEASE_PARENT"});
  EXPECT_EQ(end.out, "1 1\n");
}

TEST_F(ZleaseTest, ParentIsRecorded) {
  DaemonProcess daemon("[account.default.slots]\nlimit = 2\n");
  daemon.Start();
  EXPECT_EQ(daemon.Zlease({"--", Program("zlease"), "--", "true"}).exit_status, 0);
  const auto rows = daemon.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].parent_lease_id(), rows[0].lease_id());
}

TEST_F(ZleaseTest, OptionsReachTheLedger) {
  daemon_.Zlease({"--model", "glm-4.7", "--kind", "mcp", "--priority", "background", "--session",
                  "nightly", "--weight", "2.5", "--account", "default", "--", "true"});
  const v1::LedgerRow row = daemon_.Rows().at(0);
  EXPECT_EQ(row.model(), "glm-4.7");
  EXPECT_EQ(row.kind(), v1::KIND_MCP);
  EXPECT_EQ(row.priority(), v1::PRIORITY_BACKGROUND);
  EXPECT_EQ(row.session(), "nightly");
  EXPECT_EQ(row.weight(), 2.5);
}

TEST_F(ZleaseTest, UnknownAccountIsRefusedWithTheKnownOnes) {
  const auto end = daemon_.Zlease({"--account", "nope", "--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_EQ(end.err, "zlease: no account nope; configured: default\n");
}

TEST_F(ZleaseTest, NoWaitExits75AtOnce) {
  const Process holder = Hold();
  const auto end = daemon_.Zlease({"--no-wait", "--", "true"});
  EXPECT_EQ(end.exit_status, 75);
  EXPECT_THAT(end.err, HasSubstr("the only slot is taken"));
}

TEST_F(ZleaseTest, TimeoutExits75) {
  const Process holder = Hold();
  const auto end = daemon_.Zlease({"--timeout", "200ms", "--", "true"});
  EXPECT_EQ(end.exit_status, 75);
  EXPECT_GE(end.took, absl::Milliseconds(200));
}

TEST_F(ZleaseTest, WaitOfMoreThanASecondIsExplained) {
  Process holder = Hold();
  Process waiter = daemon_.StartZlease({"--", "true"});
  EXPECT_TRUE(WaitUntil([&] { return !waiter.Err().empty(); }));
  EXPECT_THAT(waiter.Err(),
              HasSubstr("zlease: waiting for a slot: the only slot is taken; position 1"));
  Let();
  EXPECT_EQ(waiter.Wait().exit_status, 0);
}

TEST_F(ZleaseTest, QuietWaitIsSilent) {
  Process holder = Hold();
  const auto end = daemon_.Zlease({"--quiet", "--timeout", "1500ms", "--", "true"});
  EXPECT_EQ(end.exit_status, 75);
  EXPECT_EQ(end.err, "");
}

TEST_F(ZleaseTest, SignalWhileWaitingEndsTheWaitAndLeavesTheQueue) {
  const Process holder = Hold();
  Process waiter = daemon_.StartZlease({"--", "true"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  waiter.Signal(SIGINT);
  EXPECT_EQ(waiter.Wait().signal, SIGINT);
  EXPECT_TRUE(daemon_.WaitForSlots(1, 0));
}

TEST_F(ZleaseTest, SignalSentToTheShimReachesTheCommand) {
  Process process = daemon_.StartZlease(
      {"--", "sh", "-c",
       "trap 'echo got it; exit 7' USR1; echo ready; while :; do sleep 0.02; done"});
  ASSERT_TRUE(WaitUntil([&] { return process.Out() == "ready\n"; }));
  process.Signal(SIGUSR1);
  const auto end = process.Wait();
  EXPECT_EQ(end.out, "ready\ngot it\n");
  EXPECT_EQ(end.exit_status, 7);
}

TEST_F(ZleaseTest, CommandHasTheCallersSignalMask) {
  const auto end = daemon_.Zlease({"--", "grep", "SigBlk", "/proc/self/status"});
  EXPECT_EQ(end.out, RunProgram({"grep", "SigBlk", "/proc/self/status"}).out);
}

TEST_F(ZleaseTest, CommandStaysInTheCallersProcessGroup) {
  Process process = daemon_.StartZlease({"--", "cut", "-d", " ", "-f", "5", "/proc/self/stat"});
  const pid_t group = getpgrp();
  EXPECT_EQ(atoi(process.Wait().out.c_str()), group);
}

TEST(ZleaseWithoutDaemonTest, StartsOneByItself) {
  DaemonProcess daemon;
  const auto end = daemon.Zlease({"--", "true"});
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_GT(daemon.RunningPid(), 0);
}

// With the marker of a service manager, clients leave the daemon to that.
class ZleaseUnavailableTest : public ::testing::Test {
 protected:
  void SetUp() override { WriteFile(daemon_.dir().File("service"), "systemctl status zbrokerd\n"); }
  DaemonProcess daemon_;
};

TEST_F(ZleaseUnavailableTest, FailsAtOnceWhenToldSo) {
  const auto end = daemon_.Zlease({"--if-unavailable", "fail", "--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr("systemctl status zbrokerd"));
  EXPECT_LT(end.took, absl::Seconds(5));
}

TEST_F(ZleaseUnavailableTest, WaitsForTheBrokerTimeoutAndFails) {
  const auto end = daemon_.Zlease({"--broker-timeout", "300ms", "--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_GE(end.took, absl::Milliseconds(300));
  EXPECT_THAT(end.err, HasSubstr("no zbroker daemon"));
}

TEST_F(ZleaseUnavailableTest, RunsLoudlyWithoutALeaseWhenToldSo) {
  const auto end = daemon_.Zlease({"--if-unavailable", "run", "--broker-timeout", "100ms", "--",
                                   "sh", "-c", "echo ran with ${ZLEASE_ID:-none}"});
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_EQ(end.out, "ran with none\n");
  EXPECT_THAT(end.err, HasSubstr("RUNNING WITHOUT A LEASE"));
}

TEST_F(ZleaseUnavailableTest, GoesOnWhenTheDaemonComesBackInTime) {
  Process waiting = daemon_.StartZlease({"--", "true"});
  EXPECT_TRUE(
      WaitUntil([&] { return waiting.Err().find("waiting for the broker") != std::string::npos; }));
  daemon_.Start();
  EXPECT_EQ(waiting.Wait().exit_status, 0);
}

}  // namespace
}  // namespace zbroker::testing
