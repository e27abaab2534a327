#include "client/base/text.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"

namespace zbroker {
namespace {

using testing::Fails;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(Utf8Test, TakesTheFirstAndLastCharacterOfEachLength) {
  for (const char* text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << EscapeControls(text);
  }
}

TEST(Utf8Test, RefusesOverlongForms) {
  for (const char* text : {"\xc0\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
                           "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf"}) {
    EXPECT_FALSE(IsValidUtf8(text)) << EscapeControls(text);
  }
}

TEST(Utf8Test, RefusesSurrogates) {
  EXPECT_FALSE(IsValidUtf8("\xed\xa0\x80"));
  EXPECT_FALSE(IsValidUtf8("\xed\xbf\xbf"));
}

TEST(Utf8Test, RefusesWhatIsBeyondUnicode) {
  EXPECT_FALSE(IsValidUtf8("\xf4\x90\x80\x80"));
  EXPECT_FALSE(IsValidUtf8("\xf5\x80\x80\x80"));
  EXPECT_FALSE(IsValidUtf8("\xff"));
}

TEST(Utf8Test, RefusesTruncatedSequences) {
  for (const char* text : {"\xc3", "a\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xe2\x82z", "\xc3\xc3"}) {
    EXPECT_FALSE(IsValidUtf8(text)) << EscapeControls(text);
  }
}

TEST(Utf8Test, RefusesAContinuationWithoutALead) { EXPECT_FALSE(IsValidUtf8("a\x80")); }

TEST(CheckNameTest, TakesAnyPrintableText) {
  EXPECT_OK(CheckName("model", ""));
  EXPECT_OK(CheckName("model", "glm-4.7 \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
}

TEST(CheckNameTest, TheBoundIsInBytes) {
  EXPECT_OK(CheckName("model", std::string(kNameBytesMax, 'a')));
  EXPECT_THAT(CheckName("model", std::string(kNameBytesMax + 1, 'a')),
              Fails(kInvalid, "model is 257 bytes long; at most 256 are allowed"));
  EXPECT_THAT(CheckName("model", "\xe2\x82\xac", 2), Fails(kInvalid, HasSubstr("3 bytes")));
}

TEST(CheckNameTest, RefusesControlsAndSaysWhere) {
  EXPECT_THAT(CheckName("session", "a\nb"),
              Fails(kInvalid, "session has a control character at byte 1"));
  EXPECT_THAT(CheckName("session", "\x7f"), Fails(kInvalid, HasSubstr("control")));
  EXPECT_THAT(CheckName("session", std::string(1, '\0')), Fails(kInvalid, HasSubstr("control")));
}

TEST(CheckNameTest, RefusesTheSecondBlockOfControls) {
  EXPECT_THAT(CheckName("session", "\xc2\x80"), Fails(kInvalid, HasSubstr("control")));
  EXPECT_THAT(CheckName("session", "\xc2\x9f"), Fails(kInvalid, HasSubstr("control")));
  EXPECT_OK(CheckName("session", "\xc2\xa0"));
}

TEST(CheckNameTest, RefusesWhatIsNotUtf8) {
  EXPECT_THAT(CheckName("session", "caf\xe9"), Fails(kInvalid, "session is not valid UTF-8"));
}

TEST(EscapeControlsTest, LeavesPrintableTextAlone) {
  EXPECT_EQ(EscapeControls("caf\xc3\xa9 \\ \xf0\x9f\x98\x80"), "caf\xc3\xa9 \\ \xf0\x9f\x98\x80");
}

TEST(EscapeControlsTest, EscapesControlsByteByByte) {
  EXPECT_EQ(EscapeControls(absl::string_view("a\0\t\x1b\x7f", 5)), "a\\x00\\x09\\x1b\\x7f");
  EXPECT_EQ(EscapeControls("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(EscapeControlsTest, EscapesOnlyTheBytesThatAreNotUtf8) {
  EXPECT_EQ(EscapeControls("\xe2\x82z\xff\xc3\xa9"), "\\xe2\\x82z\\xff\xc3\xa9");
}

TEST(EllipsizeTest, LeavesTextThatFits) {
  EXPECT_EQ(Ellipsize("", 0), "");
  EXPECT_EQ(Ellipsize("abc", 3), "abc");
  EXPECT_EQ(Ellipsize("\xc3\xa9\xc3\xa9\xc3\xa9", 3), "\xc3\xa9\xc3\xa9\xc3\xa9");
}

TEST(EllipsizeTest, TheEllipsisTakesTheLastColumn) {
  EXPECT_EQ(Ellipsize("abcd", 3), "ab…");
  EXPECT_EQ(Ellipsize("abcd", 1), "…");
}

TEST(EllipsizeTest, NeverCutsInsideACharacter) {
  EXPECT_EQ(Ellipsize("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", 3), "\xc3\xa9\xe2\x82\xac…");
}

TEST(EllipsizeTest, NoColumnsLeaveNothing) { EXPECT_EQ(Ellipsize("abc", 0), ""); }

}  // namespace
}  // namespace zbroker
