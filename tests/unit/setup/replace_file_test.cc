#include "shims/setup/replace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "shims/tools/surroundings.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/setup/shell.h"

namespace zbroker::setup {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;

class ReplaceFileTest : public ::testing::Test {
 protected:
  struct stat StatOf(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
    return info;
  }

  const testing::TempDir dir_;
  const std::string file_ = dir_.File("settings.json");
};

TEST_F(ReplaceFileTest, ModeStays) {
  for (const mode_t mode : {0600u, 0644u, 0755u, 0700u}) {
    testing::WriteFile(file_, "1");
    ASSERT_EQ(chmod(file_.c_str(), mode), 0);
    ASSERT_OK(ReplaceFile(file_, "1", "2"));
    EXPECT_EQ(testing::ReadFile(file_), "2");
    EXPECT_EQ(StatOf(file_).st_mode & 07777, mode);
    ASSERT_EQ(unlink(file_.c_str()), 0);
  }
}

TEST_F(ReplaceFileTest, SymbolicLinksAreFollowedAndStay) {
  const std::string real = dir_.File("dotfiles.json");
  testing::WriteFile(real, "1");
  ASSERT_EQ(symlink("dotfiles.json", file_.c_str()), 0);
  ASSERT_OK(ReplaceFile(file_, "1", "2"));
  EXPECT_TRUE(S_ISLNK(StatOf(file_).st_mode));
  EXPECT_EQ(testing::ReadFile(real), "2");
}

TEST_F(ReplaceFileTest, LinkThatLeadsToNoFileIsRefusedNotPassedOver) {
  ASSERT_EQ(symlink("nowhere.json", file_.c_str()), 0);
  EXPECT_THAT(ReplaceFile(file_, std::nullopt, "1"),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("leads to no file")));
  EXPECT_TRUE(S_ISLNK(StatOf(file_).st_mode));
  EXPECT_EQ(testing::Shell("ls -A " + dir_.path()), "settings.json\n");
}

TEST_F(ReplaceFileTest, WhatCouldNotBeReadAgainIsNotWritten) {
  testing::WriteFile(file_, "1");
  EXPECT_THAT(ReplaceFile(file_, "1", std::string(tools::Surroundings::kFileBytesMax + 1, 'x')),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(testing::ReadFile(file_), "1");
}

TEST_F(ReplaceFileTest, FileOfSeveralNamesKeepsThem) {
  const std::string other = dir_.File("other");
  testing::WriteFile(file_, "long before");
  ASSERT_EQ(link(file_.c_str(), other.c_str()), 0);
  ASSERT_OK(ReplaceFile(file_, "long before", "2"));
  EXPECT_EQ(testing::ReadFile(other), "2");
  EXPECT_EQ(StatOf(file_).st_nlink, 2u);
}

TEST_F(ReplaceFileTest, NewFileIsItsOwnersAlone) {
  const std::string deep = dir_.File("a/b/settings.json");
  ASSERT_OK(ReplaceFile(deep, std::nullopt, "1"));
  EXPECT_EQ(StatOf(deep).st_mode & 07777, 0600u);
  EXPECT_EQ(StatOf(dir_.File("a/b")).st_mode & 07777, 0700u);
  ASSERT_OK(ReplaceFile(deep, "1", std::nullopt));
  EXPECT_NE(access(deep.c_str(), F_OK), 0);
}

TEST_F(ReplaceFileTest, FileThatIsNotAsBeforeIsLeftAlone) {
  testing::WriteFile(file_, "another's");
  EXPECT_THAT(ReplaceFile(file_, "1", "2"), HasCode(absl::StatusCode::kAborted));
  EXPECT_THAT(ReplaceFile(file_, std::nullopt, "2"), HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(testing::ReadFile(file_), "another's");
  EXPECT_THAT(ReplaceFile(dir_.File("none"), "1", "2"), HasCode(absl::StatusCode::kAborted));
}

TEST_F(ReplaceFileTest, ReadOnlyFileIsLeftAloneEvenForRoot) {
  testing::WriteFile(file_, "1");
  ASSERT_EQ(chmod(file_.c_str(), 0444), 0);
  EXPECT_THAT(ReplaceFile(file_, "1", "2"),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod u+w")));
  EXPECT_EQ(testing::ReadFile(file_), "1");
}

TEST_F(ReplaceFileTest, FileOfAnotherUserIsLeftAlone) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  testing::WriteFile(file_, "1");
  ASSERT_EQ(chown(file_.c_str(), 65534, 65534), 0);
  EXPECT_THAT(ReplaceFile(file_, "1", "2"),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("65534")));
}

TEST_F(ReplaceFileTest, WhatIsNoFileIsRefused) {
  ASSERT_EQ(mkdir(file_.c_str(), 0700), 0);
  EXPECT_FALSE(ReplaceFile(file_, std::nullopt, "2").ok());
  testing::WriteFile(dir_.File("huge"), "x");
  std::filesystem::resize_file(dir_.File("huge"), tools::Surroundings::kFileBytesMax + 1);
  EXPECT_THAT(ReadIfThere(dir_.File("huge")), HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ReplaceFileTest, NothingIsLeftBeside) {
  testing::WriteFile(file_, "1");
  ASSERT_OK(ReplaceFile(file_, "1", "2"));
  EXPECT_FALSE(ReplaceFile(file_, "1", "3").ok());
  const auto found = testing::Shell("ls -A " + dir_.path());
  EXPECT_EQ(found, "settings.json\n");
}

}  // namespace
}  // namespace zbroker::setup
