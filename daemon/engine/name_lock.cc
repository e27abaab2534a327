#include "daemon/engine/name_lock.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/base/log.h"
#include "client/base/status.h"
#include "client/base/unix_socket.h"

namespace zbroker::engine {
namespace {

constexpr int kAskersMax = 128;

// FNV-1a: the name must be the same in every version, and a path may be longer than a name.
uint64_t Hash(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

struct Address {
  sockaddr_un name{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

Address AddressOf(const std::string& path) {
  const std::string text = absl::StrFormat("zbrokerd/%d/%016x", geteuid(), Hash(path));
  Address address;
  address.name.sun_family = AF_UNIX;
  // The byte before it stays zero, which makes it an abstract name.
  memcpy(address.name.sun_path + 1, text.data(), text.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return address;
}

// Who listens there; empty when it can't be told.
std::optional<ucred> OwnerOf(const Address& address) {
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid() || connect(socket.get(), address.get(), address.size) != 0) {
    return std::nullopt;
  }
  const auto owner = PeerCredentials(socket.get());
  return owner.ok() ? std::optional<ucred>(*owner) : std::nullopt;
}

}  // namespace

absl::StatusOr<NameLock> NameLock::Take(const std::string& path) {
  const Address address = AddressOf(path);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return ErrnoToStatus(errno, "can't make a socket");
  if (bind(socket.get(), address.get(), address.size) == 0) {
    if (listen(socket.get(), kAskersMax) != 0) return ErrnoToStatus(errno, "can't listen");
    return NameLock(std::move(socket));
  }
  if (errno != EADDRINUSE) return ErrnoToStatus(errno, "can't take the lock of the name");
  const auto owner = OwnerOf(address);
  if (!owner || (owner->uid != geteuid() && owner->uid != 0)) {
    LogWarning("a process of another user has taken the name that keeps a second daemon off ", path,
               "; the lock file alone does now");
    return NameLock(Fd());
  }
  return absl::AlreadyExistsError(absl::StrCat(
      "another zbrokerd (pid ", owner->pid, ") still has leases that were granted from ", path,
      " before this was removed; it ends with the last of them; if it can't be waited for: kill ",
      owner->pid));
}

void NameLock::AnswerThoseWhoAsk() {
  while (socket_.valid() && Fd(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)).valid()) {
  }
}

}  // namespace zbroker::engine
