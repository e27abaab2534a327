// Containers: a pid namespace of its own, and the daemon inside or outside of it.
#include "client/base/container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/process.h"
#include "client/base/unix_socket.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ContainerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (IsInContainer()) GTEST_SKIP() << "what is outside of these containers is one itself";
    const auto end = RunProgram(InContainer("true"));
    if (end.exit_status != 0) GTEST_SKIP() << "no namespaces to be had here: " << end.err;
    mkdir(home_.c_str(), 0700);
  }

  // A script in a container of its own, of which a shell is the first process. It ends with us.
  static std::vector<std::string> InContainer(const std::string& script) {
    std::vector<std::string> command = {"unshare", "--pid",        "--fork",
                                        "--mount", "--mount-proc", "--kill-child"};
    if (geteuid() != 0) command.emplace_back("--map-root-user");
    command.insert(command.end(), {"sh", "-c", absl::StrCat(script, "; exit $?")});
    return command;
  }
  static std::string Zlease(const std::string& arguments) {
    return absl::StrCat(Program("zlease"), " ", arguments);
  }
  Process Start(const std::string& script, const EnvironmentVariables& environment) const {
    return Process::Start(InContainer(script), environment);
  }
  Process::End Run(const std::string& script, const EnvironmentVariables& environment) const {
    return Start(script, environment).Wait();
  }

  // Nothing says where things are but the home.
  EnvironmentVariables OnlyHome() const { return {{"HOME", home_}, {"ZBROKER_CONFIG", ""}}; }
  // The machine's directory is mounted there, and its socket named.
  EnvironmentVariables Mounted() const {
    return {{"HOME", home_}, {"ZBROKER_SOCKET", mount_ + "/broker.sock"}};
  }
  std::string MountThen(const std::string& script) const {
    return absl::StrCat("mkdir -p ", mount_, " && mount --bind ", daemon_.dir().path(), " ", mount_,
                        " && mount -o remount,bind,ro ", mount_, " && { ", script, "; }");
  }
  // Ends what the script waits for.
  void Let() const { WriteFile(let_, ""); }
  std::string UntilLet() const {
    return absl::StrCat("until [ -e ", let_, " ] || [ ! -e ", home_, " ]; do sleep 0.02; done");
  }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n[broker]\nunclean_hold = \"50ms\"\n"};
  const TempDir other_;
  const std::string home_ = other_.File("home");
  const std::string mount_ = other_.File("mnt");
  const std::string let_ = other_.File("let");
};

TEST_F(ContainerTest, MountedSocketGivesLeasesThatAreKnownByThePidOutside) {
  daemon_.Start();
  Process inside = Start(MountThen(Zlease("-- sh -c '" + UntilLet() + "'")), Mounted());
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0)) << inside.Err();
  const v1::LeaseInfo lease = daemon_.Status().accounts(0).leases(0);
  const auto holder = ReadProcessStat(lease.holder().pid());
  ASSERT_TRUE(holder.has_value());
  EXPECT_EQ(holder->name, "zlease");
  EXPECT_EQ(lease.holder().program(), "sh");
  EXPECT_EQ(lease.session(), absl::StrCat("pid:", lease.holder().pid()));
  EXPECT_EQ(daemon_.Status().daemon().unseen_holders(), 0u);
  EXPECT_FALSE(daemon_.Status().daemon().in_container());
  Let();
  EXPECT_EQ(inside.Wait().exit_status, 0);
  EXPECT_EQ(daemon_.Rows().at(0).outcome(), v1::OUTCOME_OK);
}

TEST_F(ContainerTest, WhatAKilledOneInAContainerLeavesBehindKeepsTheSlot) {
  daemon_.Start();
  const std::string work = absl::StrCat("sh -c \"echo begun; ", UntilLet(), "\"");
  Process inside =
      Start(MountThen(Zlease("-- sh -c '" + work + "; true'") + "; " + UntilLet()), Mounted());
  ASSERT_TRUE(WaitUntil([&] { return inside.Out() == "begun\n"; })) << inside.Err();
  const pid_t zlease = daemon_.Status().accounts(0).leases(0).holder().pid();
  ASSERT_EQ(kill(zlease, SIGKILL), 0);
  EXPECT_TRUE(WaitUntil([&] {
    const v1::Status status = daemon_.Status();
    return status.accounts(0).leases_size() == 1 && status.accounts(0).leases(0).command_runs();
  }));
  Let();
  EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
  EXPECT_EQ(daemon_.Rows().at(0).outcome(), v1::OUTCOME_LOST);
  inside.Wait();
}

