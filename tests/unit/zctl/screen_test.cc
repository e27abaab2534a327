#include "client/zctl/screen.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

TEST(ComposeFrameTest, OverwritesLineByLineAndClearsTheRest) {
  EXPECT_EQ(ComposeFrame("a\nb\n", 24), "\x1b[H\x1b[Ka\r\n\x1b[Kb\r\n\x1b[J");
}

TEST(ComposeFrameTest, TextOfTheScreensHeightIsNotCut) {
  EXPECT_EQ(ComposeFrame("a\nb\n", 2), "\x1b[H\x1b[Ka\r\n\x1b[Kb");
}

TEST(ComposeFrameTest, ErasesNothingBehindALineThatMayFillTheScreen) {
  EXPECT_EQ(ComposeFrame("a\n", 24).find("a\x1b["), std::string::npos);
}

TEST(ComposeFrameTest, TallerTextSaysHowMuchIsMissing) {
  EXPECT_EQ(ComposeFrame("a\nb\nc\nd\n", 2), "\x1b[H\x1b[Ka\r\n\x1b[K… 3 more lines");
}

}  // namespace
}  // namespace zbroker::zctl
