// Daemons that clients start and that do not come to serve.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StartFailureTest : public ::testing::Test {
 protected:
  // A zlease whose daemon is a script, which `$REAL` runs the real one.
  std::string ZleaseWithDaemon(const std::string& script) {
    std::filesystem::copy_file(Program("zlease"), daemon_.dir().File("zlease"));
    const std::string program = daemon_.dir().File("zbrokerd");
    WriteFile(program, absl::StrCat("#!/bin/sh\nREAL=", Program("zbrokerd"), "\ncd ",
                                    daemon_.dir().path(), "\n", script));
    chmod(program.c_str(), 0700);
    return daemon_.dir().File("zlease");
  }

  DaemonProcess daemon_;
};

TEST_F(StartFailureTest, DaemonThatIsEndingIsWaitedForAndReplaced) {
  daemon_.Start();
  Process holder = daemon_.StartZlease({"--", "sleep", "1000"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  holder.Signal(SIGSTOP);  // its stream stays open, and the daemon waits a moment for its end
  kill(daemon_.RunningPid(), SIGTERM);
  ASSERT_TRUE(WaitUntil([&] { return access(daemon_.socket().c_str(), F_OK) != 0; }));
  const Process::End end = daemon_.Zlease({"--", "true"});
  EXPECT_EQ(end.exit_status, 0) << end.err;
  holder.Signal(SIGCONT);
}

TEST_F(StartFailureTest, DaemonIsStartedAgainWhenTheLedgersLockIsFree) {
  Fd lock(open(daemon_.dir().File("zbrokerd.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(flock(lock.get(), LOCK_EX), 0);
  Process waiting = daemon_.StartZlease({"--", "true"});
  ASSERT_TRUE(
      WaitUntil([&] { return daemon_.Log().find("another zbrokerd holds") != std::string::npos; }));
  lock.Reset();
  const Process::End end = waiting.Wait();
  EXPECT_EQ(end.exit_status, 0) << end.err;
}

TEST_F(StartFailureTest, LockThatStaysTakenIsNamedWhenTheTimeIsOver) {
  const Fd lock(
      open(daemon_.dir().File("zbrokerd.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(flock(lock.get(), LOCK_EX), 0);
  const Process::End end = daemon_.Zlease({"--broker-timeout", "2s", "--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_GE(end.took, absl::Seconds(2));
  EXPECT_THAT(end.err, HasSubstr("another zbrokerd holds"));
}

TEST_F(StartFailureTest, DaemonThatIsKilledWhileItStartsIsStartedAgain) {
  const std::string zlease =
      ZleaseWithDaemon("if mkdir killed 2>/dev/null; then kill -KILL $$; fi\nexec $REAL\n");
  const Process::End end = RunProgram({zlease, "--", "true"}, daemon_.Environment());
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_EQ(access(daemon_.dir().File("killed").c_str(), F_OK), 0);
}

TEST_F(StartFailureTest, DaemonThatIsKilledAgainAndAgainEndsTheWaitWhenItsTimeIsOver) {
  const std::string zlease = ZleaseWithDaemon("echo >>starts\nkill -KILL $$\n");
  const Process::End end =
      RunProgram({zlease, "--broker-timeout", "2s", "--", "true"}, daemon_.Environment());
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_GE(end.took, absl::Seconds(2));
  EXPECT_THAT(end.err, HasSubstr("ended without saying why"));
  const size_t starts = ReadFile(daemon_.dir().File("starts")).size();
  EXPECT_GE(starts, 2u);
  EXPECT_LE(starts, 15u);  // there are pauses in between
}

TEST_F(StartFailureTest, ReasonIsToldAlsoWhenTheLogCannotBeWritten) {
  // No file can grow, as on a full disk; what we read goes through a pipe.
  const Process::End end = RunProgram(
      {"sh", "-c",
       absl::StrCat("(ulimit -f 0; ", Program("zlease"), " -- true 2>&1; echo status $?) | cat")},
      daemon_.Environment());
  EXPECT_LT(end.took, absl::Seconds(20));
  EXPECT_THAT(end.out, HasSubstr("ledger.db"));
  EXPECT_THAT(end.out, HasSubstr("status 125"));
  EXPECT_EQ(ReadFile(daemon_.dir().File("zbrokerd.log")), "");
}

TEST_F(StartFailureTest, ReasonIsTheDaemonsOwnAndNotAnOlderLineOfItsLog) {
  daemon_.Start();
  daemon_.Stop(SIGTERM);
  WriteFile(daemon_.dir().File("zbrokerd.log"), "info ended\n");
  daemon_.SetConfig("[broker]\nqueue_max = 0\n");
  const Process::End end = daemon_.Zlease({"--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_LT(end.took, absl::Seconds(20));
  EXPECT_THAT(end.err, HasSubstr("queue_max: found 0"));
  EXPECT_THAT(end.err, Not(HasSubstr("info ended")));
}

TEST_F(StartFailureTest, ProgramThatCannotBeRunIsNamed) {
  const std::string zlease = ZleaseWithDaemon("");
  WriteFile(daemon_.dir().File("zbrokerd"), "#!/no/such/interpreter\n");
  const Process::End end = RunProgram({zlease, "--", "true"}, daemon_.Environment());
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr(absl::StrCat("can't run ", daemon_.dir().File("zbrokerd"))));
}

}  // namespace
}  // namespace zbroker::testing