TEST_F(ContainerTest, DaemonOutsideIsWaitedForAndNotReplaced) {
  daemon_.Start();
  daemon_.Stop(SIGTERM);
  // By the socket that is named.
  const auto named = Run(MountThen(Zlease("--if-unavailable fail -- true")), Mounted());
  EXPECT_EQ(named.exit_status, 125);
  EXPECT_THAT(named.err, AllOf(HasSubstr("outside of this container"), HasSubstr("zctl status")));
  // By the state directory, as with a home that is mounted.
  const auto shared = Run(Zlease("--broker-timeout 1s -- true"), daemon_.Environment());
  EXPECT_EQ(shared.exit_status, 125);
  EXPECT_THAT(shared.err, AllOf(HasSubstr("outside of this container"), HasSubstr("zctl status"),
                                HasSubstr("ZBROKER_STATE_DIR")));
  EXPECT_EQ(daemon_.RunningPid(), 0);

  Process waits = Start(Zlease("-- echo served"), daemon_.Environment());
  ASSERT_TRUE(WaitUntil([&] {
    return waits.Err().find("outside of this container") != std::string::npos;
  })) << waits.Err();
  daemon_.Start();
  EXPECT_EQ(waits.Wait().out, "served\n");
}

TEST_F(ContainerTest, OneThatIsTheWholeWorldIsServedAndTold) {
  const auto told = Run(absl::StrCat(Zlease("-- true"), " && ", Zlease("-- true"), " && ",
                                     Program("zctl"), " status"),
                        OnlyHome());
  EXPECT_EQ(told.exit_status, 0) << told.err;
  EXPECT_THAT(told.err, HasSubstr("gets a zbroker daemon of its own"));
  EXPECT_EQ(told.err.find("of its own"), told.err.rfind("of its own")) << told.err;
  EXPECT_THAT(told.out, AllOf(HasSubstr("in a container"), Not(HasSubstr("out of sight"))));
  // Another container comes after it with the same home.
  EXPECT_EQ(Run(Zlease("--quiet -- true"), OnlyHome()).err, "");
}

TEST_F(ContainerTest, WhoeverHasSaidWhereTheStateIsKnows) {
  const auto end = Run(Zlease("-- true"), {{"ZBROKER_STATE_DIR", other_.File("state")}});
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_THAT(end.err, IsEmpty());
}

TEST_F(ContainerTest, DaemonInsideSaysThatItCannotSeeTheProgramsOutside) {
  Process inside = Start(absl::StrCat(Zlease("--quiet -- true"), "; echo ready; ", UntilLet()),
                         daemon_.Environment());
  ASSERT_TRUE(WaitUntil([&] { return inside.Out() == "ready\n"; })) << inside.Err();
  Process outside = daemon_.StartZlease({"--", "sh", "-c", UntilLet()});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0)) << outside.Err();
  Process second = daemon_.StartZlease({"--", "true"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1)) << second.Err();
  const v1::Status status = daemon_.Status();
  EXPECT_TRUE(status.daemon().in_container());
  EXPECT_EQ(status.daemon().unseen_holders(), 1u);
  // They are not taken for one session.
  EXPECT_NE(status.accounts(0).leases(0).session(), status.accounts(0).waiters(0).session());

  // The way out that status tells loses nothing.
  const std::string text = daemon_.Zctl({"status"}).out;
  EXPECT_THAT(text, HasSubstr("out of sight"));
  const size_t at = text.find("`kill ");
  ASSERT_NE(at, std::string::npos) << text;
  const pid_t pid = atoi(text.c_str() + at + 6);
  ASSERT_EQ(ReadProcessStat(pid).value_or(ProcessStat()).name, "zbrokerd");
  ASSERT_EQ(kill(pid, SIGTERM), 0);
  EXPECT_TRUE(
      WaitUntil([&] { return daemon_.RunningPid() != 0 && ConnectUnix(daemon_.socket()).ok(); }));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  EXPECT_FALSE(daemon_.Status().daemon().in_container());
  Let();
  EXPECT_EQ(outside.Wait().exit_status, 0);
  EXPECT_EQ(second.Wait().exit_status, 0);
  inside.Wait();
}

}  // namespace
}  // namespace zbroker::testing
