#include "client/base/glob.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

namespace zbroker {
namespace {

TEST(GlobTest, PlainTextMatchesItself) {
  EXPECT_TRUE(GlobMatches("glm-4.7", "glm-4.7"));
  EXPECT_FALSE(GlobMatches("glm-4.7", "glm-4x7")) << "a dot is a dot";
  EXPECT_FALSE(GlobMatches("glm-4.7", "glm-4.7-flash"));
  EXPECT_FALSE(GlobMatches("glm-4.7-flash", "glm-4.7"));
}

TEST(GlobTest, LetterCaseIsIgnored) {
  EXPECT_TRUE(GlobMatches("GLM-5*", "glm-5-turbo"));
  EXPECT_TRUE(GlobMatches("glm-5*", "GLM-5-Turbo"));
}

TEST(GlobTest, AStarStandsForAnything) {
  EXPECT_TRUE(GlobMatches("*", ""));
  EXPECT_TRUE(GlobMatches("*", "glm-4.7"));
  EXPECT_TRUE(GlobMatches("glm-*-flash*", "glm-4.7-flash"));
  EXPECT_TRUE(GlobMatches("glm-*-flash*", "glm-5.3-flash-flash-x"));
  EXPECT_FALSE(GlobMatches("glm-*-flash", "glm-5.3-flash-x"));
  EXPECT_TRUE(GlobMatches("**", "x"));
}

TEST(GlobTest, AQuestionMarkStandsForOneByte) {
  EXPECT_TRUE(GlobMatches("glm-4.?", "glm-4.6"));
  EXPECT_FALSE(GlobMatches("glm-4.?", "glm-4."));
  EXPECT_FALSE(GlobMatches("?", ""));
  EXPECT_TRUE(GlobMatches("??", "é"));
}

TEST(GlobTest, TheEmptyGlobMatchesTheEmptyName) {
  EXPECT_TRUE(GlobMatches("", ""));
  EXPECT_FALSE(GlobMatches("", "x"));
}

TEST(GlobTest, AnyOfSeveralIsEnough) {
  EXPECT_TRUE(AnyGlobMatches({"a", "glm*"}, "glm-5"));
  EXPECT_FALSE(AnyGlobMatches({"a", "b"}, "glm-5"));
  EXPECT_FALSE(AnyGlobMatches({}, ""));
}

// By the definition.
bool Matches(absl::string_view glob, absl::string_view name) {
  if (glob.empty()) return name.empty();
  if (glob[0] == '*') {
    return Matches(glob.substr(1), name) || (!name.empty() && Matches(glob, name.substr(1)));
  }
  if (name.empty() || (glob[0] != '?' && glob[0] != name[0])) return false;
  return Matches(glob.substr(1), name.substr(1));
}

TEST(GlobTest, IsAsTheDefinitionSays) {
  for (uint32_t seed = 1; seed <= 20'000; ++seed) {
    std::mt19937 random(seed);
    std::string glob, name;
    for (uint32_t i = random() % 8; i > 0; --i) glob += "ab*?"[random() % 4];
    for (uint32_t i = random() % 8; i > 0; --i) name += "ab"[random() % 2];
    ASSERT_EQ(GlobMatches(glob, name), Matches(glob, name)) << seed << ": " << glob << " " << name;
  }
}

TEST(GlobTest, ManyStarsTakeNoLongerThanTheProductOfTheLengths) {
  std::string glob;
  for (int i = 0; i < 1000; ++i) glob += "a*";
  EXPECT_FALSE(GlobMatches(glob + "b", std::string(10'000, 'a')));
}

}  // namespace
}  // namespace zbroker
