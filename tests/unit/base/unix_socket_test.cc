#include "client/base/unix_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;

class UnixSocketTest : public ::testing::Test {
 protected:
  // A path in our directory that is `bytes` long.
  std::string PathOf(size_t bytes) const {
    return dir_.File(std::string(bytes - dir_.path().size() - 1, 's'));
  }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("broker.sock");
};

TEST_F(UnixSocketTest, ConnectingReachesTheListener) {
  const auto listener = ListenUnix(path_, 0600);
  ASSERT_OK(listener);
  const auto client = ConnectUnix(path_);
  ASSERT_OK(client);
  const Fd served(accept(listener->get(), nullptr, nullptr));
  ASSERT_TRUE(served.valid());
  char byte = 0;
  EXPECT_EQ(write(client->get(), "x", 1), 1);
  EXPECT_EQ(read(served.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST_F(UnixSocketTest, WhatIsNoSocketStaysAsItIs) {
  testing::WriteFile(path_, "precious");
  EXPECT_THAT(ListenUnix(path_, 0600),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("is no socket")));
  EXPECT_THAT(ConnectUnix(path_), HasCode(absl::StatusCode::kInvalidArgument));
  RemoveSocket(path_);
  EXPECT_EQ(testing::ReadFile(path_), "precious");
}

TEST_F(UnixSocketTest, SocketsNeitherBlockNorLeakIntoChildren) {
  const auto listener = ListenUnix(path_, 0600);
  const auto client = ConnectUnix(path_);
  ASSERT_OK(listener);
  ASSERT_OK(client);
  for (const int fd : {listener->get(), client->get()}) {
    EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST_F(UnixSocketTest, ListenerHasTheModeAskedForWhateverTheUmask) {
  const mode_t before = umask(0077);
  const auto listener = ListenUnix(path_, 0660);
  umask(before);
  ASSERT_OK(listener);
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0660U);
}

TEST_F(UnixSocketTest, NothingAtThePathIsNotFound) {
  EXPECT_THAT(ConnectUnix(path_),
              Fails(absl::StatusCode::kNotFound, HasSubstr("can't connect to " + path_)));
}

TEST_F(UnixSocketTest, ASocketWithoutAListenerIsUnavailable) {
  ListenUnix(path_, 0600)->Reset();
  EXPECT_THAT(ConnectUnix(path_), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(UnixSocketTest, ListeningReplacesWhatADeadDaemonLeft) {
  ListenUnix(path_, 0600)->Reset();
  const auto listener = ListenUnix(path_, 0600);
  ASSERT_OK(listener);
  EXPECT_OK(ConnectUnix(path_));
}

TEST_F(UnixSocketTest, ListeningNeverReplacesADirectory) {
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
  EXPECT_THAT(ListenUnix(path_, 0600),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("is no socket")));
}

TEST_F(UnixSocketTest, ThePathMayHave107Bytes) {
  const std::string longest = PathOf(107);
  const auto listener = ListenUnix(longest, 0600);
  ASSERT_OK(listener);
  EXPECT_OK(ConnectUnix(longest));
}

TEST_F(UnixSocketTest, APathOf108BytesIsRefusedBeforeAnythingIsMade) {
  const std::string too_long = PathOf(108);
  EXPECT_THAT(ListenUnix(too_long, 0600),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("108 bytes long")));
  EXPECT_THAT(ConnectUnix(too_long),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("the kernel takes 107")));
}

TEST_F(UnixSocketTest, TheEmptyPathIsRefused) {
  EXPECT_THAT(ConnectUnix(""), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(UnixSocketTest, BothEndsLearnWhoTheOtherIs) {
  const auto listener = ListenUnix(path_, 0600);
  ASSERT_OK(listener);
  const auto client = ConnectUnix(path_);
  ASSERT_OK(client);
  const Fd served(accept(listener->get(), nullptr, nullptr));
  for (const int fd : {client->get(), served.get()}) {
    const auto peer = PeerCredentials(fd);
    ASSERT_OK(peer);
    EXPECT_EQ(peer->pid, getpid());
    EXPECT_EQ(peer->uid, geteuid());
    EXPECT_EQ(peer->gid, getegid());
  }
}

TEST_F(UnixSocketTest, WhatIsNoSocketHasNoPeer) {
  const Fd file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(PeerCredentials(file.get()).ok());
}

}  // namespace
}  // namespace zbroker
