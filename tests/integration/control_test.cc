// zctl against a real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kConfig[] = R"(
[broker]
unclean_hold = "100ms"
[account.default.slots]
limit = 2
)";

class ControlTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }

  // Fails the test when the command does not exit with 0.
  std::string Zctl(const std::vector<std::string>& arguments) {
    const Process::End end = daemon_.Zctl(arguments);
    EXPECT_EQ(end.exit_status, 0) << absl::StrJoin(arguments, " ") << ": " << end.err;
    return end.out;
  }

  // Holds a slot, or waits for one, until destroyed.
  Process StartHolder(const std::string& session) {
    return daemon_.StartZlease({"--session", session, "--", "sleep", "60"});
  }

  // The lease of a session, 0 when it has none.
  uint64_t LeaseOf(const std::string& session) {
    const v1::Status status = daemon_.Status();
    for (const v1::LeaseInfo& lease : status.accounts(0).leases()) {
      if (lease.session() == session) return lease.lease_id();
    }
    return 0;
  }

  DaemonProcess daemon_{kConfig};
};

TEST_F(ControlTest, LimitSetPinsTheLimit) {
  EXPECT_EQ(Zctl({"limit", "set", "7"}),
            "default: limit 7, pinned; configured 2; `zctl limit auto` unpins it\n"
            "  before: limit 2, configured\n");
  EXPECT_EQ(daemon_.Slots().limit(), 7u);
  EXPECT_TRUE(daemon_.Slots().pinned());
}

// It would be the limit of a model that nobody asks for.
TEST_F(ControlTest, LimitOfAPatternIsThatOfAPoolThatLearnsOrRefused) {
  const Process::End end = daemon_.Zctl({"limit", "set", "1", "--model", "glm-*"});
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("glm-* is a pattern"));
  EXPECT_THAT(end.err, HasSubstr("[[account.NAME.pool]]"));
  EXPECT_THAT(Zctl({"limit", "--json"}), Not(HasSubstr("glm-*")));
  Zctl({"limit", "auto", "--model", "glm-*"});
  daemon_.SetConfig("[[account.default.pool]]\nmodels = [\"glm-*\"]\nlimit = 2\nlearn = true\n");
  Zctl({"reload"});
  EXPECT_THAT(Zctl({"limit", "set", "1", "--model", "glm-*"}), HasSubstr("glm-*"));
  EXPECT_EQ(daemon_.Zctl({"limit", "set", "1", "--model", "x-*"}).exit_status, 1);
}

TEST_F(ControlTest, LimitSetAutoGivesItBackToConfiguration) {
  Zctl({"limit", "set", "7"});
  EXPECT_EQ(Zctl({"limit", "set", "auto"}),
            "default: limit 2, configured\n"
            "  before: limit 7, pinned; configured 2\n");
  EXPECT_EQ(daemon_.Slots().limit(), 2u);
  EXPECT_FALSE(daemon_.Slots().pinned());
}

TEST_F(ControlTest, LimitShowsWhatIsInForceAndWhy) {
  const std::string text = Zctl({"limit"});
  EXPECT_THAT(text, StartsWith("default  limit 2, configured  0 in flight, 0 waiting\n"));
  EXPECT_THAT(text, HasSubstr(", now      2"));
  EXPECT_THAT(text, HasSubstr("as configured\n"));
  EXPECT_THAT(Zctl({"limit", "--json"}),
              StartsWith("{\"schema_version\":1,\"accounts\":[{\"name\":\"default\",\"slots\":"
                         "{\"limit\":2,"));
}

TEST_F(ControlTest, NestedLeaseStandsBelowItsHostAndTakesNoSlot) {
  const Process outer = daemon_.StartZlease(
      {"--session", "outer", "--", Program("zlease"), "--session", "inner", "--", "sleep", "60"});
  ASSERT_TRUE(WaitUntil([&] { return LeaseOf("inner") != 0; })) << outer.Err();
  EXPECT_EQ(daemon_.Slots().in_flight(), 1u);
  EXPECT_THAT(Zctl({"status"}), HasSubstr(absl::StrCat("in the slot of ", LeaseOf("outer"))));
}

TEST_F(ControlTest, ShadowModeSaysWhatWouldHaveWaited) {
  daemon_.SetConfig("[account.default]\nshadow = true\n[account.default.slots]\nlimit = 1\n");
  Zctl({"reload"});
  const Process one = StartHolder("one");
  ASSERT_TRUE(WaitUntil([&] { return LeaseOf("one") != 0; }));
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  EXPECT_EQ(daemon_.Slots().in_flight(), 1u);
  EXPECT_THAT(Zctl({"status"}), HasSubstr("  shadow mode: would have waited 1 ×, "));
}

