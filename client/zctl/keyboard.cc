#include "client/zctl/keyboard.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace zbroker::zctl {
namespace {

constexpr int kForegroundLookMs = 200;

}  // namespace

Keyboard::Keyboard(int fd, OnKeys on_keys)
    : fd_(fd),
      on_keys_(std::move(on_keys)),
      end_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Read(); }) {}

Keyboard::~Keyboard() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(end_.get(), &one, sizeof one);
  thread_.join();
}

bool Keyboard::IsAt(int fd) { return isatty(fd) == 1 && tcgetpgrp(fd) == getpgrp(); }

void Keyboard::Read() {
  std::array<char, 256> bytes;
  for (;;) {
    pollfd waits[2] = {{fd_, POLLIN, 0}, {end_.get(), POLLIN, 0}};
    if (poll(waits, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (waits[1].revents != 0) return;
    // What is typed is somebody else's, and reading it would stop us.
    if (!IsAt(fd_)) {
      poll(&waits[1], 1, kForegroundLookMs);
      continue;
    }
    const ssize_t size = read(fd_, bytes.data(), bytes.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) return;  // the terminal has gone
    on_keys_({bytes.data(), static_cast<size_t>(size)});
  }
}

}  // namespace zbroker::zctl
