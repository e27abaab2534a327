#include "tests/bench/workspace.h"

#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"

namespace zbroker::bench {
namespace {

void Remove(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Workspace>> Workspace::Create(const std::string& parent) {
  // Short: the paths of sockets may not exceed 107 bytes.
  std::string path = absl::StrCat(parent, "/zbench-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return ErrnoToStatus(errno, absl::StrCat("can't make a directory in ", parent));
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([path, signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    Remove(path);
    _exit(128 + signal);  // the children die with us
  }).detach();
  return std::unique_ptr<Workspace>(new Workspace(path));
}

Workspace::~Workspace() { Remove(path_); }

bool Workspace::IsInMemory() const {
  struct statfs info {};
  return statfs(path_.c_str(), &info) == 0 && info.f_type == TMPFS_MAGIC;
}

}  // namespace zbroker::bench
