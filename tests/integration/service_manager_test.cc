// What a service manager hears of the daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

// One that listens where NOTIFY_SOCKET says.
class ServiceManager {
 public:
  explicit ServiceManager(const std::string& path)
      : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }

  // The next message that begins so, within 10 s; else the empty string.
  std::string Next(absl::string_view prefix) {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (absl::Now() < deadline) {
      pollfd poll_fd{fd_.get(), POLLIN, 0};
      if (poll(&poll_fd, 1, 100) != 1) continue;
      char text[1024];
      const ssize_t size = recv(fd_.get(), text, sizeof text, 0);
      const absl::string_view message(text, size < 0 ? 0 : static_cast<size_t>(size));
      if (absl::StartsWith(message, prefix)) return std::string(message);
    }
    return "";
  }

 private:
  const Fd fd_;
};

TEST(ServiceManagerTest, HearsWhenTheDaemonServesHowItStandsAndThatItWorks) {
  DaemonProcess files("[account.default.slots]\nlimit = 1\nlearn = false\n");
  const std::string path = files.dir().File("notify");
  ServiceManager manager(path);
  EnvironmentVariables environment = files.Environment();
  environment.emplace_back("NOTIFY_SOCKET", path);
  Process daemon = Process::Start({Program("zbrokerd")}, environment);
  EXPECT_EQ(manager.Next("READY=1"), "READY=1");
  EXPECT_EQ(manager.Next("STATUS="), "STATUS=0 of 1 slots");
  EXPECT_EQ(manager.Next("WATCHDOG="), "WATCHDOG=1");
  EXPECT_EQ(manager.Next("WATCHDOG="), "WATCHDOG=1") << "once a second";

  Process holder = files.StartZlease({"--", "sleep", "600"});
  EXPECT_EQ(manager.Next("STATUS="), "STATUS=1 of 1 slots");
  Process waiter = files.StartZlease({"--quiet", "--", "true"});
  EXPECT_EQ(manager.Next("STATUS="), "STATUS=1 of 1 slots, 1 waiting");
  waiter.Signal(SIGTERM);
  holder.Signal(SIGTERM);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(manager.Next("STOPPING="), "STOPPING=1");
  EXPECT_EQ(daemon.Wait().exit_status, 0);
}

}  // namespace
}  // namespace zbroker::testing
