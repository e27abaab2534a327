#include "shims/flags/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <string>

#include "tests/testing/status_matchers.h"

namespace zbroker::flags {
namespace {

using ::testing::HasSubstr;

class LeaseFlagsTest : public ::testing::Test {
 protected:
  LeaseFlagsTest() {
    unsetenv(kPriorityVariable);
    Declare(app_, flags_, {.session = "whom", .timeout = "how long"});
  }
  ~LeaseFlagsTest() override { unsetenv(kPriorityVariable); }

  LeaseTerms Parse(const std::string& line) {
    app_.parse(line);
    return ToTerms(flags_);
  }

  CLI::App app_;
  LeaseFlags flags_;
};

TEST_F(LeaseFlagsTest, NoneMeansTheDefaults) {
  const LeaseTerms terms = Parse("");
  EXPECT_EQ(terms.request.SerializeAsString(), v1::Acquire().SerializeAsString());
  EXPECT_FALSE(terms.timeout.has_value());
  EXPECT_EQ(terms.broker_timeout, absl::Seconds(30));
  EXPECT_EQ(terms.if_unavailable, IfUnavailable::kWait);
}

TEST_F(LeaseFlagsTest, EachIsTaken) {
  const LeaseTerms terms = Parse(
      "--account work --session s --priority interactive --hold-until-reset --timeout 2m "
      "--broker-timeout 0s --if-unavailable run");
  EXPECT_EQ(terms.request.account(), "work");
  EXPECT_EQ(terms.request.session(), "s");
  EXPECT_EQ(terms.request.priority(), v1::PRIORITY_INTERACTIVE);
  EXPECT_TRUE(terms.request.hold_until_reset());
  EXPECT_EQ(terms.timeout, absl::Minutes(2));
  EXPECT_EQ(terms.broker_timeout, absl::ZeroDuration());
  EXPECT_EQ(terms.if_unavailable, IfUnavailable::kRun);
}

TEST_F(LeaseFlagsTest, WrongOnesAreRefused) {
  for (const char* const line :
       {"--priority high", "--priority ''", "--session ''", "--account \x01", "--timeout soon",
        "--broker-timeout -1s", "--if-unavailable maybe"}) {
    EXPECT_THROW(Parse(line), CLI::ParseError) << line;
  }
}

TEST_F(LeaseFlagsTest, HelpNamesTheVariable) {
  EXPECT_THAT(app_.help(), HasSubstr("ZLEASE_PRIORITY"));
}

TEST_F(LeaseFlagsTest, EnvironmentSettlesWhatNoFlagHasSaid) {
  v1::Acquire none;
  EXPECT_OK(SettlePriority(none));
  EXPECT_EQ(none.priority(), v1::PRIORITY_UNSPECIFIED);
  setenv(kPriorityVariable, "", 1);
  EXPECT_OK(SettlePriority(none));
  EXPECT_EQ(none.priority(), v1::PRIORITY_UNSPECIFIED);
  setenv(kPriorityVariable, "background", 1);
  EXPECT_OK(SettlePriority(none));
  EXPECT_EQ(none.priority(), v1::PRIORITY_BACKGROUND);
}

TEST_F(LeaseFlagsTest, FlagPrevailsOverWhateverTheEnvironmentSays) {
  v1::Acquire said = Parse("--priority normal").request;
  setenv(kPriorityVariable, "urgent", 1);
  EXPECT_OK(SettlePriority(said));
  EXPECT_EQ(said.priority(), v1::PRIORITY_NORMAL);
}

TEST_F(LeaseFlagsTest, WrongWordInTheEnvironmentIsShownShortAndHarmless) {
  setenv(kPriorityVariable, ("\x1b[2J" + std::string(5000, 'x')).c_str(), 1);
  v1::Acquire request;
  const absl::Status refused = SettlePriority(request);
  EXPECT_THAT(refused, testing::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("ZLEASE_PRIORITY: \"\\x1b[2Jxxx"));
  EXPECT_LT(refused.message().size(), 150u);
}

TEST(PriorityWordTest, IsWhatTheFlagTakes) {
  EXPECT_EQ(PriorityWord(v1::PRIORITY_INTERACTIVE), "interactive");
  EXPECT_EQ(PriorityWord(v1::PRIORITY_NORMAL), "normal");
  EXPECT_EQ(PriorityWord(v1::PRIORITY_BACKGROUND), "background");
  EXPECT_EQ(PriorityWord(v1::PRIORITY_UNSPECIFIED), "");
}

TEST(ToLeaseIdTest, TakesNothingButANumber) {
  EXPECT_EQ(ToLeaseId("18446744073709551615"), 18446744073709551615u);
  for (const char* const text : {"", "0", "-1", "7x", "18446744073709551616"}) {
    EXPECT_EQ(ToLeaseId(text), 0u) << text;
  }
}

}  // namespace
}  // namespace zbroker::flags
