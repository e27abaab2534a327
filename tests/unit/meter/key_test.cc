#include "shims/meter/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::meter {
namespace {

using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::Not;
using tools::FakeSurroundings;

constexpr char kOrigin[] = "https://api.example.com";
constexpr char kSecret[] = "0123456789abcdef.Secret";

TEST(KeyTest, WhiteSpaceAtItsEndsIsNoPartOfIt) {
  EXPECT_EQ(Key::Parse("it", absl::StrCat(" ", kSecret, "\r\n"))->text(), kSecret);
}

TEST(KeyTest, WhatCannotBeAFieldsValueIsNoKeyAndIsNotQuoted) {
  for (const std::string& text :
       {std::string(), std::string("short"), std::string("two\nlines 123"),
        std::string("bell\a45678"), std::string(5000, 'k'), std::string("schlüssel-1")}) {
    const auto key = Key::Parse("the file", text);
    EXPECT_THAT(key.status(), HasCode(absl::StatusCode::kInvalidArgument));
    if (text.size() > 5) {
      EXPECT_THAT(std::string(key.status().message()), Not(HasSubstr(text)));
    }
  }
}

TEST(KeyTest, QuotationsOfItAreMasked) {
  const auto key = Key::Parse("it", kSecret);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->Mask(absl::StrCat("bad key ", kSecret, "!")), "bad key …!");
  EXPECT_EQ(key->Mask("key 01234567… is bad"), "key …… is bad");
  EXPECT_EQ(key->Mask("nothing of it: 0123"), "nothing of it: 0123");
}

TEST(FindKeyTest, NamedVariableWinsAndItsAbsenceIsSaid) {
  FakeSurroundings machine;
  EXPECT_THAT(FindKey({.variable = "MY_KEY"}, kOrigin, machine).status(),
              HasCode(absl::StatusCode::kFailedPrecondition));
  machine.variables["MY_KEY"] = kSecret;
  EXPECT_EQ(FindKey({.variable = "MY_KEY"}, kOrigin, machine)->text(), kSecret);
}

TEST(FindKeyTest, FileMustBeNobodyElses) {
  const testing::TempDir dir;
  const std::string path = dir.File("key");
  const FakeSurroundings machine;
  EXPECT_THAT(FindKey({.file = path}, kOrigin, machine).status(),
              HasCode(absl::StatusCode::kNotFound));
  testing::WriteFile(path, absl::StrCat(kSecret, "\n"));
  for (const mode_t mode : {0644, 0640, 0604, 0620, 0777}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    const auto key = FindKey({.file = path}, kOrigin, machine);
    EXPECT_THAT(key.status(), HasCode(absl::StatusCode::kFailedPrecondition)) << mode;
    EXPECT_THAT(std::string(key.status().message()), HasSubstr("chmod 600"));
  }
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(FindKey({.file = path}, kOrigin, machine)->text(), kSecret);
  EXPECT_EQ(FindKey({.variable = "UNSET", .file = path}, kOrigin, machine)->text(), kSecret);
  EXPECT_THAT(FindKey({.file = dir.path()}, kOrigin, machine).status(),
              HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST(FindKeyTest, ClaudeCodesKeyIsForTheHostThatItGoesTo) {
  FakeSurroundings machine;
  machine.files["/home/me/.claude/settings.json"] =
      absl::StrCat(R"({"env":{"ANTHROPIC_BASE_URL":"https://api.example.com/api/anthropic",)",
                   R"("ANTHROPIC_AUTH_TOKEN":")", kSecret, R"("}})");
  EXPECT_EQ(FindKey({}, kOrigin, machine)->text(), kSecret);
  const auto elsewhere = FindKey({}, "https://api.example.org", machine);
  EXPECT_THAT(elsewhere.status(), HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(elsewhere.status().message()), HasSubstr("--key-file"));
}

TEST(FindKeyTest, ClaudeCodesEnvironmentCountsWhereItsSettingsSayNothing) {
  FakeSurroundings machine;
  machine.variables = {{"ANTHROPIC_BASE_URL", "https://api.example.com"},
                       {"ANTHROPIC_API_KEY", kSecret}};
  EXPECT_EQ(FindKey({}, kOrigin, machine)->text(), kSecret);
}

TEST(LeaveNoCoreTest, NoCoreFileMayBeWritten) {
  LeaveNoCore();
  rlimit limit = {1, 1};
  ASSERT_EQ(getrlimit(RLIMIT_CORE, &limit), 0);
  EXPECT_EQ(limit.rlim_max, 0u);
}

}  // namespace
}  // namespace zbroker::meter
