#include "client/config/editable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/types/span.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::config {
namespace {

using testing::HasCode;

struct Case {
  const char* what;
  const char* before;
  const char* after;
};

absl::StatusOr<std::string> Set(absl::string_view text, const TomlPath& path) {
  const auto toml = EditableToml::Parse(text);
  if (!toml.ok()) return toml.status();
  return toml->WithString(path, "new");
}

void ExpectAll(absl::Span<const Case> cases, const TomlPath& path) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    const auto edited = Set(one.before, path);
    ASSERT_OK(edited);
    EXPECT_EQ(*edited, one.after);
    const auto again = Set(*edited, path);
    ASSERT_OK(again);
    EXPECT_EQ(*again, *edited) << "not the same when done twice";
  }
}

TEST(EditableTomlTest, ChangesNothingElse) {
  constexpr Case kCases[] = {
      {"a value", "a = 1\n[p.zai] # x\nname = 'z'\nurl = \"old\" # why\n",
       "a = 1\n[p.zai] # x\nname = 'z'\nurl = \"new\" # why\n"},
      {"a literal string", "[p.zai]\nurl='old'\n", "[p.zai]\nurl=\"new\"\n"},
      {"a string of several lines", "[p.zai]\nurl = \"\"\"\nold\"\"\"\nb = 1\n",
       "[p.zai]\nurl = \"new\"\nb = 1\n"},
      {"text beyond ASCII before it",
       "# 名 🗝\n[p.zai]\n\"ключ\" = \"ä\"\nurl = \"ö\" # ü\n",
       "# 名 🗝\n[p.zai]\n\"ключ\" = \"ä\"\nurl = \"new\" # ü\n"},
      {"text beyond ASCII in its line", "p = { zai = { n = \"ä🗝\", url = \"old\" } } # ü\n",
       "p = { zai = { n = \"ä🗝\", url = \"new\" } } # ü\n"},
      {"a dotted key", "p.zai.url = \"old\"\n", "p.zai.url = \"new\"\n"},
      {"a value that is no string", "[p.zai]\nurl = [1, 2]\n", "[p.zai]\nurl = \"new\"\n"},
      {"a new key goes first in its table", "[p.zai] # x\nname = 1\n[q]\n",
       "[p.zai] # x\nurl = \"new\"\nname = 1\n[q]\n"},
      {"an indented table", "  [p.zai]\n  a = 1\n", "  [p.zai]\n  url = \"new\"\n  a = 1\n"},
      {"lines end as in the file", "a = 1\r\n[p.zai]\r\nb = 1\r\n",
       "a = 1\r\n[p.zai]\r\nurl = \"new\"\r\nb = 1\r\n"},
      {"a table of which only one below is there", "[p.zai.headers]\na = 1\n",
       "[p.zai.headers]\na = 1\n\n[p.zai]\nurl = \"new\"\n"},
      {"a new table goes to the end", "a = 1", "a = 1\n\n[p.zai]\nurl = \"new\"\n"},
      {"an empty file", "", "[p.zai]\nurl = \"new\"\n"},
      {"a byte order mark stays", "\xEF\xBB\xBF[p.zai]\nurl = \"old\"\n",
       "\xEF\xBB\xBF[p.zai]\nurl = \"new\"\n"},
      {"a header in a string is none", "a = '''\n[p.zai]\n'''\n",
       "a = '''\n[p.zai]\n'''\n\n[p.zai]\nurl = \"new\"\n"},
  };
  ExpectAll(kCases, {"p", "zai", "url"});
}

TEST(EditableTomlTest, NewKeyOfTheRootGoesBeforeAllTables) {
  constexpr Case kCases[] = {
      {"with tables", "# mine\n[p]\na = 1\n", "url = \"new\"\n# mine\n[p]\na = 1\n"},
      {"an empty file", "", "url = \"new\"\n"},
      {"lines end as in the file", "a = 1\r\n", "url = \"new\"\r\na = 1\r\n"},
  };
  ExpectAll(kCases, {"url"});
}

TEST(EditableTomlTest, KeysAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(*Set("", {"p", "z.ai 1", "url"}), "[p.\"z.ai 1\"]\nurl = \"new\"\n");
}

