#include "daemon/socket_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "client/base/unix_socket.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker {
namespace {

class SocketFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto file = SocketFile::Reserve(path_);
    ASSERT_OK(file);
    file_.emplace(*std::move(file));
    auto socket = file_->Listen();
    ASSERT_OK(socket);
    socket_ = *std::move(socket);
  }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("run/broker.sock");
  std::optional<SocketFile> file_;
  Fd socket_;
};

TEST_F(SocketFileTest, OneThatIsThereIsNotMadeAgain) {
  const auto again = file_->ListenAgainIfRemoved();
  ASSERT_OK(again);
  EXPECT_FALSE(again->has_value());
}

TEST_F(SocketFileTest, OneThatWasRemovedIsMadeAgain) {
  std::filesystem::remove(path_);
  const auto again = file_->ListenAgainIfRemoved();
  ASSERT_OK(again);
  ASSERT_TRUE(again->has_value());
  EXPECT_OK(ConnectUnix(path_));
}

TEST_F(SocketFileTest, OneWhoseDirectoryWasRemovedIsMadeAgain) {
  std::filesystem::remove_all(dir_.File("run"));
  const auto again = file_->ListenAgainIfRemoved();
  ASSERT_OK(again);
  EXPECT_OK(ConnectUnix(path_));
  EXPECT_THAT(SocketFile::Reserve(path_), testing::HasCode(absl::StatusCode::kAlreadyExists));
}

TEST_F(SocketFileTest, OnlyOursIsRemovedAtTheEnd) {
  std::filesystem::remove(path_);
  const auto others = ListenUnix(path_, 0600);
  ASSERT_OK(others);
  file_->Remove();
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(SocketFileTest, OursIsRemovedAtTheEnd) {
  file_->Remove();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace zbroker
