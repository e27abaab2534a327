#include "client/base/sparse_log.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker {
namespace {

class RepeatedTextsTest : public ::testing::Test {
 protected:
  std::string Line(absl::string_view text) { return texts_.LineFor(text, now_); }
  void Pass(absl::Duration length) { now_ = now_ + length; }

  RepeatedTexts texts_;
  BootTime now_ = BootTime::FromMicros(1'000'000);
};

TEST_F(RepeatedTextsTest, FirstIsWrittenAtOnce) { EXPECT_EQ(Line("disk full"), "disk full"); }

TEST_F(RepeatedTextsTest, RepetitionsWithinAMinuteAreCounted) {
  Line("disk full");
  for (int i = 0; i < 599; ++i) {
    Pass(absl::Milliseconds(100));
    EXPECT_EQ(Line("disk full"), "") << i;
  }
  Pass(absl::Milliseconds(100));
  EXPECT_EQ(Line("disk full"), "disk full (and 599 times before)");
  EXPECT_EQ(Line("disk full"), "");
  Pass(RepeatedTexts::kQuiet);
  EXPECT_EQ(Line("disk full"), "disk full (and 1 time before)");
}

TEST_F(RepeatedTextsTest, OneThatComesRarelyIsWrittenAsItIs) {
  Line("disk full");
  Pass(RepeatedTexts::kQuiet);
  EXPECT_EQ(Line("disk full"), "disk full");
}

TEST_F(RepeatedTextsTest, TextsDoNotHideOneAnother) {
  Line("disk full");
  EXPECT_EQ(Line("accept: Too many open files"), "accept: Too many open files");
  EXPECT_EQ(Line("disk full"), "");
}

TEST_F(RepeatedTextsTest, TextsWithoutEndAreFewLinesAndLittleMemory) {
  size_t lines = 0;
  for (int i = 0; i < 10'000; ++i) lines += Line(absl::StrCat("text ", i)).empty() ? 0 : 1;
  EXPECT_EQ(lines, RepeatedTexts::kTextsMax + 1);
  Pass(RepeatedTexts::kQuiet);
  EXPECT_EQ(Line("a new one"), "a new one");
}

}  // namespace
}  // namespace zbroker
