// `zctl status --watch` at a terminal: its keys, and what it leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

// A terminal of 100 columns with a zctl on it.
class WatchTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }
  void TearDown() override {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }

  void Watch() {
    winsize size{.ws_row = 40, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    int terminal = -1;
    const std::string program = Program("zctl");
    const EnvironmentVariables environment = daemon_.Environment();
    pid_ = forkpty(&terminal, nullptr, nullptr, &size);
    ASSERT_GE(pid_, 0);
    if (pid_ == 0) {
      for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
      setenv("TERM", "xterm", 1);
      setenv("LC_ALL", "C.UTF-8", 1);
      execl(program.c_str(), "zctl", "status", "--watch", "--interval", "100ms", nullptr);
      _exit(127);
    }
    terminal_ = Fd(terminal);
  }

  void Type(const std::string& keys) const {
    ASSERT_EQ(write(terminal_.get(), keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }

  // Whether it comes to show the text after what was shown last.
  bool Shows(const std::string& text) {
    return WaitUntil([&] {
      ReadMore();
      const size_t found = shown_.find(text);
      if (found == std::string::npos) return false;
      shown_.erase(0, found + text.size());
      return true;
    });
  }

  // How it ended, as waitpid says; it must.
  int End() {
    int status = -1;
    EXPECT_TRUE(WaitUntil([&] {
      ReadMore();
      return waitpid(pid_, &status, WNOHANG) == pid_;
    }));
    pid_ = -1;
    return status;
  }

  bool Echoes() const {
    termios settings{};
    EXPECT_EQ(tcgetattr(terminal_.get(), &settings), 0);
    return (settings.c_lflag & ECHO) != 0 && (settings.c_lflag & ICANON) != 0;
  }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n"};
  std::string shown_;
  pid_t pid_ = -1;

 private:
  void ReadMore() {
    pollfd readable{terminal_.get(), POLLIN, 0};
    std::array<char, 8192> bytes;
    while (poll(&readable, 1, 0) > 0) {
      const ssize_t size = read(terminal_.get(), bytes.data(), bytes.size());
      if (size <= 0) return;
      shown_.append(bytes.data(), static_cast<size_t>(size));
    }
  }

  Fd terminal_;
};

TEST_F(WatchTest, QuitLeavesTheTerminalAsItWas) {
  Watch();
  ASSERT_TRUE(Shows("? help"));
  EXPECT_FALSE(Echoes());
  Type("q");
  const int status = End();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_TRUE(Shows("\x1b[?1049l"));
  EXPECT_TRUE(Echoes());
}

TEST_F(WatchTest, InterruptLeavesTheTerminalAsItWas) {
  Watch();
  ASSERT_TRUE(Shows("? help"));
  Type("\x03");
  const int status = End();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  EXPECT_TRUE(Shows("\x1b[?1049l"));
  EXPECT_TRUE(Echoes());
}

TEST_F(WatchTest, RevokesALeaseAfterAQuestion) {
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  Watch();
  ASSERT_TRUE(Shows("sleep"));
  Type("r1\r");
  ASSERT_TRUE(Shows("revoke lease 1 of sleep? y/n"));
  EXPECT_EQ(daemon_.Slots().in_flight(), 1U);
  Type("y");
  EXPECT_TRUE(Shows("lease 1: revoked"));
  EXPECT_TRUE(WaitUntil([&] { return daemon_.Slots().in_flight() == 0; }));
}

TEST_F(WatchTest, PausesAndResumesAClass) {
  Watch();
  ASSERT_TRUE(Shows("? help"));
  Type("pb");
  EXPECT_TRUE(Shows("default: paused until"));
  EXPECT_EQ(daemon_.Status().accounts(0).pauses_size(), 1);
  ASSERT_TRUE(Shows("background work is paused"));
  Type("pb");
  EXPECT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).pauses().empty(); }));
}

TEST_F(WatchTest, KeysWorkWhileTheDaemonIsAwayAndAfter) {
  Watch();
  ASSERT_TRUE(Shows("? help"));
  daemon_.Stop(SIGTERM);
  ASSERT_TRUE(Shows("daemon away"));
  Type("s");
  EXPECT_TRUE(Shows("longest first"));
  Type("p");
  EXPECT_TRUE(Shows("pause/resume in default"));
  Type("b");
  EXPECT_TRUE(Shows("daemon"));
  daemon_.Start();
  ASSERT_TRUE(Shows(absl::StrCat("pid ", daemon_.RunningPid())));
  Type("q");
  EXPECT_EQ(End(), 0);
}

}  // namespace
}  // namespace zbroker::testing
