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

TEST(ComposeFrameTest, FooterIsBelowTheTextHoweverLongThatIs) {
  EXPECT_EQ(ComposeFrame("a\n", 24, "keys"), "\x1b[H\x1b[Ka\r\n\x1b[Jkeys");
  EXPECT_EQ(ComposeFrame("a\nb\n", 3, "keys"), "\x1b[H\x1b[Ka\r\n\x1b[Kb\r\n\x1b[Jkeys");
  EXPECT_EQ(ComposeFrame("a\nb\nc\n", 3, "keys"),
            "\x1b[H\x1b[Ka\r\n\x1b[K… 2 more lines\r\n\x1b[Jkeys");
}

TEST(ComposeFrameTest, AScreenOfOneLineHasNoFooter) {
  EXPECT_EQ(ComposeFrame("a\n", 1, "keys"), "\x1b[H\x1b[Ka");
}

}  // namespace
}  // namespace zbroker::zctl
