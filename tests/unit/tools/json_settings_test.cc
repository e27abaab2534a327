#include "shims/tools/json_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"

namespace zbroker::tools {
namespace {

using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::IsEmpty;

std::string Merged(const std::string& base, const std::string& patch) {
  return JsonObject::Parse(base)->MergedWith(*JsonObject::Parse(patch));
}

std::string Nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "{\"a\":";
  return text + "1" + std::string(static_cast<size_t>(depth), '}');
}

TEST(JsonObjectTest, FindsStringsByTheirPath) {
  const auto object = JsonObject::Parse(R"({"a":{"b":"c"},"d":5})");
  ASSERT_OK(object);
  EXPECT_EQ(object->String({"a", "b"}), "c");
  EXPECT_EQ(object->String({"d"}), std::nullopt);
  EXPECT_EQ(object->String({"a"}), std::nullopt);
  EXPECT_EQ(object->String({"d", "e"}), std::nullopt);
  EXPECT_TRUE(object->Has({"d"}));
  EXPECT_FALSE(object->Has({"a", "c"}));
}

TEST(JsonObjectTest, LastOfEqualKeysCounts) {
  EXPECT_EQ(JsonObject::Parse(R"({"a":"1","a":"2"})")->String({"a"}), "2");
}

TEST(JsonObjectTest, ByteOrderMarkIsPassedOverAsToolsDo) {
  const auto object = JsonObject::Parse("\xEF\xBB\xBF{\"a\":\"1\"}");
  ASSERT_OK(object);
  EXPECT_EQ(object->String({"a"}), "1");
  EXPECT_THAT(JsonObject::Parse("\xEF\xBB\xBF"), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(JsonObjectTest, ListsKeysInTheirOrder) {
  const auto object = JsonObject::Parse(R"({"b":{"y":1,"x":2},"a":[]})");
  ASSERT_OK(object);
  EXPECT_THAT(object->Keys({}), ElementsAre("b", "a"));
  EXPECT_THAT(object->Keys({"b"}), ElementsAre("y", "x"));
  EXPECT_THAT(object->Keys({"a"}), IsEmpty());
}

TEST(JsonObjectTest, WhatIsNoObjectIsRefused) {
  for (const char* text : {"", " ", "{", "[]", "\"a\"", "null", "{\"a\":1,}", "{}x", "{\"a\":\xff}",
                           "{\"a\":\"\xff\"}", "// c\n{}"}) {
    EXPECT_THAT(JsonObject::Parse(text), HasCode(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(JsonObjectTest, DepthIsBounded) {
  EXPECT_OK(JsonObject::Parse(Nested(60)));
  EXPECT_THAT(JsonObject::Parse(Nested(70)), HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(JsonObject::Parse(Nested(100'000)), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(JsonObjectTest, MergeKeepsWhatThePatchDoesNotName) {
  EXPECT_EQ(Merged(R"({"a":1,"env":{"x":"y","u":"old"},"z":[1,{"k":null}]})",
                   R"({"env":{"u":"new","v":"w"}})"),
            R"({"a":1,"env":{"x":"y","u":"new","v":"w"},"z":[1,{"k":null}]})");
}

TEST(JsonObjectTest, MergeReplacesWhatIsNoObject) {
  EXPECT_EQ(Merged(R"({"env":5})", R"({"env":{"u":"v"}})"), R"({"env":{"u":"v"}})");
  EXPECT_EQ(Merged("{}", R"({"a":[1]})"), R"({"a":[1]})");
}

TEST(JsonObjectTest, MergeKeepsTextAndNumbers) {
  const std::string text = R"({"k\"ey":"é\n\\","n":9007199254740993,"f":0.1})";
  EXPECT_EQ(Merged(text, "{}"), text);
}

TEST(JsonQuoteTest, EscapesWhatJsonForbids) {
  EXPECT_EQ(JsonQuote("a\"b\\c\n\x01é"), "\"a\\\"b\\\\c\\u000a\\u0001é\"");
}

TEST(JsonObjectTest, CanonicalTextIsTheSameForWhatMeansTheSame) {
  const auto canonical = [](const char* text) { return JsonObject::Parse(text)->Canonical(); };
  EXPECT_EQ(canonical("{ \"b\" : [1, {\"d\":null,\"c\":\"x\"}],\"a\":1.5 }"),
            "{\"a\":1.5,\"b\":[1,{\"c\":\"x\",\"d\":null}]}");
  EXPECT_NE(canonical("{\"a\":[1,2]}"), canonical("{\"a\":[2,1]}"));
}

TEST(PlainJsonTest, LeavesEveryOtherByteInItsPlace) {
  EXPECT_EQ(PlainJson("{\"a\": 1, // one\n /* two\n */ \"b\": [2, ], }"),
            "{\"a\": 1,       \n       \n    \"b\": [2  ]  }");
}

TEST(PlainJsonTest, LeavesStringsAlone) {
  for (const char* text :
       {R"({"a":"// no, /* no */ ,]"})", R"({"a":"\"// no"})", R"({"a":",}"})"}) {
    EXPECT_EQ(PlainJson(text), text);
  }
}

TEST(PlainJsonTest, TakesWhatNeverEnds) {
  EXPECT_EQ(PlainJson("{\"a"), "{\"a");
  EXPECT_EQ(PlainJson("{\"a\\"), "{\"a\\");
  EXPECT_EQ(PlainJson("{/* a"), "{    ");
  EXPECT_EQ(PlainJson("{/*/"), "{   ");
  EXPECT_EQ(PlainJson("{// a"), "{    ");
  EXPECT_EQ(PlainJson("{/"), "{/");
}

}  // namespace
}  // namespace zbroker::tools
