#include "shims/meter/outcome.h"

#include <gtest/gtest.h>

#include "client/base/proto_time.h"

namespace zbroker::meter {
namespace {

using RoundState = Reader::Round::State;

const absl::Time kAsked = absl::FromUnixSeconds(1'790'000'000);

v1::AccountStatus Account() {
  v1::AccountStatus account;
  account.set_name("work");
  SetProtoTime(kAsked, account.mutable_meter()->mutable_asked());
  account.mutable_meter()->add_readings()->set_percent(61);
  v1::WindowStatus& window = *account.add_windows();
  window.set_name("5h");
  window.set_unit("prompts");
  window.set_limit(200);
  window.set_used(122);
  window.mutable_meter()->set_foreign(118);
  window.mutable_meter()->set_percent(61);
  window.mutable_meter()->set_used_up(true);
  account.add_windows()->set_name("week");
  return account;
}

TEST(OutcomeTest, HasBothFiguresAndWhenItIsAskedNext) {
  const Source source{.origin = "https://api.z.ai", .plan = {.plan = "pro"}};
  const auto outcome =
      MakeOutcome({.state = RoundState::kRead, .words = "work: 5h 61 %", .level = "max"}, source,
                  Account(), absl::Seconds(60));
  EXPECT_EQ(outcome.state(), "read");
  EXPECT_EQ(outcome.message(), "work: 5h 61 %");
  EXPECT_EQ(outcome.schema_version(), 1u);
  EXPECT_EQ(outcome.error(), "");
  EXPECT_EQ(outcome.account(), "work");
  EXPECT_EQ(outcome.host(), "https://api.z.ai");
  EXPECT_EQ(FromProtoTime(outcome.asked_at()), kAsked);
  EXPECT_EQ(FromProtoTime(outcome.next_ask_at()), kAsked + absl::Seconds(60));
  EXPECT_EQ(outcome.level(), "max");
  EXPECT_EQ(outcome.plan(), "pro");
  EXPECT_NE(outcome.advice(), "");
  ASSERT_EQ(outcome.readings_size(), 1);
  ASSERT_EQ(outcome.windows_size(), 2);
  EXPECT_EQ(outcome.windows(0).ours(), 4);
  EXPECT_EQ(outcome.windows(0).foreign(), 118);
  EXPECT_EQ(outcome.windows(0).provider(), 61);
  EXPECT_TRUE(outcome.windows(0).metered());
  EXPECT_TRUE(outcome.windows(0).used_up());
  EXPECT_FALSE(outcome.windows(1).metered());
}

TEST(OutcomeTest, WithoutADaemonThereIsNothingOfAnAccount) {
  const auto outcome =
      MakeOutcome({.state = RoundState::kNoDaemon, .error = "no-daemon", .words = "x"}, {},
                  std::nullopt, absl::Seconds(60));
  EXPECT_EQ(outcome.state(), "no_daemon");
  EXPECT_EQ(outcome.error(), "no-daemon");
  EXPECT_EQ(outcome.account(), "");
  EXPECT_FALSE(outcome.has_next_ask_at());
}

TEST(OutcomeTest, MeterThatWasNeverHeardMayBeAskedAtOnce) {
  v1::AccountStatus account;
  const auto outcome =
      MakeOutcome({.state = RoundState::kNotAsked}, {}, account, absl::Seconds(60));
  EXPECT_EQ(outcome.state(), "not_asked");
  EXPECT_FALSE(outcome.has_asked_at());
  EXPECT_FALSE(outcome.has_next_ask_at());
}

TEST(OutcomeTest, TellsOfWallsThatAreLifted) {
  v1::Block wall;
  wall.set_detail("1308");
  const auto outcome = MakeOutcome({.state = RoundState::kRead, .lifted = {wall}}, {}, std::nullopt,
                                   absl::Seconds(60));
  ASSERT_EQ(outcome.lifted_size(), 1);
  EXPECT_EQ(outcome.lifted(0).detail(), "1308");
}

}  // namespace
}  // namespace zbroker::meter
