#include "client/base/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "client/base/clock.h"
#include "tests/testing/process.h"

namespace zbroker {
namespace {

// A child that does nothing until it is killed; killed and reaped at the end.
class Child {
 public:
  Child() : pid_(fork()) {
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) pause();
    }
  }
  ~Child() { Reap(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

  void Stop() {
    kill(pid_, SIGSTOP);
    AwaitChange(WSTOPPED);
  }
  // Dead and not yet waited for.
  void MakeZombie() {
    kill(pid_, SIGKILL);
    AwaitChange(WEXITED);
  }
  void Reap() {
    if (reaped_) return;
    kill(pid_, SIGKILL);
    reaped_ = waitpid(pid_, nullptr, 0) == pid_;
  }

 private:
  void AwaitChange(int kind) {
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid_), &info, kind | WNOWAIT), 0);
  }

  const pid_t pid_;
  bool reaped_ = false;
};

bool IsReadable(const Fd& fd, int timeout_ms) {
  pollfd poll_fd{.fd = fd.get(), .events = POLLIN, .revents = 0};
  return poll(&poll_fd, 1, timeout_ms) == 1 && (poll_fd.revents & POLLIN) != 0;
}

TEST(ProcessStatTest, WeAreAlive) {
  const auto stat = ReadProcessStat(getpid());
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->name, "base_test");
  EXPECT_TRUE(stat->alive());
  EXPECT_FALSE(stat->stopped());
}

TEST(ProcessStatTest, StartIsInTicksSinceTheBootAndStays) {
  const auto first = ReadProcessStat(getpid());
  const auto second = ReadProcessStat(getpid());
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->start_ticks, second->start_ticks);
  const int64_t now_us = Clock::System().Read().boot.micros();
  const int64_t now_ticks = now_us * sysconf(_SC_CLK_TCK) / 1'000'000;
  EXPECT_LE(static_cast<int64_t>(first->start_ticks), now_ticks + 1);
}

TEST(ProcessStatTest, AChildStartedLaterThanWe) {
  const Child child;
  const auto own = ReadProcessStat(getpid());
  const auto childs = ReadProcessStat(child.pid());
  ASSERT_TRUE(own.has_value() && childs.has_value());
  EXPECT_GE(childs->start_ticks, own->start_ticks);
}

TEST(ProcessStatTest, ANameMayLookLikeTheRestOfTheLine) {
  char before[16] = {};
  prctl(PR_GET_NAME, before);
  const auto plain = ReadProcessStat(getpid());
  prctl(PR_SET_NAME, "a) Z 1 (b) X 2");
  const auto odd = ReadProcessStat(getpid());
  prctl(PR_SET_NAME, before);
  ASSERT_TRUE(plain.has_value() && odd.has_value());
  EXPECT_EQ(odd->name, "a) Z 1 (b) X 2");
  EXPECT_TRUE(odd->alive());
  EXPECT_EQ(odd->start_ticks, plain->start_ticks);
}

TEST(ProcessStatTest, ANameIsSafeForATerminal) {
  char before[16] = {};
  prctl(PR_GET_NAME, before);
  prctl(PR_SET_NAME, "a\n\x1b[2J");
  const auto stat = ReadProcessStat(getpid());
  prctl(PR_SET_NAME, before);
  ASSERT_TRUE(stat.has_value());
  EXPECT_THAT(stat->name, ::testing::Not(::testing::HasSubstr("\x1b")));
  EXPECT_THAT(stat->name, ::testing::Not(::testing::HasSubstr("\n")));
}

TEST(ProcessStatTest, AStoppedProcessIsAlive) {
  Child child;
  child.Stop();
  const auto stat = ReadProcessStat(child.pid());
  ASSERT_TRUE(stat.has_value());
  EXPECT_TRUE(stat->stopped());
  EXPECT_TRUE(stat->alive());
}

TEST(ProcessStatTest, AZombieIsNotAlive) {
  Child child;
  child.MakeZombie();
  const auto stat = ReadProcessStat(child.pid());
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->state, 'Z');
  EXPECT_FALSE(stat->alive());
}

TEST(ProcessStatTest, AReapedProcessIsNone) {
  Child child;
  child.Reap();
  EXPECT_FALSE(ReadProcessStat(child.pid()).has_value());
}

TEST(ProcessStatTest, WhatIsNoPidIsNone) {
  EXPECT_FALSE(ReadProcessStat(0).has_value());
  EXPECT_FALSE(ReadProcessStat(-1).has_value());
}

