#include "client/base/inherited_socket.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/numbers.h"

namespace zbroker {
namespace {

constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START

}  // namespace

Fd TakeInheritedSocket() {
  const char* pid_text = getenv("LISTEN_PID");
  const char* count_text = getenv("LISTEN_FDS");
  int pid = 0;
  int count = 0;
  const bool for_us = pid_text != nullptr && count_text != nullptr &&
                      absl::SimpleAtoi(pid_text, &pid) && pid == getpid() &&
                      absl::SimpleAtoi(count_text, &count) && count >= 1;
  unsetenv("LISTEN_PID");
  unsetenv("LISTEN_FDS");
  unsetenv("LISTEN_FDNAMES");
  if (!for_us) return Fd();
  fcntl(kFirstInherited, F_SETFD, FD_CLOEXEC);
  const int flags = fcntl(kFirstInherited, F_GETFL);
  if (flags >= 0) fcntl(kFirstInherited, F_SETFL, flags | O_NONBLOCK);
  return Fd(kFirstInherited);
}

}  // namespace zbroker
