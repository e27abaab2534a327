// Programs that would collide on the account's slots wait their turn instead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/testing/daemon_process.h"
#include "tests/testing/upstream_process.h"

namespace zbroker::testing {
namespace {

constexpr char kThreeSlots[] = "[account.default.slots]\nlimit = 3\n";

std::vector<std::string> RunAtOnce(int count, const std::vector<std::string>& command,
                                   const EnvironmentVariables& environment) {
  std::vector<Process> all;
  for (int i = 0; i < count; ++i) all.push_back(Process::Start(command, environment));
  std::vector<std::string> out;
  for (Process& one : all) out.push_back(one.Wait().out);
  return out;
}

class SlotsTest : public ::testing::Test {
 protected:
  std::vector<std::string> Wrapped() const {
    std::vector<std::string> command = upstream_.CurlCommand();
    command.insert(command.begin(), {Program("zlease"), "--"});
    return command;
  }

  DaemonProcess daemon_{kThreeSlots};
  UpstreamProcess upstream_{{"--limit", "3", "--service", "300ms"}};
};

TEST_F(SlotsTest, TwelveAtOnceAllSucceedAndNeverOverlapMoreThanTheLimit) {
  const auto statuses = RunAtOnce(12, Wrapped(), daemon_.Environment());
  EXPECT_THAT(statuses, ::testing::Each("200"));
  EXPECT_EQ(upstream_.Stat("throttled"), 0);
  EXPECT_EQ(upstream_.Stat("max_in_flight"), 3);
}

TEST_F(SlotsTest, WithoutLeasesTheSameRunIsThrottled) {
  const auto statuses = RunAtOnce(12, upstream_.CurlCommand(), daemon_.Environment());
  EXPECT_THAT(statuses, ::testing::Contains("429"));
}

TEST_F(SlotsTest, EveryRequestHasOneClosedRow) {
  RunAtOnce(6, Wrapped(), daemon_.Environment());
  const auto rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 6u);
  for (const v1::LedgerRow& row : rows) {
    EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
    EXPECT_EQ(row.program(), "curl");
    EXPECT_TRUE(row.has_closed());
  }
}

}  // namespace
}  // namespace zbroker::testing