TEST(EditableTomlTest, TablesInOneLineAndDottedKeysGetANeighbour) {
  EXPECT_EQ(*Set("p = { zai = { a = 1 } }\n", {"p", "zai", "url"}),
            "p = { zai = { url = \"new\", a = 1 } }\n");
  EXPECT_EQ(*Set("p = { zai = {} }\n", {"p", "zai", "url"}), "p = { zai = { url = \"new\" } }\n");
  EXPECT_EQ(*Set("x = 1\r\np.zai.a = 1\r\n", {"p", "zai", "url"}),
            "x = 1\r\np.zai.url = \"new\"\r\np.zai.a = 1\r\n");
  EXPECT_EQ(*Set("[p]\n  \"z.=i\" . a = \"=\" # x", {"p", "z.=i", "url"}),
            "[p]\n  \"z.=i\" .url = \"new\"\n  \"z.=i\" . a = \"=\" # x");
}

TEST(EditableTomlTest, WhatIsToBeWrittenByHandIsSaidWithItsLine) {
  const auto set = Set("a = 1\np.zai = 1\n", {"p", "zai", "url"});
  EXPECT_THAT(set, zbroker::testing::Fails(absl::StatusCode::kFailedPrecondition,
                                           ::testing::StartsWith("2: p.zai.url can't be set")));
  EXPECT_THAT(set.status().message(), ::testing::HasSubstr("`url = \"new\"`"));
}

TEST(EditableTomlTest, WhatCannotBeChangedInPlaceIsRefused) {
  for (const char* text : {"p = { zai = 1 }\n", "p.zai = 1\n", "p = 1\n", "[[p]]\na = 1\n"}) {
    EXPECT_THAT(Set(text, {"p", "zai", "url"}), HasCode(absl::StatusCode::kFailedPrecondition))
        << text;
  }
}

TEST(EditableTomlTest, WhatIsNotTomlIsRefused) {
  for (const std::string& text :
       {std::string("a = "), std::string("[[["), std::string("{}"), std::string("a = \xFF"),
        "a = " + std::string(3000, '['), std::string(3000, 'a') + std::string(3000, '.')}) {
    EXPECT_THAT(EditableToml::Parse(text), HasCode(absl::StatusCode::kInvalidArgument))
        << text.substr(0, 20);
  }
}

TEST(EditableTomlTest, ProseMayBeLong) {
  EXPECT_OK(EditableToml::Parse("a = \"" + std::string(20'000, 'x') + "\"\n"));
}

TEST(EditableTomlTest, ValuesOfAnyKindAreReadAsTheyStandAndChanged) {
  const auto toml = EditableToml::Parse(
      "\xEF\xBB\xBF[a] # ä\r\nday = 2026-08-20 # x\r\nat=2026-08-20T14:05:00+02:00\r\nyes = "
      "true\r\n"
      "s = 'x' \r\nn = { m = [1, 2] }\r\n");
  ASSERT_OK(toml);
  EXPECT_EQ(toml->Literal({"a", "day"}), "2026-08-20");
  EXPECT_EQ(toml->Literal({"a", "at"}), "2026-08-20T14:05:00+02:00");
  EXPECT_EQ(toml->Literal({"a", "yes"}), "true");
  EXPECT_EQ(toml->Literal({"a", "s"}), "'x'");
  EXPECT_EQ(toml->Literal({"a", "none"}), std::nullopt);
  const auto edited = toml->WithLiteral({"a", "day"}, "2026-09-01T00:00:00Z");
  ASSERT_OK(edited);
  EXPECT_THAT(*edited, ::testing::HasSubstr("\r\nday = 2026-09-01T00:00:00Z # x\r\nat="));
  // One value in the place of one value.
  for (const char* wrong : {"", "tomorrow", "1\nb = 2", "1 # c", "[1"}) {
    EXPECT_THAT(toml->WithLiteral({"a", "day"}, wrong),
                HasCode(absl::StatusCode::kFailedPrecondition))
        << wrong;
  }
}

}  // namespace
}  // namespace zbroker::config
