#include "shims/zai/printable.h"

#include <gtest/gtest.h>

namespace zbroker::zai {
namespace {

TEST(CutUtf8Test, EndsBetweenSequences) {
  EXPECT_EQ(CutUtf8("模型", 6), "模型");
  EXPECT_EQ(CutUtf8("模型", 5), "模");
  EXPECT_EQ(CutUtf8("模型", 3), "模");
  EXPECT_EQ(CutUtf8("模型", 2), "");
  EXPECT_EQ(CutUtf8("abc", 2), "ab");
  EXPECT_EQ(CutUtf8("", 2), "");
  EXPECT_EQ(CutUtf8("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
}

TEST(PrintableTest, ControlsAreEscapedAndLineEndsBecomeSpaces) {
  EXPECT_EQ(Printable(" a\nb\tc\x1b[0m\xff ", 256), "a b c\\x1b[0m\\xff");
  EXPECT_EQ(Printable("", 256), "");
}

TEST(PrintableTest, BoundHoldsAfterEscaping) {
  EXPECT_EQ(Printable("\x01\x01\x01", 8), "\\x01\\x01");
}

}  // namespace
}  // namespace zbroker::zai
