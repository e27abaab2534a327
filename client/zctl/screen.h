// Drawing over and over on one terminal screen.
#ifndef ZBROKER_CLIENT_ZCTL_SCREEN_H_
#define ZBROKER_CLIENT_ZCTL_SCREEN_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

// The bytes that turn whatever the screen shows into `text`, without clearing it in between, which
// would flicker. Of a text with more than `rows` lines, the last line says how many are missing.
// The footer, a line, is below the text whatever the length of that; empty: there is none.
std::string ComposeFrame(absl::string_view text, size_t rows, absl::string_view footer = "");

// The terminal's alternate screen, without cursor and line wrapping. What was on the terminal
// before comes back when this is destroyed, when a signal ends the process, and while Ctrl-Z stops
// it. Only one at a time.
class Screen {
 public:
  static constexpr int kNoKeyboard = -1;

  // What is typed on `keyboard` comes key by key meanwhile, and is not shown. REQUIRES: `fd` is a
  // terminal, and so is `keyboard`, if it is given.
  explicit Screen(int fd, int keyboard = kNoKeyboard);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_SCREEN_H_
