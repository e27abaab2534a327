#include "daemon/engine/process_trees.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "client/base/process.h"
#include "tests/testing/process.h"

namespace zbroker::engine {
namespace {

using testing::Process;

class ProcessTreesTest : public ::testing::Test {
 protected:
  Process Start() const {
    // A gate, as the environment is the new one only after exec.
    Process process =
        Process::Start({"sh", "-c", "echo ready; exec sleep 60"},
                       {{kHolderVariable, HolderMark(holder_.pid, holder_.start_ticks)}});
    EXPECT_TRUE(testing::WaitUntil([&] { return process.Out() == "ready\n"; }));
    return process;
  }
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

  // Who nobody else's processes on this machine run under.
  const core::HolderExited holder_ = {getpid(), ReadProcessStat(getpid())->start_ticks};
  Mutex mutex_;
  std::vector<core::HolderExited> reports_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ProcessTreesTest, HolderThatLeftNothingBehindIsReportedOnce) {
  ProcessTrees trees(Clock::System(), Keep());
  trees.Look(holder_);
  ASSERT_TRUE(Reported(1));
  EXPECT_EQ(reports()[0].pid, getpid());
  EXPECT_EQ(reports()[0].command_until, std::nullopt);
}

TEST_F(ProcessTreesTest, WhatIsLeftBehindIsReportedAndThenItsEnd) {
  Process left = Start();
  ProcessTrees trees(Clock::System(), Keep());
  const BootTime before = Clock::System().Read().boot;
  trees.Look(holder_);
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
  ProcessTrees trees(Clock::System(), Keep(), absl::Seconds(3));
  trees.Look(holder_);
  ASSERT_TRUE(Reported(2));
  EXPECT_TRUE(reports()[0].command_until.has_value());
  EXPECT_FALSE(reports()[1].command_until.has_value());
  EXPECT_TRUE(left.Running());
}

// For a moment in each of these, the kernel shows no environment of it.
TEST_F(ProcessTreesTest, WhatBecomesOneProgramAfterAnotherIsFoundAllTheSame) {
  const Process left =
      Process::Start({"sh", "-c", R"(exec sh -c "$AGAIN")"},
                     {{"AGAIN", R"(exec sh -c "$AGAIN")"},
                      {kHolderVariable, HolderMark(holder_.pid, holder_.start_ticks)}});
  const auto found = [&] {
    return RunsUnder(FindRunningCommands(), holder_.pid, holder_.start_ticks);
  };
  ASSERT_TRUE(testing::WaitUntil(found));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(found()) << "look " << i;
}

TEST_F(ProcessTreesTest, WhatRunsUnderAnotherHolderIsNotThisOnes) {
  const Process left = Start();
  const RunningCommands commands = FindRunningCommands();
  EXPECT_TRUE(RunsUnder(commands, holder_.pid, holder_.start_ticks));
  EXPECT_FALSE(RunsUnder(commands, holder_.pid, holder_.start_ticks + 1));
  EXPECT_FALSE(RunsUnder(commands, 1, holder_.start_ticks));
}

}  // namespace
}  // namespace zbroker::engine
