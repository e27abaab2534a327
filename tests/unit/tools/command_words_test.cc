#include "shims/tools/command_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbroker::tools {
namespace {

using ::testing::ElementsAre;

TEST(OptionValueTest, LastOneCountsInAnySpelling) {
  EXPECT_EQ(OptionValue({"-p", "a", "--profile=b"}, {"-p", "--profile"}), "b");
  EXPECT_EQ(OptionValue({"-pa"}, {"-p", "--profile"}), "a");
  EXPECT_EQ(OptionValue({"-p=a"}, {"-p"}), "a");
  EXPECT_EQ(OptionValue({"--profiles", "x"}, {"--profile"}), std::nullopt);
  EXPECT_EQ(OptionValue({"-p"}, {"-p"}), std::nullopt);
}

TEST(OptionValueTest, NothingIsAnOptionAfterTheEndOfOptions) {
  EXPECT_EQ(OptionValue({"--", "-p", "a"}, {"-p"}), std::nullopt);
  EXPECT_EQ(OptionValue({"-p", "--", "a"}, {"-p"}), std::nullopt);
  EXPECT_FALSE(HasWord({"--", "-h"}, {"-h"}));
}

TEST(WithoutOptionTest, LeavesTheOthersInTheirOrder) {
  EXPECT_THAT(
      WithoutOption({"a", "-p", "x", "b", "--profile=y", "--", "-p", "z"}, {"-p", "--profile"}),
      ElementsAre("a", "b", "--", "-p", "z"));
}

TEST(FirstWordTest, IsNoOptionAndNoValueOfOne) {
  EXPECT_EQ(FirstWord({"-m", "glm", "--fast", "exec", "hi"}, {"-m"}), "exec");
  EXPECT_EQ(FirstWord({"-m"}, {"-m"}), "");
}

}  // namespace
}  // namespace zbroker::tools
