#include "daemon/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "client/base/fd.h"

namespace zbroker {

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

bool HasServiceManager() {
  const char* path = getenv("NOTIFY_SOCKET");
  return path != nullptr && path[0] != '\0';
}

void Watchdog::LookTaken(BootTime at) {
  MutexLock lock(mutex_);
  look_before_ = look_;
  look_ = at;
}

bool Watchdog::LookAnswered(BootTime thread_seen) {
  MutexLock lock(mutex_);
  return thread_seen >= look_before_;
}

bool StatusLine::Changes(const std::string& text) {
  MutexLock lock(mutex_);
  if (text == text_) return false;
  text_ = text;
  return true;
}

}  // namespace zbroker
