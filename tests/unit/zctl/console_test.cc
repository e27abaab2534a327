#include "client/zctl/console.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/zctl/message_json.h"
#include "tests/unit/zctl/message.h"
#include "zbroker/v1/admin.pb.h"

namespace zbroker::zctl {
namespace {

// A pipe and a terminal of 30 lines and 100 columns, and an environment that says nothing.
class ConsoleTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pipe_out_ = Fd(ends[0]);
    pipe_in_ = Fd(ends[1]);
    winsize size{.ws_row = 30, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(openpty(&ends[0], &ends[1], nullptr, nullptr, &size), 0);
    terminal_out_ = Fd(ends[0]);
    terminal_ = Fd(ends[1]);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    unsetenv("LC_ALL");
  }

  static std::string ReadFrom(const Fd& fd) {
    char buffer[4096];
    const ssize_t count = read(fd.get(), buffer, sizeof buffer);
    return std::string(buffer, count > 0 ? static_cast<size_t>(count) : 0);
  }
  std::string Piped() const { return ReadFrom(pipe_out_); }
  std::string Shown() const { return ReadFrom(terminal_out_); }

  ViewOptions ViewOf(const Fd& fd, ColorMode color = ColorMode::kAuto) const {
    return Console(fd.get(), color).view();
  }

  Fd pipe_out_, pipe_in_, terminal_out_, terminal_;
};

TEST_F(ConsoleTest, TerminalHasColor) { EXPECT_TRUE(ViewOf(terminal_).color); }

TEST_F(ConsoleTest, PipeHasNone) { EXPECT_FALSE(ViewOf(pipe_in_).color); }

TEST_F(ConsoleTest, NoColorTurnsItOff) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(ViewOf(terminal_).color);
}

TEST_F(ConsoleTest, EmptyNoColorSaysNothing) {
  setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(ViewOf(terminal_).color);
}

TEST_F(ConsoleTest, DumbTerminalHasNeitherColorNorScreen) {
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(ViewOf(terminal_).color);
  EXPECT_EQ(Console(terminal_.get(), ColorMode::kAuto).screen_rows(), 0u);
}

TEST_F(ConsoleTest, ModeOverridesWhatIsFound) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_TRUE(ViewOf(pipe_in_, ColorMode::kAlways).color);
  unsetenv("NO_COLOR");
  EXPECT_FALSE(ViewOf(terminal_, ColorMode::kNever).color);
}

TEST_F(ConsoleTest, TerminalOfAnotherCharsetGetsAscii) {
  setenv("LC_ALL", "C", 1);
  ASSERT_TRUE(Console(terminal_.get(), ColorMode::kAuto).Print("5h · █").ok());
  EXPECT_EQ(Shown(), "5h - #");
  ASSERT_TRUE(Console(pipe_in_.get(), ColorMode::kAuto).Print("5h · █").ok());
  EXPECT_EQ(Piped(), "5h · █") << "a job's LANG=C says nothing of who reads it";
  setenv("LC_ALL", "C.UTF-8", 1);
  ASSERT_TRUE(Console(terminal_.get(), ColorMode::kAuto).Print("5h · █").ok());
  EXPECT_EQ(Shown(), "5h · █");
}

TEST_F(ConsoleTest, TerminalIsAsWideAsItIs) {
  setenv("COLUMNS", "40", 1);
  EXPECT_EQ(ViewOf(terminal_).columns, 100u);
  EXPECT_EQ(Console(terminal_.get(), ColorMode::kAuto).screen_rows(), 30u);
}

TEST_F(ConsoleTest, PipeIsAsWideAsColumnsSays) {
  EXPECT_EQ(ViewOf(pipe_in_).columns, ViewOptions::kUnbounded);
  setenv("COLUMNS", "40", 1);
  EXPECT_EQ(ViewOf(pipe_in_).columns, 40u);
  setenv("COLUMNS", "wide", 1);
  EXPECT_EQ(ViewOf(pipe_in_).columns, ViewOptions::kUnbounded);
}

TEST_F(ConsoleTest, PipeCanNotBeDrawnOver) {
  EXPECT_EQ(Console(pipe_in_.get(), ColorMode::kAuto).screen_rows(), 0u);
}

TEST_F(ConsoleTest, JsonIsOneLineForAProgram) {
  Console console(pipe_in_.get(), ColorMode::kAuto);
  ASSERT_TRUE(console.PrintJson(Parse<v1::PauseReply>("account: 'a'")).ok());
  EXPECT_EQ(Piped(), "{\"schema_version\":1,\"account\":\"a\"}\n");
}

TEST_F(ConsoleTest, FailureFollowsWholeAnswersOnly) {
  const absl::Status status = absl::NotFoundError("gone");
  const std::string failure = absl::StrCat(ToFailure(status, 1, JsonStyle::kOneLine), "\n");
  Console console(pipe_in_.get(), ColorMode::kAuto);
  console.PrintFailure(status, 1);
  EXPECT_EQ(Piped(), failure);
  ASSERT_TRUE(console.Print("{}\n").ok());
  console.PrintFailure(status, 1);
  EXPECT_EQ(Piped(), "{}\n" + failure);
  ASSERT_TRUE(console.Print("{\"rows\":[").ok());
  console.PrintFailure(status, 1);
  EXPECT_EQ(Piped(), "{\"rows\":[");
}

TEST_F(ConsoleTest, FullDiskIsAnError) {
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) GTEST_SKIP() << "no /dev/full here";
  const absl::Status status = Console(full.get(), ColorMode::kAuto).Print("x");
  EXPECT_EQ(status, absl::DataLossError("writing the answer: No space left on device"));
}

}  // namespace
}  // namespace zbroker::zctl
