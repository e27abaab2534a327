#include "daemon/log_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "client/base/fd.h"
#include "client/base/log.h"
#include "tests/testing/temp_dir.h"

namespace zbroker {
namespace {

class LogFileTest : public ::testing::Test {
 protected:
  // From here on standard error goes to the log.
  void LogTo(size_t bytes) {
    testing::WriteFile(path_, std::string(bytes, '.'));
    const Fd log(open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    dup2(log.get(), STDERR_FILENO);
  }
  ~LogFileTest() override { dup2(before_.get(), STDERR_FILENO); }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("zbrokerd.log");
  const std::string old_ = path_ + ".old";
  const Fd before_{dup(STDERR_FILENO)};
};

TEST_F(LogFileTest, OneThatHasGrownIsMovedAsideAndBegunAnew) {
  LogTo(kLogFileBytesMax + 1);
  KeepLogShort(path_);
  EXPECT_EQ(std::filesystem::file_size(old_), static_cast<size_t>(kLogFileBytesMax + 1));
  EXPECT_EQ(std::filesystem::file_size(path_), 0u);
  LogInfo("later");
  EXPECT_NE(testing::ReadFile(path_).find("later"), std::string::npos);
}

TEST_F(LogFileTest, AShortOneIsLeftAlone) {
  LogTo(kLogFileBytesMax);
  KeepLogShort(path_);
  EXPECT_FALSE(std::filesystem::exists(old_));
}

TEST_F(LogFileTest, AFileThatIsNotOurStandardErrorIsLeftAlone) {
  LogTo(kLogFileBytesMax + 1);
  const std::string other = dir_.File("other.log");
  testing::WriteFile(other, "");
  KeepLogShort(other);
  EXPECT_FALSE(std::filesystem::exists(other + ".old"));
}

}  // namespace
}  // namespace zbroker
