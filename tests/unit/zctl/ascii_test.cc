#include "client/zctl/ascii.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

TEST(AsciiTest, WhatIsDrawnLooksLikeItself) {
  EXPECT_EQ(ToAscii("██░ 5h · 3 × └ node …"), "##. 5h - 3 x ` node >");
}

TEST(AsciiTest, OtherCharactersKeepTheirWidth) {
  EXPECT_EQ(ToAscii("caf\u00e9"), "caf?");
  EXPECT_EQ(ToAscii("\u6f22\u5b57|"), "????|");
}

TEST(AsciiTest, TheTerminalsCodesStay) {
  EXPECT_EQ(ToAscii("\x1b[31mno\x1b[0m"), "\x1b[31mno\x1b[0m");
}

TEST(AsciiTest, WhatIsNoUtf8EndsToo) {
  EXPECT_EQ(ToAscii("a\xff"), "a?");
  EXPECT_EQ(ToAscii("\x80\x80"), "??");
}

TEST(AsciiTest, TheFirstVariableThatIsSetCounts) {
  EXPECT_TRUE(IsOtherCharset("C", "", "en_US.UTF-8"));
  EXPECT_TRUE(IsOtherCharset("", "de_DE.ISO-8859-1", "en_US.UTF-8"));
  EXPECT_FALSE(IsOtherCharset("", "", "en_US.UTF-8"));
  EXPECT_FALSE(IsOtherCharset("C.utf8", "", "C"));
}

TEST(AsciiTest, NoVariableTellsNothingOfTheTerminal) { EXPECT_FALSE(IsOtherCharset("", "", "")); }

}  // namespace
}  // namespace zbroker::zctl
