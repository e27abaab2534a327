#include "client/config/words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace zbroker::config {
namespace {

const std::vector<std::string> kKeys = {"slots", "window", "queue_max"};

TEST(OrListTest, NothingForNoWords) { EXPECT_EQ(OrList({}), ""); }

TEST(OrListTest, OneWordStandsAlone) { EXPECT_EQ(OrList({"a"}), "a"); }

TEST(OrListTest, TwoWordsHaveNoComma) { EXPECT_EQ(OrList({"a", "b"}), "a or b"); }

TEST(OrListTest, TheLastOfThreeFollowsAnOr) { EXPECT_EQ(OrList({"a", "b", "c"}), "a, b or c"); }

TEST(OrListTest, LongListsAreCut) {
  EXPECT_EQ(OrList(std::vector<std::string>(17, "w")),
            "w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, …");
}

TEST(NearestWordTest, FindsAMissingLetter) { EXPECT_EQ(NearestWord("slot", kKeys), "slots"); }

TEST(NearestWordTest, FindsAnAddedLetter) { EXPECT_EQ(NearestWord("windows", kKeys), "window"); }

TEST(NearestWordTest, FindsSwappedLetters) { EXPECT_EQ(NearestWord("wnidow", kKeys), "window"); }

TEST(NearestWordTest, FindsAnotherSeparator) {
  EXPECT_EQ(NearestWord("queue-max", kKeys), "queue_max");
}

TEST(NearestWordTest, IgnoresLetterCase) { EXPECT_EQ(NearestWord("SLOTS", kKeys), "slots"); }

TEST(NearestWordTest, PrefersTheNearest) {
  EXPECT_EQ(NearestWord("limits", {"limes", "limit"}), "limit");
}

TEST(NearestWordTest, FindsNothingForAnotherWord) {
  EXPECT_EQ(NearestWord("upstream", kKeys), std::nullopt);
}

TEST(NearestWordTest, FindsNothingForTheEmptyWord) {
  EXPECT_EQ(NearestWord("", kKeys), std::nullopt);
}

}  // namespace
}  // namespace zbroker::config
