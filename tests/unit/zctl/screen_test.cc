#include "client/zctl/screen.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

TEST(ComposeFrameTest, OverwritesLineByLineAndClearsTheRest) {
  EXPECT_EQ(ComposeFrame("a\nb\n", 24), "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J");
}

TEST(ComposeFrameTest, TextOfTheScreensHeightIsNotCut) {
  EXPECT_EQ(ComposeFrame("a\nb\n", 2), "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J");
}

TEST(ComposeFrameTest, TallerTextSaysHowMuchIsMissing) {
  EXPECT_EQ(ComposeFrame("a\nb\nc\nd\n", 2), "\x1b[Ha\x1b[K\r\n… 3 more lines\x1b[K\x1b[J");
}

}  // namespace
}  // namespace zbroker::zctl
