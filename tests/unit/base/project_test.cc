#include "client/base/project.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "client/base/text.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker {
namespace {

using testing::WriteFile;

class ProjectTest : public ::testing::Test {
 protected:
  // Makes the directories below the root that is looked in.
  void Make(const std::string& path) const { std::filesystem::create_directories(dir_.File(path)); }

  std::string Find(const std::string& path) const { return ProjectOf(path, dir_.File("")); }

  testing::TempDir dir_;
};

TEST_F(ProjectTest, IsTheNameOfTheRepositorysTopDirectory) {
  Make("home/ann/shop/.git");
  Make("home/ann/shop/src/deep");
  EXPECT_EQ(Find("/home/ann/shop"), "shop");
  EXPECT_EQ(Find("/home/ann/shop/src/deep"), "shop");
}

TEST_F(ProjectTest, IsEmptyOutsideOfRepositories) {
  Make("home/ann/shop/.git");
  EXPECT_EQ(Find("/home/ann"), "");
  EXPECT_EQ(Find("/"), "");
  EXPECT_EQ(Find(""), "");
  EXPECT_EQ(Find("shop"), "");
}

TEST_F(ProjectTest, TheNearestRepositoryCounts) {
  Make("home/ann/shop/.git");
  Make("home/ann/shop/vendor/lib/src");
  WriteFile(dir_.File("home/ann/shop/vendor/lib/.git"), "gitdir: ../../.git/modules/lib\n");
  EXPECT_EQ(Find("/home/ann/shop/vendor/lib/src"), "lib");
  EXPECT_EQ(Find("/home/ann/shop/vendor"), "shop");
}

TEST_F(ProjectTest, AnotherRootsFilesAreNotLookedAt) {
  Make("shop/.git");
  EXPECT_EQ(ProjectOf(dir_.File("shop"), ""), "shop");
  EXPECT_EQ(ProjectOf(dir_.File("shop"), dir_.File("elsewhere")), "");
}

TEST_F(ProjectTest, ARootThatIsARepositoryHasNoName) {
  Make(".git");
  EXPECT_EQ(Find("/"), "");
}

TEST_F(ProjectTest, ADirectoryThatWasRemovedCountsAsItsParents) {
  Make("shop/.git");
  EXPECT_EQ(Find("/shop/src (deleted)"), "shop");
}

TEST_F(ProjectTest, NamesAreFitForTheDaemonAndATerminal) {
  Make("evil\x1b[31m\xff\n/.git");
  EXPECT_EQ(Find("/evil\x1b[31m\xff\n"), "evil\\x1b[31m\\xff\\x0a");
  std::string lasting;
  for (int i = 0; i < 60; ++i) lasting += "\u6f22";  // three bytes each
  Make(lasting + "/.git");
  EXPECT_OK(CheckName("project", Find("/" + lasting)));
  EXPECT_EQ(Find("/" + lasting), lasting);
  const std::string longest(255, 'a');
  Make(longest + "/.git");
  EXPECT_EQ(Find("/" + longest), std::string(63, 'a') + "…");
}

TEST_F(ProjectTest, IsThatOfAProcess) {
  Make("shop/.git");
  const std::string before = std::filesystem::current_path();
  std::filesystem::current_path(dir_.File("shop"));
  EXPECT_EQ(OwnProject(), "shop");
  EXPECT_EQ(ProjectOfProcess(getpid()), "shop");
  std::filesystem::current_path(before);
  EXPECT_EQ(ProjectOfProcess(0), "");
}

}  // namespace
}  // namespace zbroker
