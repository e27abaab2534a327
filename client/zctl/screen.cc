#include "client/zctl/screen.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace zbroker::zctl {
namespace {

// Alternate screen, no cursor, no wrapping of long lines; and all of it back.
constexpr char kEnter[] = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr char kLeave[] = "\x1b[?7h\x1b[?25h\x1b[?1049l";

// The signals a person or the system ends or stops a program with. A gRPC call may be blocking the
// main thread, so their handler does the tidying itself: it calls nothing but write, tcsetattr,
// sigaction and the like, which POSIX allows there.
constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

std::atomic<int> screen_fd{-1};
std::atomic<int> keyboard_fd{-1};
termios usual_settings;  // of the keyboard; set before keyboard_fd is
static_assert(std::atomic<int>::is_always_lock_free);

template <size_t kSize>
void WriteCodes(const char (&codes)[kSize]) {
  // Nothing to be done about a terminal that has gone.
  [[maybe_unused]] const ssize_t written = write(screen_fd, codes, kSize - 1);
}

// Keys one by one and unseen; Ctrl-C and Ctrl-Z go on to be signals.
void ReadKeyByKey() {
  // In the background that would stop us.
  if (keyboard_fd < 0 || tcgetpgrp(keyboard_fd) != getpgrp()) return;
  termios settings = usual_settings;
  settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  tcsetattr(keyboard_fd, TCSANOW, &settings);
}

void ReadAsUsual() {
  if (keyboard_fd < 0 || tcgetpgrp(keyboard_fd) != getpgrp()) return;
  tcsetattr(keyboard_fd, TCSANOW, &usual_settings);
}

void Catch(int signal);

// One shot and not blocked while it is handled, so that raising it again inside the handler has the
// default effect: the parent sees that the signal ended or stopped us.
void Install(int signal) {
  struct sigaction action {};
  action.sa_handler = Catch;
  action.sa_flags = SA_RESETHAND | SA_NODEFER | SA_RESTART;
  sigaction(signal, &action, nullptr);
}

void Catch(int signal) {
  const int saved_errno = errno;
  WriteCodes(kLeave);
  ReadAsUsual();
  raise(signal);
  // Only a stop comes back from there, when the process is continued.
  Install(signal);
  ReadKeyByKey();
  WriteCodes(kEnter);
  errno = saved_errno;
}

// A parent such as nohup has decided on the signals that it ignores.
bool IsIgnored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

std::string ComposeFrame(absl::string_view text, size_t rows, absl::string_view footer) {
  if (rows <= 1) footer = "";
  if (!footer.empty()) --rows;
  std::vector<std::string> lines = absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  if (lines.size() > rows && rows > 0) {
    const size_t missing = lines.size() - rows + 1;
    lines.resize(rows - 1);
    lines.push_back(absl::StrCat("… ", missing, " more lines"));
  }
  // Erased before it is written: after a line that is as wide as the screen the cursor stands on
  // its last character, which would go too.
  std::string frame = "\x1b[H";
  for (size_t i = 0; i < lines.size(); ++i) {
    // No line end after the last line: at the bottom it would scroll.
    absl::StrAppend(&frame, i == 0 ? "" : "\r\n", "\x1b[K", lines[i]);
  }
  if (!footer.empty()) return absl::StrCat(frame, "\r\n\x1b[J", footer);
  const bool more_below = lines.size() < rows;
  return absl::StrCat(frame, more_below ? "\r\n\x1b[J" : "");
}

Screen::Screen(int fd, int keyboard) {
  screen_fd = fd;
  if (keyboard != kNoKeyboard && tcgetattr(keyboard, &usual_settings) == 0) keyboard_fd = keyboard;
  // Before the screen changes: a signal in between must find its handler.
  for (const int signal : kSignals) {
    if (!IsIgnored(signal)) Install(signal);
  }
  ReadKeyByKey();
  WriteCodes(kEnter);
}

Screen::~Screen() {
  WriteCodes(kLeave);
  ReadAsUsual();
  for (const int number : kSignals) {
    if (!IsIgnored(number)) signal(number, SIG_DFL);
  }
  keyboard_fd = -1;
  screen_fd = -1;
}

}  // namespace zbroker::zctl
