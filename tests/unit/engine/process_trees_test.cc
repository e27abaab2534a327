#include "daemon/engine/process_trees.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/process.h"
#include "tests/testing/process.h"

namespace zbroker::engine {
namespace {

using testing::Process;

// Ids that nobody else's processes on this machine have.
core::LeaseId NewLease() {
  static core::LeaseId last = 0;
  return (uint64_t{1} << 40) + static_cast<uint64_t>(getpid()) * 100 + ++last;
}

class ProcessTreesTest : public ::testing::Test {
 protected:
  Process Start() const {
    // A gate, as the environment is the new one only after exec.
    Process process = Process::Start({"sh", "-c", "echo ready; exec sleep 60"},
                                     {{"ZLEASE_ID", absl::StrCat(lease_)}});
    EXPECT_TRUE(testing::WaitUntil([&] { return process.Out() == "ready\n"; }));
    return process;
  }
  core::HolderExited Holder() const { return {getpid(), ReadProcessStat(getpid())->start_ticks}; }
  ProcessTrees::Report Keep() {
    return [this](const core::HolderExited& exited) {
      MutexLock lock(mutex_);
      reports_.push_back(exited);
    };
  }
  std::vector<core::HolderExited> reports() {
    MutexLock lock(mutex_);
    return reports_;
  }
  bool Reported(size_t count) {
    return testing::WaitUntil([&] { return reports().size() >= count; });
  }

  const core::LeaseId lease_ = NewLease();
  Mutex mutex_;
  std::vector<core::HolderExited> reports_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ProcessTreesTest, HolderThatLeftNothingBehindIsReportedOnce) {
  ProcessTrees trees(Clock::System(), Keep());
  trees.Look(Holder(), lease_);
  ASSERT_TRUE(Reported(1));
  EXPECT_EQ(reports()[0].pid, getpid());
  EXPECT_EQ(reports()[0].command_until, std::nullopt);
}

TEST_F(ProcessTreesTest, WhatIsLeftBehindIsReportedAndThenItsEnd) {
  Process left = Start();
  ProcessTrees trees(Clock::System(), Keep());
  const BootTime before = Clock::System().Read().boot;
  trees.Look(Holder(), lease_);
  ASSERT_TRUE(Reported(1));
  ASSERT_TRUE(reports()[0].command_until.has_value());
  EXPECT_GE(*reports()[0].command_until, before + ProcessTrees::kBound);
  left.Signal(SIGKILL);
  ASSERT_TRUE(Reported(2));
  EXPECT_EQ(reports()[1].command_until, std::nullopt);
  left.Wait();
}

TEST_F(ProcessTreesTest, WhatDoesNotEndIsGivenUp) {
  const Process left = Start();
  ProcessTrees trees(Clock::System(), Keep(), absl::Milliseconds(100));
  trees.Look(Holder(), lease_);
  ASSERT_TRUE(Reported(2));
  EXPECT_TRUE(reports()[0].command_until.has_value());
  EXPECT_FALSE(reports()[1].command_until.has_value());
  EXPECT_TRUE(left.Running());
}

TEST_F(ProcessTreesTest, ProcessOlderThanTheHolderIsAnotherLedgers) {
  const Process left = Start();
  const auto stat = ReadProcessStat(left.pid());
  ASSERT_TRUE(stat.has_value());
  const RunningCommands commands = FindRunningCommands();
  EXPECT_TRUE(RunsUnder(commands, lease_, stat->start_ticks));
  EXPECT_FALSE(RunsUnder(commands, lease_, stat->start_ticks + 1));
}

}  // namespace
}  // namespace zbroker::engine
