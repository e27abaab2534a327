#include "client/config/document.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace zbroker::config {
namespace {

absl::Status Check(absl::string_view text) { return Document::Parse(text, "zb.toml").status(); }

std::string ErrorOf(absl::string_view text) {
  const absl::Status status = Check(text);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(DocumentTest, AnErrorHasTheParsersWords) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_max = \n"),
            "zb.toml:2: not valid TOML: Error while parsing key-value pair: "
            "expected value, saw '\\n'");
}

TEST(DocumentTest, AKeyTwiceIsAnError) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_max = 1\nqueue_max = 2\n"),
            "zb.toml:3: not valid TOML: Error while parsing key-value pair: "
            "cannot redefine existing integer 'queue_max'");
}

TEST(DocumentTest, ATableTwiceIsAnError) {
  EXPECT_EQ(ErrorOf("[account.a]\n[account.b]\n[account.a]\n"),
            "zb.toml:3: not valid TOML: Error while parsing table header: "
            "cannot redefine existing table 'account.a'");
}

TEST(DocumentTest, TextThatIsNotUtf8IsAnError) {
  EXPECT_EQ(ErrorOf("[broker]\n\xFF = 1\n"),
            "zb.toml:2: bytes that are no characters; expected UTF-8");
}

TEST(DocumentTest, AZeroByteIsAnError) {
  EXPECT_EQ(ErrorOf(absl::string_view("[broker]\n\0", 10)),
            "zb.toml:2: not valid TOML: Error while parsing root table: "
            "expected keys, tables, whitespace or comments, saw '\\u0000'");
}

// toml++ 3.3 would end the process.
TEST(DocumentTest, AHeaderWithoutAKeyIsAnError) {
  EXPECT_EQ(ErrorOf("\n[[[a]]]\n"),
            "zb.toml:2: not valid TOML: Error while parsing key: "
            "expected bare key starting character or string delimiter, saw '['");
}

TEST(DocumentTest, ALineOf2048BytesIsTaken) {
  EXPECT_EQ(Check(absl::StrCat("\n#", std::string(2047, 'x'), "\n")), absl::OkStatus());
}

TEST(DocumentTest, ALongerLineIsRefused) {
  EXPECT_EQ(ErrorOf(absl::StrCat("\n#", std::string(2048, 'x'), "\n")),
            "zb.toml:2: line of 2049 bytes; expected at most 2048");
}

// toml++ would destroy such a tree by recursion and overflow the stack.
TEST(DocumentTest, AVeryDeepKeyIsRefused) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  EXPECT_EQ(ErrorOf(absl::StrCat("[", key, "]")),
            "zb.toml:1: line of 200003 bytes; expected at most 2048");
}

TEST(DocumentTest, VeryDeepValuesAreRefused) {
  EXPECT_EQ(ErrorOf(absl::StrCat("a = ", std::string(9, '['), std::string(9, ']'))),
            "zb.toml:1: not valid TOML: Error while parsing value: "
            "exceeded maximum nested value depth of 8 (TOML_MAX_NESTED_VALUES)");
}

// Every bound used up at once: each table is in an array that is in a table.
TEST(DocumentTest, TheDeepestTreeFitsTheStack) {
  std::string key = "a";
  while (key.size() < 2000) key += ".a";
  std::string text = absl::StrCat("[", key, "]\n");
  for (int i = 0; i < 4; ++i) absl::StrAppend(&text, i == 0 ? "" : "{", key, " = [\n");
  absl::StrAppend(&text, "1\n]}\n]}\n]}\n]\n");
  EXPECT_EQ(Check(text), absl::OkStatus());
}

}  // namespace
}  // namespace zbroker::config
