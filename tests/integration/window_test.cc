// A hard window, through real processes and a real clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

// Long enough that five commands and a restart fit in, also where the machine is busy.
constexpr absl::Duration kLength = absl::Seconds(6);
constexpr char kFiveInSixSeconds[] = R"(
[account.default.slots]
limit = 10
[[account.default.window]]
name = "w"
unit = "prompts"
length = "6s"
limit = 5
enforce = "hard"
)";

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// Each reading of the two clocks is a few microseconds apart.
bool SameInstant(absl::Time a, absl::Time b) {
  return absl::AbsDuration(a - b) < absl::Milliseconds(1);
}

class WindowTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }

  void UseUp() {
    for (int i = 0; i < 5; ++i) ASSERT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  }

  // How much later than the first prompt left the window the sixth was granted.
  absl::Duration LatenessOfTheSixth() {
    const auto rows = daemon_.Rows();
    EXPECT_EQ(rows.size(), 6u);
    if (rows.size() != 6) return absl::InfiniteDuration();
    return ToTime(rows[5].granted()) - (ToTime(rows[0].granted()) + kLength);
  }

  DaemonProcess daemon_{kFiveInSixSeconds};
};

TEST_F(WindowTest, SixthPromptWaitsUntilTheFirstAgesOut) {
  UseUp();
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  EXPECT_GE(LatenessOfTheSixth(), absl::ZeroDuration());
  EXPECT_LE(LatenessOfTheSixth(), absl::Seconds(1)) << "nobody woke for it";
}

TEST_F(WindowTest, StatusNamesTheInstantAtWhichTheNextChargeAgesOut) {
  UseUp();
  const v1::WindowStatus window = daemon_.Status().accounts(0).windows(0);
  EXPECT_EQ(window.used(), 5);
  EXPECT_TRUE(window.exhausted());
  EXPECT_TRUE(
      SameInstant(ToTime(window.next_release()), ToTime(daemon_.Rows().at(0).granted()) + kLength));
}

TEST_F(WindowTest, RestartInBetweenChangesNothing) {
  UseUp();
  const auto before = daemon_.Status().accounts(0).windows(0);
  Process sixth = daemon_.StartZlease({"--", "true"});
  ASSERT_TRUE(daemon_.WaitForSlots(0, 1));
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  const auto after = daemon_.Status().accounts(0).windows(0);
  EXPECT_EQ(after.used(), 5);
  EXPECT_TRUE(SameInstant(ToTime(after.next_release()), ToTime(before.next_release())));
  EXPECT_EQ(sixth.Wait().exit_status, 0);
  EXPECT_GE(LatenessOfTheSixth(), absl::ZeroDuration());
  EXPECT_LE(LatenessOfTheSixth(), absl::Seconds(1)) << "nobody woke for it";
}

TEST_F(WindowTest, CallsDoNotChargePrompts) {
  UseUp();
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--kind", "call", "--", "true"}).exit_status, 0);
}

TEST_F(WindowTest, WeightThatNeverFitsIsRefusedAtOnce) {
  const auto end = daemon_.Zlease({"--weight", "6", "--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, ::testing::HasSubstr("can never fit into window w"));
}

TEST_F(WindowTest, RefusedWaitChargesNothing) {
  UseUp();
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--", "true"}).exit_status, 75);
  EXPECT_EQ(daemon_.Zlease({"--timeout", "100ms", "--", "true"}).exit_status, 75);
  EXPECT_EQ(daemon_.Status().accounts(0).windows(0).used(), 5);
}

}  // namespace
}  // namespace zbroker::testing
