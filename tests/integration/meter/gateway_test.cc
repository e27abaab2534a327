// A gateway that asks the meter with the key which passes by.
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/harness.h"
#include "tests/integration/meter/fake_meter.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kWeek[] = R"(
[account.default.slots]
limit = 3
[[account.default.window]]
name = "week"
unit = "prompts"
length = "7d"
kind = "anchored"
limit = 2000
enforce = "probe"
)";

class GatewayMeterTest : public GatewayTest {
 protected:
  GatewayMeterTest() : GatewayTest(kWeek) {
    ShowWeek(20);
    meter_.ServeModels(Answer(200, kMessage));
  }

  void ShowWeek(int percent) {
    const absl::Time reset = absl::Now() + absl::Hours(7 * 24);
    meter_.Show(MeterBody(MeterLimit("CREDIT_LIMIT", 6, 1,
                                     absl::StrCat(R"(,"percentage":)", percent, ResetsAt(reset)))));
  }
  void StartWithMeter(const std::string& every) {
    Start(absl::StrCat(meter_.url(), "/api/anthropic"), {"--meter", "--meter-every", every});
  }
  int AskModel(const char* key = kMeterKey) {
    return Ask(Post(kPrompt, absl::StrCat("Authorization: Bearer ", key, "\r\n"))).status;
  }
  // The upstream's word that the week is used up, for five days more.
  static std::string WeeklyWall() {
    const std::string reset = absl::FormatTime(
        "%Y-%m-%d %H:%M:%S", absl::Now() + absl::Hours(5 * 24), absl::FixedTimeZone(8 * 60 * 60));
    return Answer(429, ErrorBody("1310", absl::StrCat("Weekly/Monthly Limit Exhausted. Your limit "
                                                      "will reset at ",
                                                      reset)));
  }
  void MeetTheWall() {
    ShowWeek(100);
    meter_.ServeModels(WeeklyWall());
    EXPECT_EQ(AskModel(), 429);
    ASSERT_TRUE(WaitUntil([&] { return Walled(); }));
    meter_.ServeModels(Answer(200, kMessage));
  }
  bool Walled() const { return daemon_.Status().accounts(0).has_blocked(); }

  FakeMeter meter_;
};

TEST_F(GatewayMeterTest, IsAskedAfterTrafficWithTheKeyThatPassedBy) {
  StartWithMeter("1ms");
  EXPECT_EQ(meter_.asked(), 0);
  EXPECT_EQ(AskModel(), 200);
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).windows(0).has_meter(); }));
  EXPECT_THAT(meter_.last_head(), HasSubstr(absl::StrCat("Authorization: ", kMeterKey, "\r\n")));
  EXPECT_THAT(meter_.last_head(), HasSubstr("GET /api/monitor/usage/quota/limit HTTP"));
  EXPECT_EQ(daemon_.Status().accounts(0).windows(0).used(), 400);
  EXPECT_THAT(gateway_->process().Err(), Not(HasSubstr("ThisIsTheKey")));
  EXPECT_THAT(daemon_.Log(), Not(HasSubstr("ThisIsTheKey")));
}

TEST_F(GatewayMeterTest, HangingMeterHoldsUpNoRequest) {
  meter_.Hang();
  StartWithMeter("1ms");
  EXPECT_EQ(AskModel(), 200);
  ASSERT_TRUE(WaitUntil([&] { return meter_.asked() == 1; }));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(AskModel(), 200);
  EXPECT_EQ(meter_.asked(), 1);
  EXPECT_EQ(daemon_.Zctl({"status"}).exit_status, 0);
}

TEST_F(GatewayMeterTest, WallEndsAtTheReadingThatShowsRoomAlsoOverARestart) {
  StartWithMeter("20ms");
  ShowWeek(100);
  meter_.ServeModels(WeeklyWall());
  EXPECT_EQ(AskModel(), 429);
  ASSERT_TRUE(WaitUntil([&] { return Walled(); }));
  const int asked = meter_.asked();
  ASSERT_TRUE(WaitUntil([&] { return meter_.asked() >= asked + 2; }))
      << "the wall may end early, so the meter is asked without traffic too";
  EXPECT_TRUE(Walled());
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  EXPECT_TRUE(Walled());
  meter_.ServeModels(Answer(200, kMessage));
  EXPECT_EQ(AskModel(), 429) << "nothing is sent upstream while the wall stands";
  ShowWeek(0);
  ASSERT_TRUE(WaitUntil([&] { return !Walled(); }));
  EXPECT_EQ(AskModel(), 200);
  EXPECT_FALSE(Walled());
}

TEST_F(GatewayMeterTest, WallThatAReadingLiftsIsTold) {
  Start(absl::StrCat(meter_.url(), "/api/anthropic"));
  MeetTheWall();
  ShowWeek(0);
  EnvironmentVariables environment = daemon_.Environment();
  environment.emplace_back("TEST_KEY", kMeterKey);
  const Process::End end = RunProgram({Program("zctl"), "meter", "--json", "--upstream",
                                       meter_.url(), "--key-env", "TEST_KEY", "--apart", "0s"},
                                      environment);
  EXPECT_EQ(end.exit_status, 0) << end.out;
  EXPECT_THAT(end.out, HasSubstr(R"("lifted":[{"reason":"BLOCK_REASON_WALL")"));
  EXPECT_THAT(end.out, HasSubstr("the wall is lifted"));
  EXPECT_FALSE(Walled());
}

TEST_F(GatewayMeterTest, StartedWhileAWallStandsItAsksWithTheKeyOfWhomTheDaemonRefuses) {
  Start(absl::StrCat(meter_.url(), "/api/anthropic"));
  MeetTheWall();
  StartWithMeter("20ms");
  ShowWeek(0);
  EXPECT_EQ(meter_.asked(), 0);
  EXPECT_EQ(AskModel(), 429) << "nothing is sent upstream while the wall stands";
  ASSERT_TRUE(WaitUntil([&] { return !Walled(); }));
  EXPECT_THAT(meter_.last_head(), HasSubstr(absl::StrCat("Authorization: ", kMeterKey, "\r\n")));
  EXPECT_EQ(AskModel(), 200);
}

TEST_F(GatewayMeterTest, KeyOfARefusedRequestDoesNotDisplaceOneThatTheUpstreamKnows) {
  StartWithMeter("20ms");
  MeetTheWall();
  EXPECT_EQ(AskModel("fedcba9876543210.NobodyKnowsIt"), 429);
  const int asked = meter_.asked();
  ASSERT_TRUE(WaitUntil([&] { return meter_.asked() >= asked + 2; }));
  EXPECT_THAT(meter_.last_head(), HasSubstr(kMeterKey));
}

}  // namespace
}  // namespace zbroker::testing