TEST(PidfdTest, BecomesReadableWhenTheProcessEnds) {
  Child child;
  const Fd pidfd = OpenPidfd(child.pid());
  ASSERT_TRUE(pidfd.valid());
  EXPECT_FALSE(IsReadable(pidfd, 0));
  kill(child.pid(), SIGKILL);
  EXPECT_TRUE(IsReadable(pidfd, 10'000));
}

TEST(PidfdTest, IsInvalidForAProcessThatIsGone) {
  Child child;
  child.Reap();
  EXPECT_FALSE(OpenPidfd(child.pid()).valid());
}

TEST(BootIdTest, IsAUuidAndStays) {
  EXPECT_THAT(ReadBootId(), ::testing::MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_EQ(ReadBootId(), ReadBootId());
}

// A program with an environment of its own; killed and reaped at the end.
class Program {
 public:
  explicit Program(const std::vector<std::string>& environment) {
    std::vector<char*> envp = {const_cast<char*>("STARTED=1")};
    for (const std::string& entry : environment) envp.push_back(const_cast<char*>(entry.data()));
    envp.push_back(nullptr);
    char* const argv[] = {const_cast<char*>("cat"), nullptr};
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    input_ = Fd(ends[1]);
    const Fd output(ends[0]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output.get(), STDIN_FILENO);
    EXPECT_EQ(posix_spawn(&pid_, "/bin/cat", &actions, nullptr, argv, envp.data()), 0);
    posix_spawn_file_actions_destroy(&actions);
    // The kernel lets us go on before it shows what it has set up.
    EXPECT_TRUE(testing::WaitUntil([&] { return ReadProcessVariable(pid_, "STARTED") == "1"; }));
  }
  ~Program() {
    input_.Reset();
    waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }

 private:
  Fd input_;
  pid_t pid_ = -1;
};

TEST(ProcessVariableTest, IsWhatTheProgramWasStartedWith) {
  const Program program({"LEASE=1", "ZLEASE=2=3", "ZLEASE_PARENT_ID=4", "ZLEASE_PARENT=5",
                         "ZLEASE_PARENT=6", "EMPTY="});
  EXPECT_EQ(ReadProcessVariable(program.pid(), "ZLEASE_PARENT"), "5");
  EXPECT_EQ(ReadProcessVariable(program.pid(), "ZLEASE"), "2=3");
  EXPECT_EQ(ReadProcessVariable(program.pid(), "EMPTY"), "");
  EXPECT_EQ(ReadProcessVariable(program.pid(), "ABSENT"), std::nullopt);
  EXPECT_EQ(ReadProcessVariable(program.pid(), ""), std::nullopt);
}

TEST(ProcessVariableTest, LiesWithinTheFirstMebibyte) {
  const std::string filler = "F=" + std::string(100'000, 'x');
  std::vector<std::string> environment(8, filler);
  environment.push_back("NEAR=1");
  environment.insert(environment.end(), 4, filler);
  environment.push_back("FAR=1");
  const Program program(environment);
  EXPECT_EQ(ReadProcessVariable(program.pid(), "NEAR"), "1");
  EXPECT_EQ(ReadProcessVariable(program.pid(), "FAR"), std::nullopt);
}

TEST(ProcessVariableTest, ProcessThatHasEndedHasNone) {
  Child child;
  child.MakeZombie();
  EXPECT_EQ(ReadProcessVariable(child.pid(), "PATH"), std::nullopt);
  child.Reap();
  EXPECT_EQ(ReadProcessVariable(child.pid(), "PATH"), std::nullopt);
}

// `command` with spaces for its zero bytes.
std::string NameOf(absl::string_view name, std::string command) {
  for (char& c : command) c = c == ' ' ? '\0' : c;
  return ProgramName(name, command);
}

TEST(ProgramNameTest, OfAProgramItIsTheKernels) {
  EXPECT_EQ(NameOf("curl", "/usr/bin/curl http://x "), "curl");
  EXPECT_EQ(NameOf("claude", "claude "), "claude");
  EXPECT_EQ(NameOf("x", ""), "x");
}

TEST(ProgramNameTest, OfAScriptItIsItsFile) {
  EXPECT_EQ(NameOf("node", "/usr/bin/node /usr/local/bin/cn -p hi "), "cn");
  EXPECT_EQ(NameOf("MainThread", "node /opt/cline/cline.mjs --hub "), "cline");
  EXPECT_EQ(NameOf("python3", "/usr/bin/python3.11 ask.py "), "ask");
}

// As wrappers of npm's and Nix' packages call what they start.
TEST(ProgramNameTest, OfWhatAWrapperStartsItHasNoDot) {
  EXPECT_EQ(NameOf(".kilo", "/usr/lib/node_modules/@kilocode/cli/bin/.kilo run "), "kilo");
  EXPECT_EQ(NameOf("node", "node /opt/.kilo run "), "kilo");
  EXPECT_EQ(NameOf(".claude-wrapped", "/nix/store/x/bin/.claude-wrapped "), "claude");
  EXPECT_EQ(NameOf(".opencode-wrapp", "/nix/store/x/bin/.opencode-wrapped "), "opencode");
  EXPECT_EQ(NameOf(".zai-w", ".zai-w "), "zai-w");
  EXPECT_EQ(NameOf("a.out", "./a.out "), "a.out");
  for (const char* name : {".", "..", "...", ".-wrapped"}) EXPECT_NE(NameOf(name, ""), "") << name;
}

TEST(ProgramNameTest, InterpreterWithoutAScriptIsItself) {
  EXPECT_EQ(NameOf("python3", "python3 -c print() "), "python3");
  EXPECT_EQ(NameOf("node", "node "), "node");
  EXPECT_EQ(NameOf("node", "node /bin/\x1b[31m "), "node");
}

}  // namespace
}  // namespace zbroker
