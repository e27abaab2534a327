#include "daemon/engine/home.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "daemon/engine/machine_mark.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::engine {
namespace {

using ::testing::HasSubstr;

class HomeTest : public ::testing::Test {
 protected:
  absl::StatusOr<Home> Take() { return Home::Take(path_); }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("state");
};

TEST_F(HomeTest, OneAtATimeHasIt) {
  const auto first = Take();
  ASSERT_OK(first);
  EXPECT_THAT(Take(), testing::Fails(absl::StatusCode::kAlreadyExists,
                                     HasSubstr(absl::StrCat("pid ", getpid()))));
}

TEST_F(HomeTest, TheNextOneMayHaveIt) {
  ASSERT_OK(Take());
  EXPECT_OK(Take());
}

TEST_F(HomeTest, ADirectoryInThePlaceOfTheRemovedOneIsNoRightToASecond) {
  const auto first = Take();
  ASSERT_OK(first);
  std::filesystem::remove_all(path_);
  EXPECT_THAT(Take(), testing::Fails(absl::StatusCode::kAlreadyExists,
                                     HasSubstr(absl::StrCat("pid ", getpid(), ") still has"))));
}

TEST_F(HomeTest, TheNameOfTheDirectoryDoesNotMatter) {
  const auto first = Take();
  ASSERT_OK(first);
  std::filesystem::remove_all(path_);
  std::filesystem::create_directory_symlink(dir_.path(), dir_.File("link"));
  EXPECT_THAT(Home::Take(dir_.File("link/state")),
              testing::HasCode(absl::StatusCode::kAlreadyExists));
}

TEST_F(HomeTest, ManyMayAskWhoHasIt) {
  auto first = Take();
  ASSERT_OK(first);
  std::filesystem::remove_all(path_);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(Take(), testing::HasCode(absl::StatusCode::kAlreadyExists));
    first->Check().IgnoreError();
  }
}

TEST_F(HomeTest, ItsAbsenceIsNoticedUntilItIsBack) {
  auto home = Take();
  ASSERT_OK(home);
  EXPECT_OK(home->Check());
  std::filesystem::rename(path_, dir_.File("aside"));
  EXPECT_THAT(home->Check(), testing::Fails(absl::StatusCode::kUnavailable, HasSubstr(path_)));
  std::filesystem::create_directory(path_);
  EXPECT_FALSE(home->Check().ok()) << "another directory";
  std::filesystem::remove(path_);
  std::filesystem::rename(dir_.File("aside"), path_);
  EXPECT_OK(home->Check());
}

TEST_F(HomeTest, DirectoryOfTheMachineIsNoneOfAContainer) {
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/true, "boot-1"));
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/false, "boot-1"));
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/false, "boot-1"));
  EXPECT_THAT(
      MarkForMachine(dir_.path(), /*in_container=*/true, "boot-1"),
      testing::Fails(absl::StatusCode::kAlreadyExists, HasSubstr("outside of this container")));
}

TEST_F(HomeTest, DirectoryThatTheMachineUsedBeforeItWasBootedIsFree) {
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/false, "boot-1"));
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/true, "boot-2"));
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/true, ""));
  // One from another machine, too long for an identifier, or what is no file.
  testing::WriteFile(dir_.File("machine-boot"), std::string(1000, 'x'));
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/true, "boot-2"));
  std::filesystem::remove(dir_.File("machine-boot"));
  std::filesystem::create_directory(dir_.File("machine-boot"));
  EXPECT_OK(MarkForMachine(dir_.path(), /*in_container=*/false, "boot-2"));
}

}  // namespace
}  // namespace zbroker::engine
