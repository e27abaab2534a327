#include "shims/process/private_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::process {
namespace {

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

class PrivateFileTest : public ::testing::Test {
 protected:
  const testing::TempDir dir_;
};

TEST_F(PrivateFileTest, OnlyItsOwnerMayReadIt) {
  const auto file = PrivateFile::Create(dir_.File("state"), {}, "secret");
  ASSERT_OK(file);
  EXPECT_EQ(testing::ReadFile(file->path()), "secret");
  struct stat info {};
  ASSERT_EQ(stat(file->path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(PrivateFileTest, IsRemovedAtItsEnd) {
  std::string path;
  {
    auto file = PrivateFile::Create(dir_.path(), {}, "");
    ASSERT_OK(file);
    const PrivateFile moved = *std::move(file);
    path = moved.path();
    EXPECT_TRUE(Exists(path));
  }
  EXPECT_FALSE(Exists(path));
}

// As one leaves it behind that is killed.
void Abandon(const testing::TempDir& state, const std::string& mark, const std::string& file) {
  testing::WriteFile(file, "abandoned");
  testing::WriteFile(state.File("settings-" + mark + ".lock"), file);
}

TEST_F(PrivateFileTest, AbandonedOnesAreRemovedAndThoseInUseStay) {
  Abandon(dir_, "abcdef", dir_.File("settings-abcdef.json"));
  testing::WriteFile(dir_.File("settings.json"), "not ours");
  const auto first = PrivateFile::Create(dir_.path(), {}, "1");
  const auto second = PrivateFile::Create(dir_.path(), {}, "2");
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_FALSE(Exists(dir_.File("settings-abcdef.json")));
  EXPECT_FALSE(Exists(dir_.File("settings-abcdef.lock")));
  EXPECT_TRUE(Exists(dir_.File("settings.json")));
  EXPECT_EQ(testing::ReadFile(first->path()), "1");
  EXPECT_NE(first->path(), second->path());
}

TEST_F(PrivateFileTest, AbandonedOneInTheDirectoryOfAToolIsRemovedByTheNextOfAnyTool) {
  const testing::TempDir tool;
  Abandon(dir_, "abcdef", tool.File("zlease-abcdef.config.toml"));
  ASSERT_OK(PrivateFile::Create(dir_.path(), {}, ""));
  EXPECT_FALSE(Exists(tool.File("zlease-abcdef.config.toml")));
}

TEST_F(PrivateFileTest, LockThatNamesAnothersFileRemovesNothing) {
  const testing::TempDir other;
  Abandon(dir_, "abcdef", other.File("mine.txt"));
  ASSERT_OK(PrivateFile::Create(dir_.path(), {}, ""));
  EXPECT_TRUE(Exists(other.File("mine.txt")));
}

TEST_F(PrivateFileTest, OneThatItsToolHasWrittenAnewIsInUseAndRemovedAtItsEnd) {
  const testing::TempDir tool;
  std::string path;
  {
    const auto file = PrivateFile::Create(
        dir_.path(), {.directory = tool.path(), .prefix = "zlease-", .suffix = ".toml"}, "1");
    ASSERT_OK(file);
    path = file->path();
    EXPECT_THAT(path, ::testing::StartsWith(tool.File("zlease-")));
    testing::WriteFile(tool.File("new"), "2");
    ASSERT_EQ(rename(tool.File("new").c_str(), path.c_str()), 0);
    ASSERT_OK(PrivateFile::Create(dir_.path(), {}, ""));
    EXPECT_TRUE(Exists(path));
  }
  EXPECT_FALSE(Exists(path));
}

TEST_F(PrivateFileTest, DirectoryOfAToolMayBeOpenToItsGroup) {
  const testing::TempDir tool;
  ASSERT_EQ(chmod(tool.path().c_str(), 0775), 0);
  EXPECT_OK(PrivateFile::Create(dir_.path(), {.directory = tool.path()}, "1"));
}

TEST_F(PrivateFileTest, DirectoryThatOthersMayWriteToIsRefused) {
  ASSERT_EQ(chmod(dir_.path().c_str(), 0777), 0);
  EXPECT_THAT(PrivateFile::Create(dir_.path(), {}, ""),
              testing::HasCode(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace zbroker::process
