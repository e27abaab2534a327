#include "client/zctl/console.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/zctl/ascii.h"
#include "client/zctl/message_json.h"

namespace zbroker::zctl {
namespace {

constexpr size_t kUsualColumns = 80;
constexpr size_t kUsualRows = 24;

absl::string_view Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

bool WantsColor(ColorMode mode, bool terminal, bool dumb) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  return terminal && !dumb && Environment("NO_COLOR").empty();
}

// What the variable says, 0 when it says nothing useful.
size_t NumberIn(const char* variable) {
  uint32_t number = 0;
  return absl::SimpleAtoi(Environment(variable), &number) ? number : 0;
}

}  // namespace

Console::Console(int fd, ColorMode color)
    : fd_(fd),
      terminal_(isatty(fd) == 1),
      dumb_(Environment("TERM").empty() || Environment("TERM") == "dumb"),
      color_(WantsColor(color, terminal_, dumb_)),
      ascii_(terminal_ &&
             IsOtherCharset(Environment("LC_ALL"), Environment("LC_CTYPE"), Environment("LANG"))) {}

absl::Status Console::Print(absl::string_view text) {
  if (!text.empty()) within_line_ = text.back() != '\n';
  const std::string ascii = ascii_ ? ToAscii(text) : "";
  if (ascii_) text = ascii;
  while (!text.empty()) {
    const ssize_t written = write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      // Somebody who shares the terminal or pipe with us has made it non-blocking.
      pollfd writable{fd_, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return absl::DataLossError(ErrnoToStatus(errno, "writing the answer").message());
    }
  }
  return absl::OkStatus();
}

absl::Status Console::PrintJson(const google::protobuf::Message& message) {
  const JsonStyle style = view().indent_json ? JsonStyle::kIndented : JsonStyle::kOneLine;
  return Print(absl::StrCat(ToAnswer(message, style), "\n"));
}

void Console::PrintFailure(const absl::Status& status, int exit_code) {
  if (within_line_) return;
  const JsonStyle style = view().indent_json ? JsonStyle::kIndented : JsonStyle::kOneLine;
  // It can't be written either if that is what failed; standard error has it too.
  Print(absl::StrCat(ToFailure(status, exit_code, style), "\n")).IgnoreError();
}

void Console::Warn(absl::string_view text) const {
  const std::string line = absl::StrCat("zctl: ", text, "\n");
  fwrite(line.data(), 1, line.size(), stderr);
}

ViewOptions Console::view() const {
  ViewOptions options;
  options.color = color_;
  options.indent_json = terminal_;
  winsize size{};
  if (terminal_ && ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.columns = size.ws_col;
  } else if (const size_t columns = NumberIn("COLUMNS"); columns > 0) {
    options.columns = columns;
  } else if (terminal_) {
    options.columns = kUsualColumns;
  }
  return options;
}

size_t Console::screen_rows() const {
  if (!terminal_ || dumb_) return 0;
  winsize size{};
  if (ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return size.ws_row;
  return kUsualRows;
}

}  // namespace zbroker::zctl