TEST_F(ControlTest, LimitSetAdmitsWhoWaited) {
  const Process one = StartHolder("one");
  const Process two = StartHolder("two");
  const Process three = StartHolder("three");
  ASSERT_TRUE(daemon_.WaitForSlots(2, 1));
  Zctl({"limit", "set", "3"});
  EXPECT_TRUE(daemon_.WaitForSlots(3, 0));
}

TEST_F(ControlTest, LimitBelowInFlightCancelsNothingAndGrantsNothingUntilDrained) {
  Process one = StartHolder("one");
  Process two = StartHolder("two");
  ASSERT_TRUE(daemon_.WaitForSlots(2, 0));
  const Process three = StartHolder("three");
  ASSERT_TRUE(daemon_.WaitForSlots(2, 1));
  Zctl({"limit", "set", "1"});
  EXPECT_TRUE(one.Running());
  EXPECT_TRUE(two.Running());
  one.Signal(SIGTERM);
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  EXPECT_EQ(LeaseOf("three"), 0u);
  two.Signal(SIGTERM);
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  EXPECT_NE(LeaseOf("three"), 0u);
}

TEST_F(ControlTest, LimitAndPauseSurviveADaemonsDeath) {
  Zctl({"limit", "set", "5"});
  Zctl({"pause"});
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  EXPECT_EQ(daemon_.Slots().limit(), 5u);
  EXPECT_EQ(daemon_.Status().accounts(0).blocked().reason(), "paused");
}

TEST_F(ControlTest, PauseStopsGrantingAndResumeGoesOn) {
  const Process holder = StartHolder("holder");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  Zctl({"pause"});
  const Process waiter = StartHolder("waiter");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  EXPECT_THAT(Zctl({"status"}), HasSubstr("BLOCKED (paused)"));
  EXPECT_TRUE(holder.Running());
  Zctl({"resume"});
  EXPECT_TRUE(daemon_.WaitForSlots(2, 0));
}

