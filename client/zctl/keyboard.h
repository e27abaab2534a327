// What is typed, as it is typed.
#ifndef ZBROKER_CLIENT_ZCTL_KEYBOARD_H_
#define ZBROKER_CLIENT_ZCTL_KEYBOARD_H_

#include <functional>
#include <thread>

#include "absl/strings/string_view.h"
#include "client/base/fd.h"

namespace zbroker::zctl {

// Reads a terminal on a thread of its own, until it ends or this is destroyed, which waits for a
// call that is under way.
class Keyboard {
 public:
  // Gets what was read at once: a character, the bytes of a special key, or what was pasted.
  using OnKeys = std::function<void(absl::string_view bytes)>;

  // `fd` stays open and the caller's.
  Keyboard(int fd, OnKeys on_keys);
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  // Whether there is somebody to type: a terminal, of which we are in the foreground.
  static bool IsAt(int fd);

 private:
  void Read();

  const int fd_;
  const OnKeys on_keys_;
  const Fd end_;  // an eventfd
  std::thread thread_;
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_KEYBOARD_H_
