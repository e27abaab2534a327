#include "shims/setup/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker::setup {
namespace {

TEST(DiffTest, ShowsOnlyLinesThatGoAndCome) {
  EXPECT_EQ(Diff("a\nb\nc\n", "a\nx\nc\n"), "@@ line 2 @@\n-b\n+x\n");
  EXPECT_EQ(Diff("a\nb\nc\nd\n", "a\nb1\nc\nd\ne\n"), "@@ line 2 @@\n-b\n+b1\n@@ line 5 @@\n+e\n");
  EXPECT_EQ(Diff("", "a\n"), "@@ line 1 @@\n+a\n");
  EXPECT_EQ(Diff({}, "a\n"), "@@ line 1 @@\n+a\n");
  EXPECT_EQ(Diff("a\nb\n", "b\n"), "@@ line 1 @@\n-a\n");
  EXPECT_EQ(Diff("a\r\n", "b\r\n"), "@@ line 1 @@\n-a\n+b\n");
  EXPECT_EQ(Diff("a\n", "a\n"), "");
}

TEST(DiffTest, ManyLinesAreShownWhole) {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(Diff(before, after).size(), before.size() + after.size() + 6000 + 13);
}

TEST(DiffTest, FewDifferencesInALongTextAreFound) {
  const auto lines = [](absl::string_view word) {
    std::string text;
    for (int i = 0; i < 200'000; ++i) {
      const bool differs = i % 10'000 == 5'000;
      text += differs ? absl::StrCat(word, i, "\n") : absl::StrCat("{ ", i % 7, " }\n");
    }
    return text;
  };
  const std::string shown = Diff(lines("a"), absl::StrCat(lines("b"), "end\n"));
  EXPECT_EQ(std::ranges::count(shown, '\n'), 20 * 3 + 2);
  EXPECT_THAT(shown, ::testing::StartsWith("@@ line 5001 @@\n-a5000\n+b5000\n@@"));
  EXPECT_THAT(shown, ::testing::EndsWith("@@ line 200001 @@\n+end\n"));
}

TEST(DiffTest, LinesThatMoveAreFewerThanTheRest) {
  EXPECT_EQ(Diff("a\nb\nc\nd\n", "c\na\nb\nd\n"), "@@ line 1 @@\n+c\n@@ line 4 @@\n-c\n");
  EXPECT_EQ(Diff("x\na\nx\n", "x\nx\n"), "@@ line 2 @@\n-a\n");
  EXPECT_EQ(Diff("a\na\n", "a\na\na\n"), "@@ line 3 @@\n+a\n");
}

TEST(DiffTest, AnEndlessLineIsCut) {
  EXPECT_LT(Diff(std::string(100'000, 'x') + "\n", "y\n").size(), 10'000u);
}

TEST(MaskSecretsTest, KeysAndTokensAreLeftOut) {
  EXPECT_EQ(MaskSecrets(R"("apiKey": "sk-1\"2", "model": "m")"), R"("apiKey": …, "model": "m")");
  EXPECT_EQ(MaskSecrets("  ANTHROPIC_AUTH_TOKEN=abc def"), "  ANTHROPIC_AUTH_TOKEN=… def");
  EXPECT_EQ(MaskSecrets("password: 'x'"), "password: …");
  EXPECT_EQ(MaskSecrets(R"({"Authorization": "Bearer x.y", "a": 1})"),
            R"({"Authorization": …, "a": 1})");
  EXPECT_EQ(MaskSecrets("http://127.0.0.1:8787/0123456789abcdef0123456789abcdef/api"),
            "http://127.0.0.1:8787/…/api");
  EXPECT_EQ(MaskSecrets("https://api.z.ai/api/coding/paas/v4"),
            "https://api.z.ai/api/coding/paas/v4");
  EXPECT_EQ(MaskSecrets("\"key\": {"), "\"key\": {");
  EXPECT_EQ(MaskSecrets("key"), "key");
  EXPECT_EQ(MaskSecrets("key ="), "key =");
  EXPECT_EQ(MaskSecrets("\"key\": \"open"), "\"key\": …");
}

TEST(MaskSecretsTest, NothingReachesTheTerminalAsAControl) {
  EXPECT_EQ(MaskSecrets("a\x1b[2J"), "a\\x1b[2J");
}

}  // namespace
}  // namespace zbroker::setup
