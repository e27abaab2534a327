#include "client/zctl/nearest_word.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

const std::vector<std::string> kWords = {"status", "leases", "pause", "limit"};

TEST(NearestWordTest, FindsSwappedLetters) { EXPECT_EQ(NearestWord("stauts", kWords), "status"); }

TEST(NearestWordTest, FindsAMissingLetter) { EXPECT_EQ(NearestWord("lease", kWords), "leases"); }

TEST(NearestWordTest, TakesTheNearest) { EXPECT_EQ(NearestWord("pauses", kWords), "pause"); }

TEST(NearestWordTest, FindsNothingFarOff) { EXPECT_EQ(NearestWord("frobnicate", kWords), ""); }

TEST(NearestWordTest, ShortWordsMustBeNear) { EXPECT_EQ(NearestWord("x", {"ok"}), ""); }

TEST(NearestWordTest, VeryLongWordsAreNotCompared) {
  EXPECT_EQ(NearestWord(std::string(100'000, 's'), kWords), "");
}

}  // namespace
}  // namespace zbroker::zctl
