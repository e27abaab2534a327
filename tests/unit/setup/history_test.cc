#include "shims/setup/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::setup {
namespace {

class HistoryTest : public ::testing::Test {
 protected:
  // As set-up does: records the step, then makes it.
  void Change(const std::string& path, const std::optional<std::string>& before,
              const std::string& after) {
    ASSERT_OK(history_.Record({{path, before, after}}));
    testing::WriteFile(path, after);
  }
  setup::Change LastChange() {
    const auto last = history_.Last();
    EXPECT_OK(last);
    return last.ok() && *last ? (*last)->changes.at(0) : setup::Change();
  }

  const testing::TempDir dir_;
  const std::string file_ = dir_.File("settings.json");
  History history_{dir_.File("state"), "claude"};
};

TEST_F(HistoryTest, NothingIsThereAtFirst) {
  const auto last = history_.Last();
  ASSERT_OK(last);
  EXPECT_EQ(*last, std::nullopt);
}

TEST_F(HistoryTest, StepIsFoundByteForByte) {
  const std::string before("\xEF\xBB\xBF{\r\n\0}", 8);
  Change(file_, before, "after");
  EXPECT_EQ(LastChange().path, file_);
  EXPECT_EQ(LastChange().before, before);
  EXPECT_EQ(LastChange().after, "after");
}

TEST_F(HistoryTest, FileThatWasNotThereIsToldFromAnEmptyOne) {
  Change(file_, std::nullopt, "after");
  EXPECT_EQ(LastChange().before, std::nullopt);
  ASSERT_OK(history_.Forget(**history_.Last()));
  Change(file_, "", "after");
  EXPECT_EQ(LastChange().before, "");
}

TEST_F(HistoryTest, StepsThatFollowEachOtherAreOne) {
  Change(file_, "mine", "1");
  Change(file_, "1", "2");
  EXPECT_EQ(LastChange().before, "mine");
  EXPECT_EQ(LastChange().after, "2");
  ASSERT_OK(history_.Forget(**history_.Last()));
  EXPECT_EQ(*history_.Last(), std::nullopt);
}

TEST_F(HistoryTest, StepAfterSomebodyElsesChangeIsOneOfItsOwn) {
  Change(file_, "mine", "1");
  testing::WriteFile(file_, "edited");
  Change(file_, "edited", "2");
  EXPECT_EQ(LastChange().before, "edited");
  ASSERT_OK(history_.Forget(**history_.Last()));
  EXPECT_EQ(LastChange().before, "mine");
}

TEST_F(HistoryTest, ToolsAreKeptApart) {
  Change(file_, "mine", "1");
  EXPECT_EQ(*History(dir_.File("state"), "codex").Last(), std::nullopt);
}

}  // namespace
}  // namespace zbroker::setup
