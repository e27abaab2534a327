// LoadConfig: what can be wrong with a file before what is in it.
#include "daemon/config/load.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/ordinary_user.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::config {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;

class LoadConfigTest : public ::testing::Test {
 protected:
  std::string PathOf(const std::string& name) const { return directory_.File(name); }

  std::string WriteFile(const std::string& text) const {
    const std::string path = PathOf("zbroker.toml");
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // A valid file of that size: comments, in lines that are not too long.
  std::string WriteComments(size_t bytes) const {
    std::string text(bytes, '#');
    for (size_t i = 99; i < bytes; i += 100) text[i] = '\n';
    return WriteFile(text);
  }

  const zbroker::testing::TempDir directory_;
};

TEST_F(LoadConfigTest, NoPathGivesTheDefaults) {
  const auto config = LoadConfig("");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(*config, core::BrokerConfig::Defaults());
}

TEST_F(LoadConfigTest, AnEmptyFileGivesTheDefaults) {
  const auto config = LoadConfig(WriteFile(""));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(*config, core::BrokerConfig::Defaults());
}

TEST_F(LoadConfigTest, TheNullDeviceGivesTheDefaults) {
  const auto config = LoadConfig("/dev/null");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(*config, core::BrokerConfig::Defaults());
}

TEST_F(LoadConfigTest, ReadsTheFile) {
  const auto config = LoadConfig(WriteFile("[broker]\nqueue_max = 7\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->queue_max, 7u);
}

TEST_F(LoadConfigTest, AMistakeIsReportedWithThePath) {
  const std::string path = WriteFile("[broker]\nqueue_max = 0\n");
  EXPECT_EQ(LoadConfig(path).status(),
            absl::InvalidArgumentError(absl::StrCat(
                path, ":2: broker.queue_max: found 0; expected an integer from 1 to 1000000")));
}

TEST_F(LoadConfigTest, AnAbsentFileIsNotFound) {
  const std::string path = PathOf("absent.toml");
  EXPECT_EQ(LoadConfig(path).status(),
            absl::NotFoundError(
                absl::StrCat("configuration file ", path, ": No such file or directory")));
}

TEST_F(LoadConfigTest, AFileForOthersIsDenied) {
  const std::string path = WriteFile("");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  const zbroker::testing::AsOrdinaryUser user(directory_);
  EXPECT_EQ(LoadConfig(path).status(), absl::PermissionDeniedError(absl::StrCat(
                                           "configuration file ", path, ": Permission denied")));
}

TEST_F(LoadConfigTest, ADirectoryIsRefused) {
  EXPECT_EQ(LoadConfig(directory_.path()).status(),
            absl::FailedPreconditionError(
                absl::StrCat("configuration file ", directory_.path(), ": Is a directory")));
}

TEST_F(LoadConfigTest, APipeIsRefusedWithoutWaiting) {
  const std::string path = PathOf("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(LoadConfig(path).status(),
            absl::FailedPreconditionError(
                absl::StrCat("configuration file ", path, ": is a pipe; expected a file")));
}

TEST_F(LoadConfigTest, AFileOfTheLargestSizeIsRead) {
  EXPECT_EQ(LoadConfig(WriteComments(kFileBytesMax)).status(), absl::OkStatus());
}

TEST_F(LoadConfigTest, ALargerFileIsRefused) {
  const std::string path = WriteComments(kFileBytesMax + 1);
  EXPECT_EQ(LoadConfig(path).status(),
            absl::InvalidArgumentError(absl::StrCat(
                "configuration file ", path, ": too large; expected at most 1048576 bytes")));
}

TEST_F(LoadConfigTest, AnEndlessDeviceIsRefused) {
  EXPECT_EQ(LoadConfig("/dev/zero").status(),
            absl::InvalidArgumentError(
                "configuration file /dev/zero: too large; expected at most 1048576 bytes"));
}

}  // namespace
}  // namespace zbroker::config
