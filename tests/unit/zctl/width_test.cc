#include "client/zctl/width.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

using Lines = std::vector<std::string>;

TEST(DisplayWidthTest, AsciiTakesAColumnEach) { EXPECT_EQ(DisplayWidth("glm-4.6"), 7u); }

TEST(DisplayWidthTest, AccentedLettersTakeOneColumn) { EXPECT_EQ(DisplayWidth("für"), 3u); }

TEST(DisplayWidthTest, EastAsianCharactersTakeTwo) { EXPECT_EQ(DisplayWidth("智谱AI"), 6u); }

TEST(DisplayWidthTest, CombiningMarksTakeNone) { EXPECT_EQ(DisplayWidth("e\u0301"), 1u); }

TEST(DisplayWidthTest, EllipsisAndBlocksTakeOne) { EXPECT_EQ(DisplayWidth("…█░"), 3u); }

TEST(FitWidthTest, TextThatFitsStays) { EXPECT_EQ(FitWidth("claude", 6), "claude"); }

TEST(FitWidthTest, LongTextEndsInAnEllipsis) { EXPECT_EQ(FitWidth("opencode", 5), "open…"); }

TEST(FitWidthTest, WideCharactersAreCountedByColumns) {
  EXPECT_EQ(FitWidth("智谱清言", 6), "智谱…");
}

TEST(FitWidthTest, NothingFitsIntoNoColumns) { EXPECT_EQ(FitWidth("claude", 0), ""); }

TEST(WrapWordsTest, BreaksAtSpaces) {
  EXPECT_EQ(WrapWords("disk full; no new leases", 10), (Lines{"disk full;", "no new", "leases"}));
}

TEST(WrapWordsTest, LongWordStaysWhole) {
  EXPECT_EQ(WrapWords("see /home/a/ledger.db now", 6), (Lines{"see", "/home/a/ledger.db", "now"}));
}

TEST(WrapWordsTest, EmptyTextIsOneLine) { EXPECT_EQ(WrapWords("", 10), Lines{""}); }

TEST(WrapWordsTest, AnyWidthIsOneLine) {
  EXPECT_EQ(WrapWords("a b c", static_cast<size_t>(-1)), Lines{"a b c"});
}

}  // namespace
}  // namespace zbroker::zctl
