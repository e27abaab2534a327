#include "client/base/gateway_record.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

GatewayRecord RecordOn(const std::string& address, int started) {
  return {.url = "http://" + address + "/0123456789abcdef0123456789abcdef",
          .upstream = "https://api.z.ai/api/anthropic",
          .account = "work",
          .version = "1.2.3",
          .pid = 42,
          .started = absl::FromUnixSeconds(started)};
}

class GatewayRecordTest : public ::testing::Test {
 protected:
  const testing::TempDir dir_;
};

TEST_F(GatewayRecordTest, GatewayIsFoundForAsLongAsItRuns) {
  std::optional<GatewayAnnouncement> announcement(
      *GatewayAnnouncement::Make(dir_.path(), RecordOn("127.0.0.1:8787", 7)));
  const auto running = RunningGateways(dir_.path());
  ASSERT_THAT(running, SizeIs(1));
  EXPECT_EQ(running[0].url, "http://127.0.0.1:8787/0123456789abcdef0123456789abcdef");
  EXPECT_EQ(running[0].upstream, "https://api.z.ai/api/anthropic");
  EXPECT_EQ(running[0].account, "work");
  EXPECT_EQ(running[0].version, "1.2.3");
  EXPECT_EQ(running[0].pid, 42);
  EXPECT_EQ(running[0].started, absl::FromUnixSeconds(7));
  EXPECT_EQ(running[0].address(), "127.0.0.1:8787");
  announcement.reset();
  EXPECT_THAT(RunningGateways(dir_.path()), IsEmpty());
}

TEST_F(GatewayRecordTest, SaysSomethingElseWhenItIsTold) {
  GatewayRecord record = RecordOn("127.0.0.1:8787", 7);
  const auto announcement = GatewayAnnouncement::Make(dir_.path(), record);
  ASSERT_OK(announcement);
  for (const int seconds : {-36'000, 0}) {
    record.clock_off = absl::Seconds(seconds);
    ASSERT_OK(announcement->Update(record));
    const auto running = RunningGateways(dir_.path());
    ASSERT_THAT(running, SizeIs(1));
    EXPECT_EQ(running[0].clock_off, record.clock_off);
    EXPECT_EQ(running[0].url, record.url);
  }
}

TEST_F(GatewayRecordTest, WhatAnOlderGatewayDoesNotTellIsEmpty) {
  ASSERT_EQ(mkdir(dir_.File("gateways").c_str(), 0700), 0);
  const std::string path = dir_.File("gateways/abc");
  testing::WriteFile(path, "url http://127.0.0.1:1/x\npid 1\nstarted 1\n");
  const Fd lock(open(path.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  const auto running = RunningGateways(dir_.path());
  ASSERT_THAT(running, SizeIs(1));
  EXPECT_EQ(running[0].version, "");
  EXPECT_EQ(running[0].clock_off, absl::ZeroDuration());
}

TEST_F(GatewayRecordTest, WhatAKilledOneHasLeftIsNoGatewayAndIsRemoved) {
  ASSERT_EQ(mkdir(dir_.File("gateways").c_str(), 0700), 0);
  const std::string left = dir_.File("gateways/abc");
  testing::WriteFile(left, "url http://127.0.0.1:1/x\npid 1\nstarted 1\n");
  EXPECT_THAT(RunningGateways(dir_.path()), IsEmpty());
  EXPECT_NE(access(left.c_str(), F_OK), 0);
}

TEST_F(GatewayRecordTest, UsualAddressIsMeantElseTheOldest) {
  const auto third = GatewayAnnouncement::Make(dir_.path(), RecordOn("127.0.0.1:3", 3));
  const auto first = GatewayAnnouncement::Make(dir_.path(), RecordOn("127.0.0.1:1", 1));
  EXPECT_EQ(UsualGateway(RunningGateways(dir_.path()))->address(), "127.0.0.1:1");
  const auto usual = GatewayAnnouncement::Make(dir_.path(), RecordOn("127.0.0.1:8787", 4));
  EXPECT_EQ(UsualGateway(RunningGateways(dir_.path()))->address(), "127.0.0.1:8787");
  EXPECT_EQ(UsualGateway({}), std::nullopt);
}

TEST_F(GatewayRecordTest, NobodyElseMayReadIt) {
  const auto made = GatewayAnnouncement::Make(dir_.path(), RecordOn("127.0.0.1:1", 1));
  ASSERT_OK(made);
  struct stat info {};
  ASSERT_EQ(stat(dir_.File("gateways").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
}

}  // namespace
}  // namespace zbroker