TEST_F(ControlTest, PartThatIsPausedWaitsAlsoAfterADaemonsDeath) {
  Zctl({"pause", "--priority", "background", "--until", "1h"});
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  EXPECT_THAT(Zctl({"status"}), HasSubstr("paused: background work is paused until "));
  const Process background = daemon_.StartZlease({"--priority", "background", "--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(0, 1));
  EXPECT_THAT(Zctl({"queue"}), HasSubstr("background work is paused until "));
  const Process other = StartHolder("other");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  Zctl({"resume", "--priority", "background"});
  EXPECT_TRUE(daemon_.WaitForSlots(2, 0));
}

TEST_F(ControlTest, RevokedHolderIsWarnedAndRunsOn) {
  const Process holder = StartHolder("holder");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  EXPECT_THAT(Zctl({"revoke", absl::StrCat(LeaseOf("holder"))}), HasSubstr("revoked"));
  EXPECT_TRUE(WaitUntil([&] { return absl::StrContains(holder.Err(), "the lease is lost"); }))
      << holder.Err();
  EXPECT_TRUE(holder.Running());
}

TEST_F(ControlTest, RevokedSlotGoesToTheNextWaiterAfterItsQuarantine) {
  Zctl({"limit", "set", "1"});
  const Process holder = StartHolder("holder");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const Process waiter = StartHolder("waiter");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  Zctl({"revoke", absl::StrCat(LeaseOf("holder"))});
  ASSERT_TRUE(WaitUntil([&] { return LeaseOf("waiter") != 0; }));
  const std::vector<v1::LedgerRow> rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_REVOKED);
}

TEST_F(ControlTest, StoppedHolderKeepsItsSlotAndStatusSaysSo) {
  Zctl({"limit", "set", "1"});
  Process holder = StartHolder("holder");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const uint64_t id = LeaseOf("holder");
  holder.Signal(SIGSTOP);
  EXPECT_TRUE(WaitUntil([&] { return absl::StrContains(Zctl({"leases"}), "stopped (Ctrl-Z)"); }));
  const Process::End other = daemon_.Zlease({"--timeout", "500ms", "--", "true"});
  EXPECT_EQ(other.exit_status, 75) << other.err;
  EXPECT_EQ(LeaseOf("holder"), id);
  holder.Signal(SIGCONT);
  EXPECT_TRUE(WaitUntil([&] { return !absl::StrContains(Zctl({"leases"}), "stopped"); }));
}

TEST_F(ControlTest, LeasesAndQueueShowWhoHoldsAndWhoWaits) {
  Zctl({"limit", "set", "1"});
  const Process holder = StartHolder("anna");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const Process waiter = StartHolder("bert");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  const std::string leases = Zctl({"leases"});
  EXPECT_THAT(leases, HasSubstr("anna"));
  EXPECT_THAT(leases, Not(HasSubstr("bert")));
  const std::string queue = Zctl({"queue"});
  EXPECT_THAT(queue, HasSubstr("bert"));
  EXPECT_THAT(queue, Not(HasSubstr("anna")));
}

TEST_F(ControlTest, LedgerCsvHasAHeaderAndARecordForEachLease) {
  daemon_.Zlease({"--session", "a \"quoted\", name", "--", "true"});
  daemon_.Zlease({"--", "false"});
  const std::string csv = Zctl({"ledger", "--csv"});
  const std::vector<std::string> lines = absl::StrSplit(csv, "\r\n", absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3u) << csv;
  EXPECT_THAT(lines[0], StartsWith("lease_id,account,model,kind,"));
  EXPECT_THAT(lines[1], HasSubstr(",\"a \"\"quoted\"\", name\","));
  EXPECT_THAT(lines[2], HasSubstr(",failed,,exit status 1"));
}

TEST_F(ControlTest, LedgerByOutcomeSumsUp) {
  for (const char* command : {"true", "true", "false"}) daemon_.Zlease({"--", command});
  const std::string csv = Zctl({"ledger", "--by", "outcome", "--csv"});
  EXPECT_THAT(csv, HasSubstr("\r\nok,2,2,"));
  EXPECT_THAT(csv, HasSubstr("\r\nfailed,1,1,"));
}

TEST_F(ControlTest, LedgerOfASessionLeavesOthersOut) {
  daemon_.Zlease({"--session", "anna", "--", "true"});
  daemon_.Zlease({"--session", "bert", "--", "true"});
  const std::string table = Zctl({"ledger", "--session", "anna", "--since", "1h"});
  EXPECT_THAT(table, HasSubstr("anna"));
  EXPECT_THAT(table, Not(HasSubstr("bert")));
}

TEST_F(ControlTest, RefusalExitsWithOne) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"revoke", "77"},
                                                    {"pause", "--account", "other"},
                                                    {"limit", "set", "2", "--account", "other"},
                                                    {"status", "--account", "other"}}) {
    const Process::End end = daemon_.Zctl(arguments);
    EXPECT_EQ(end.exit_status, 1) << absl::StrJoin(arguments, " ");
    EXPECT_THAT(end.err, StartsWith("zctl: no ")) << absl::StrJoin(arguments, " ");
  }
}

TEST(UsageTest, MisuseExitsWithTwoAndStartsNoDaemon) {
  DaemonProcess daemon;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"frobnicate"},
                                                    {"--frobnicate"},
                                                    {"limit", "set"},
                                                    {"limit", "set", "0"},
                                                    {"limit", "set", "1001"},
                                                    {"limit", "set", "few"},
                                                    {"revoke"},
                                                    {"revoke", "-1"},
                                                    {"revoke", "seven"},
                                                    {"ledger", "--by", "colour"},
                                                    {"ledger", "--since", "yesterday"},
                                                    {"ledger", "--csv", "--json"},
                                                    {"status", "--interval", "1s"},
                                                    {"status", "extra"}}) {
    const Process::End end = daemon.Zctl(arguments);
    EXPECT_EQ(end.exit_status, 2) << absl::StrJoin(arguments, " ");
    EXPECT_THAT(end.err, StartsWith("zctl: ")) << absl::StrJoin(arguments, " ");
  }
  EXPECT_EQ(daemon.RunningPid(), 0);
}

TEST(NoDaemonTest, ExitsWith69WhereTheServiceManagerRunsTheDaemon) {
  DaemonProcess daemon;
  WriteFile(daemon.dir().File("service"), "systemctl --user status zbrokerd\n");
  const Process::End end = daemon.Zctl({"status"});
  EXPECT_EQ(end.exit_status, 69);
  EXPECT_THAT(end.err, HasSubstr("systemctl --user status zbrokerd"));
  EXPECT_EQ(daemon.RunningPid(), 0);
}

TEST(NoDaemonTest, ExitsWith69WhenTheDaemonCannotStart) {
  DaemonProcess daemon("[broker]\nqueue_max = 0\n");
  const Process::End end = daemon.Zctl({"status"});
  EXPECT_EQ(end.exit_status, 69);
  EXPECT_THAT(end.err, HasSubstr("config.toml:2: broker.queue_max: found 0"));
}

}  // namespace
}  // namespace zbroker::testing
