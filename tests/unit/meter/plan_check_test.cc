#include "shims/meter/plan_check.h"

#include <gtest/gtest.h>

#include "client/base/proto_time.h"

namespace zbroker::meter {
namespace {

class PlanCheckTest : public ::testing::Test {
 protected:
  PlanCheckTest() { account_.set_name("default"); }

  // A window of the plan's, and what the meter allows in it.
  void AddWeek(double limit, double allowed) {
    v1::WindowStatus& window = *account_.add_windows();
    window.set_name("week");
    window.set_unit("credits");
    window.set_enforce("probe");
    window.set_limit(limit);
    SetProtoDuration(absl::Hours(7 * 24), window.mutable_length());
    v1::MeterReading& reading = *account_.mutable_meter()->add_readings();
    reading.set_unit("credits");
    reading.set_limit(allowed);
    SetProtoDuration(absl::Hours(7 * 24), reading.mutable_length());
  }
  std::string Fix(const std::string& plan, const std::string& level = "") {
    const auto trouble = CheckPlan({.plan = plan, .file = "/c.toml"}, level, account_);
    return trouble ? trouble->fix : "";
  }

  v1::AccountStatus account_;
};

TEST_F(PlanCheckTest, NamesThePlanThatTheMeterSpeaksOf) {
  AddWeek(60'000, 60'000);
  EXPECT_EQ(Fix("pro", "Max"), "zctl init --plan max");
  EXPECT_EQ(
      Describe(*CheckPlan({.plan = "pro"}, "max", account_)),
      "the configuration says plan pro, and the provider's meter says max: quotas are kept to "
      "the wrong figures; mend it: zctl init --plan max");
  EXPECT_EQ(Fix("max", "max"), "");
}

TEST_F(PlanCheckTest, GoesByWhatIsAllowedWhereTheMeterNamesNoKnownPlan) {
  AddWeek(60'000, 140'000);
  for (const char* level : {"", "team", "Coding Plan"}) {
    EXPECT_EQ(Fix("pro", level), "zctl init --plan max") << level;
  }
  EXPECT_EQ(Fix(""), "put `limit = 140000` for it in /c.toml, then `zctl reload`");
  account_.mutable_meter()->mutable_readings(0)->set_limit(90'000);
  EXPECT_EQ(Fix("pro"), "zctl init --plan PLAN  (that was bought; now it says pro)");
  account_.mutable_meter()->mutable_readings(0)->set_limit(60'100);
  EXPECT_EQ(Fix("pro"), "") << "about as much";
}

TEST_F(PlanCheckTest, SaysNothingWhereNothingIsKnown) {
  EXPECT_EQ(Fix("pro"), "");
  AddWeek(60'000, 0);
  EXPECT_EQ(Fix("pro"), "") << "the meter does not say what it allows";
  account_.Clear();
  AddWeek(0, 140'000);
  EXPECT_EQ(Fix("pro"), "") << "the window has no limit";
}

}  // namespace
}  // namespace zbroker::meter
