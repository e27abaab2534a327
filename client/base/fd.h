#ifndef ZBROKER_CLIENT_BASE_FD_H_
#define ZBROKER_CLIENT_BASE_FD_H_

#include <unistd.h>

#include <utility>

namespace zbroker {

// Owns a file descriptor and closes it. Move-only; holds none by default.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Gives up ownership.
  int Release() { return std::exchange(fd_, -1); }
  void Reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_FD_H_
