// Events, hooks and explanations through the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "client/base/proto_time.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class EventsTest : public ::testing::Test {
 protected:
  void StartWith(const std::string& config) {
    daemon_.SetConfig(config);
    daemon_.Start();
  }
  std::string HookFile() const { return daemon_.dir().File("told"); }
  std::string Hook(const std::string& on, const std::string& run) const {
    return absl::StrCat("[[hook]]\non = ", on, "\nrun = '''", run, "'''\n");
  }

  // The upstream says that the quota is used up until then.
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
    session.Send(message);
    EXPECT_EQ(session.NextAnswer().released().outcome(), v1::OUTCOME_WALL);
  }

  std::vector<std::string> HookLines() const {
    std::ifstream in(HookFile());
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  DaemonProcess daemon_;
};

TEST_F(EventsTest, AWallAndItsResetAreToldOnceEachAlthoughTheDaemonIsKilledInBetween) {
  StartWith(Hook("[\"wall\", \"reset\"]", absl::StrCat("cat >> ", HookFile())));
  const absl::Time until = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) + 5);
  MeetWall(until);
  ASSERT_TRUE(WaitUntil([&] { return HookLines().size() == 1; }));
  Process wait =
      Process::Start({Program("zctl"), "wait", "--for", "reset", "--json"}, daemon_.Environment());
  const Process::End why = daemon_.Zctl({"explain"});
  EXPECT_THAT(why.out, HasSubstr("quota of the account is used up")) << why.err;
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  const Process::End waited = wait.Wait();
  EXPECT_EQ(waited.exit_status, 0) << waited.err;
  EXPECT_GE(absl::Now(), until);
  EXPECT_LE(absl::Now(), until + absl::Seconds(1));
  EXPECT_THAT(waited.out, AllOf(HasSubstr("\"reached\":true"), HasSubstr("no wall stands")));
  ASSERT_TRUE(WaitUntil([&] { return HookLines().size() == 2; }));
  // Another daemon has nothing more to tell.
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  const Process::End events = daemon_.Zctl({"events", "--json", "--kind", "wall,reset"});
  EXPECT_EQ(events.exit_status, 0) << events.err;
  const std::vector<std::string> lines = HookLines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], AllOf(HasSubstr("\"kind\":\"wall\""), HasSubstr("\"1308\"")));
  EXPECT_THAT(lines[1], HasSubstr("\"kind\":\"reset\""));
  const std::vector<std::string> kinds = absl::StrSplit(events.out, "\"kind\"");
  EXPECT_EQ(kinds.size(), 3u) << events.out;
}

TEST_F(EventsTest, AWallThatEndsWhileNoDaemonRunsIsToldByTheNext) {
  StartWith(Hook("[\"wall\", \"reset\"]", absl::StrCat("cat >> ", HookFile())));
  const absl::Time until = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) + 2);
  MeetWall(until);
  ASSERT_TRUE(WaitUntil([&] { return HookLines().size() == 1; }));
  daemon_.Stop(SIGKILL);
  ASSERT_TRUE(WaitUntil([&] { return absl::Now() > until; }));
  daemon_.Start();
  ASSERT_TRUE(WaitUntil([&] { return HookLines().size() == 2; }));
  EXPECT_THAT(HookLines()[1], HasSubstr("reset"));
}

TEST_F(EventsTest, WhoFollowsIsToldAtOnce) {
  StartWith("");
  Process follow =
      Process::Start({Program("zctl"), "events", "--follow", "--json"}, daemon_.Environment());
  MeetWall(absl::Now() + absl::Hours(1));
  EXPECT_TRUE(WaitUntil([&] { return follow.Out().find("\"wall\"") != std::string::npos; }))
      << follow.Err();
  // Over a restart, and nothing twice.
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  EXPECT_EQ(daemon_.Zctl({"resume"}).exit_status, 0);
  EXPECT_TRUE(WaitUntil([&] { return follow.Out().find("\"reset\"") != std::string::npos; }))
      << follow.Err();
  EXPECT_EQ(follow.Out().find("\"wall\""), follow.Out().rfind("\"wall\""));
  follow.Signal(SIGTERM);
}

TEST_F(EventsTest, AHookThatHangsOrFailsHoldsUpNobodyAndShowsInTheDoctor) {
  StartWith(absl::StrCat(Hook("\"wall\"", "sleep 600"), "timeout = \"1s\"\n",
                         Hook("\"wall\"", "exit 3"),
                         "[[hook]]\non = \"wall\"\nurl = \"http://127.0.0.1:1/x\"\n"));
  const absl::Time until = absl::Now() + absl::Hours(1);
  MeetWall(until);
  // While they are at it.
  EXPECT_EQ(daemon_.Zctl({"resume"}).exit_status, 0);
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  std::string report;
  EXPECT_TRUE(WaitUntil([&] {
    report = daemon_.Zctl({"doctor", "--json"}).out;
    return report.find("too long") != std::string::npos &&
           report.find("exit status 3") != std::string::npos;
  })) << report
      << daemon_.Log();
}

TEST_F(EventsTest, ExplainNamesWhatKeepsAWaiterAndWhatOpensIt) {
  StartWith("[account.default.slots]\nlimit = 1\nlearn = false\n");
  Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0)) << holder.Err();
  Process waiter = daemon_.StartZlease({"--session", "s1", "--", "true"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1)) << waiter.Err();
  const uint64_t lease = daemon_.Status().accounts(0).leases(0).lease_id();
  const Process::End one = daemon_.Zctl({"explain", "s1"});
  EXPECT_EQ(one.exit_status, 0) << one.err;
  EXPECT_THAT(one.out, AllOf(HasSubstr("the only slot is taken"),
                             HasSubstr(absl::StrCat("the end of lease ", lease))));
  EXPECT_THAT(daemon_.Zctl({"explain", "s1", "--json"}).out,
              AllOf(HasSubstr("\"binds\":true"), HasSubstr("\"name\":\"slots\"")));
  EXPECT_THAT(daemon_.Zctl({"explain"}).out, HasSubstr("1 request waits"));
  EXPECT_THAT(daemon_.Zctl({"explain", absl::StrCat(lease)}).out, HasSubstr("is held"));
  EXPECT_THAT(daemon_.Zctl({"explain", "--json"}).out, HasSubstr("\"verdict\""));
  const Process::End none = daemon_.Zctl({"explain", "no-such"});
  EXPECT_EQ(none.exit_status, 1);
  EXPECT_THAT(none.err, HasSubstr("no-such"));
  holder.Signal(SIGTERM);
  EXPECT_EQ(waiter.Wait().exit_status, 0);
  EXPECT_THAT(daemon_.Zctl({"explain", absl::StrCat(lease)}).out, HasSubstr("ended"));
  EXPECT_THAT(daemon_.Zctl({"explain"}).out, HasSubstr("nothing waits"));
}

}  // namespace
}  // namespace zbroker::testing
