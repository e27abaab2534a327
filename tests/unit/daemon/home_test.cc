#include "daemon/engine/home.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
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

}  // namespace
}  // namespace zbroker::engine
