// Drawing over and over on one terminal screen.
#ifndef ZBROKER_CLIENT_ZCTL_SCREEN_H_
#define ZBROKER_CLIENT_ZCTL_SCREEN_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

// The bytes that turn whatever the screen shows into `text`, without clearing it in between, which
// would flicker. Of a text with more than `rows` lines, the last line says how many are missing.
std::string ComposeFrame(absl::string_view text, size_t rows);

// The terminal's alternate screen, without cursor and line wrapping. What was on the terminal
// before comes back when this is destroyed, when a signal ends the process, and while Ctrl-Z stops
// it. Only one at a time.
class Screen {
 public:
  // REQUIRES: `fd` is a terminal.
  explicit Screen(int fd);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_SCREEN_H_
