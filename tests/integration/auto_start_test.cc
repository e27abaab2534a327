// Clients that find no daemon start one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AutoStartTest : public ::testing::Test {
 protected:
  DaemonProcess daemon_;
};

TEST_F(AutoStartTest, ZleaseStartsADaemon) {
  const Process::End end = daemon_.Zlease({"--", "true"});
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_NE(daemon_.RunningPid(), 0);
}

TEST_F(AutoStartTest, ZctlStartsADaemon) {
  const Process::End end = daemon_.Zctl({"status"});
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_NE(daemon_.RunningPid(), 0);
}

TEST_F(AutoStartTest, DaemonOutlivesTheTerminalOfWhoeverStartedIt) {
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  const pid_t pid = daemon_.RunningPid();
  ASSERT_NE(pid, 0);
  EXPECT_NE(getsid(pid), getsid(0));
}

TEST_F(AutoStartTest, TenAtOnceStartExactlyOne) {
  std::vector<Process> crowd;
  for (int i = 0; i < 10; ++i) crowd.push_back(daemon_.StartZlease({"--", "true"}));
  for (Process& one : crowd) {
    const Process::End end = one.Wait();
    EXPECT_EQ(end.exit_status, 0) << end.err;
  }
  const std::vector<std::string> starts = absl::StrSplit(daemon_.Log(), "serves on");
  EXPECT_EQ(starts.size() - 1, 1u) << daemon_.Log();
  EXPECT_THAT(daemon_.Log(), Not(HasSubstr("another zbrokerd")));
  EXPECT_EQ(daemon_.Rows().size(), 10u);
}

TEST_F(AutoStartTest, DaemonThatCannotStartFailsTheCommandSoonAndSaysWhy) {
  daemon_.SetConfig("[broker]\nqueue_max = 0\n");
  const Process::End end = daemon_.Zlease({"--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_LT(end.took, absl::Seconds(20));
  EXPECT_THAT(end.err, HasSubstr("config.toml:2: broker.queue_max: found 0"));
}

TEST_F(AutoStartTest, DaemonThatCannotStartDoesNotRunTheCommand) {
  daemon_.SetConfig("[broker]\nqueue_max = 0\n");
  daemon_.Zlease({"--if-unavailable", "fail", "--", "touch", daemon_.dir().File("ran")});
  EXPECT_NE(access(daemon_.dir().File("ran").c_str(), F_OK), 0);
}

TEST_F(AutoStartTest, IsLeftToTheServiceManagerWhereOneRunsTheDaemon) {
  WriteFile(daemon_.dir().File("service"), "systemctl --user status zbrokerd\n");
  const Process::End end = daemon_.Zlease({"--if-unavailable", "fail", "--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr("a service manager runs it"));
  EXPECT_THAT(end.err, HasSubstr("systemctl --user status zbrokerd"));
  EXPECT_EQ(daemon_.RunningPid(), 0);
}

TEST_F(AutoStartTest, ReplacesADaemonThatWasKilled) {
  ASSERT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  daemon_.Stop(SIGKILL);
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  EXPECT_EQ(daemon_.Rows().size(), 2u);
}

}  // namespace
}  // namespace zbroker::testing
