#include "shims/zlease/gateway_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbroker::zlease {
namespace {

using ::testing::ElementsAre;

TEST(GatewayArgumentsTest, SayOnlyWhatIsNotTheDefault) {
  const Options options;
  EXPECT_THAT(GatewayArguments(options), ElementsAre("--broker-timeout", "30000ms"));
}

TEST(GatewayArgumentsTest, SayEverythingThatHoldsForEachRequest) {
  Options options;
  options.upstream = "http://a";
  options.request.set_account("work");
  options.request.set_session("s");
  options.request.set_priority(v1::PRIORITY_BACKGROUND);
  options.request.set_parent_lease_id(7);
  options.timeout = absl::Seconds(90);
  options.broker_timeout = absl::ZeroDuration();
  options.if_unavailable = IfUnavailable::kRun;
  options.request.set_hold_until_reset(true);
  options.quiet = true;
  EXPECT_THAT(
      GatewayArguments(options),
      ElementsAre("--upstream", "http://a", "--account", "work", "--session", "s", "--priority",
                  "background", "--parent", "7", "--timeout", "90000ms", "--broker-timeout", "0ms",
                  "--if-unavailable", "run", "--hold-until-reset", "--quiet"));
}

TEST(GatewayArgumentsTest, SayAPriorityThatIsTheUsualOne) {
  // The gateway's environment, or a rule, may say another.
  Options options;
  options.request.set_priority(v1::PRIORITY_NORMAL);
  EXPECT_THAT(GatewayArguments(options),
              ElementsAre("--priority", "normal", "--broker-timeout", "30000ms"));
}

}  // namespace
}  // namespace zbroker::zlease
