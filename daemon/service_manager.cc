#include "daemon/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

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

void NotifyServiceManager(absl::string_view state) {
  const char* path = getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || (path[0] != '/' && path[0] != '@') ||
      strlen(path) >= sizeof address.sun_path) {
    return;
  }
  const Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return;
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path, strlen(path));
  if (path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + strlen(path));
  sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace zbroker
