#include "shims/tools/json_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "shims/tools/json_settings.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::tools {
namespace {

using testing::Fails;
using ::testing::HasSubstr;

struct Case {
  const char* what;
  const char* before;
  const char* after;
};

// Each sets env.URL to "new".
constexpr Case kCases[] = {
    {"a value is changed and nothing else", "{ \"env\" : { \"URL\":\"old\",\t\"A\":1 } }",
     "{ \"env\" : { \"URL\":\"new\",\t\"A\":1 } }"},
    {"a value that is no string is replaced", R"({"env":{"URL":[1,{"a":"}"}]}})",
     R"({"env":{"URL":"new"}})"},
    {"comments, their brackets and trailing commas stay",
     "{\n  // \"env\": {\n  /* } */ \"env\": {\"URL\": \"old\",}, // }\n}\n",
     "{\n  // \"env\": {\n  /* } */ \"env\": {\"URL\": \"new\",}, // }\n}\n"},
    {"a new member takes a line where its neighbours have lines",
     "{\n  \"env\": {\n    \"A\": \"1\"\n  }\n}",
     "{\n  \"env\": {\n    \"A\": \"1\",\n    \"URL\": \"new\"\n  }\n}"},
    {"a new member goes behind a trailing comma and has one",
     "{\n  \"env\": {\n    \"A\": \"1\",\n  },\n}",
     "{\n  \"env\": {\n    \"A\": \"1\",\n    \"URL\": \"new\",\n  },\n}"},
    {"the comment behind the last member stays there",
     "{\n  \"env\": {\n    \"A\": 1 // why\n  }\n}",
     "{\n  \"env\": {\n    \"A\": 1, // why\n    \"URL\": \"new\"\n  }\n}"},
    {"a new object is indented by what the file uses", "{\n\t\"a\": 1\n}\n",
     "{\n\t\"a\": 1,\n\t\"env\": {\n\t\t\"URL\": \"new\"\n\t}\n}\n"},
    {"lines end as in the file", "{\r\n  \"a\": 1\r\n}\r\n",
     "{\r\n  \"a\": 1,\r\n  \"env\": {\r\n    \"URL\": \"new\"\r\n  }\r\n}\r\n"},
    {"one line stays one line", R"({"a":1})", R"({"a":1, "env": {"URL": "new"}})"},
    {"an empty object", "{}", "{\n  \"env\": {\n    \"URL\": \"new\"\n  }\n}"},
    {"an empty object inside", "{\n  \"env\": {}\n}",
     "{\n  \"env\": {\n    \"URL\": \"new\"\n  }\n}"},
    {"an empty file", "", "{\n  \"env\": {\n    \"URL\": \"new\"\n  }\n}\n"},
    {"a file of blanks", " \r\n", "{\r\n  \"env\": {\r\n    \"URL\": \"new\"\r\n  }\r\n}\r\n"},
    {"a byte order mark stays", "\xEF\xBB\xBF{\"env\":{\"URL\":\"old\"}}",
     "\xEF\xBB\xBF{\"env\":{\"URL\":\"new\"}}"},
    {"of two with one key the last counts", R"({"env":{"URL":"1","URL":"2"}})",
     R"({"env":{"URL":"1","URL":"new"}})"},
    {"keys are compared as they are meant", R"({"\u0065nv":{"U\u0052L":"old"}})",
     R"({"\u0065nv":{"U\u0052L":"new"}})"},
    {"strings that look like structure", R"({"a":"\"},{\"env\":","env":{"URL":"\\"}})",
     R"({"a":"\"},{\"env\":","env":{"URL":"new"}})"},
    {"text beyond ASCII", R"({"名":"值 🗝","env":{"URL":"ä"}})",
     R"({"名":"值 🗝","env":{"URL":"new"}})"},
};

TEST(SetJsonStringTest, ChangesNothingElse) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    const auto edited = SetJsonString(one.before, Syntax::kJsonWithComments, {"env", "URL"}, "new");
    ASSERT_OK(edited);
    EXPECT_EQ(*edited, one.after);
    const auto again = SetJsonString(*edited, Syntax::kJsonWithComments, {"env", "URL"}, "new");
    ASSERT_OK(again);
    EXPECT_EQ(*again, *edited) << "not the same when done twice";
  }
}

TEST(SetJsonStringTest, ValueIsQuoted) {
  const auto edited = SetJsonString("{}", Syntax::kJson, {"a"}, "\"\\\n");
  ASSERT_OK(edited);
  EXPECT_EQ(JsonObject::Parse(*edited)->String({"a"}), "\"\\\n");
}

TEST(SetJsonStringTest, WhatIsNoObjectIsNotReplaced) {
  for (const char* text : {R"({"env":null})", R"({"env":[]})", R"({"env":"x"})"}) {
    EXPECT_THAT(SetJsonString(text, Syntax::kJson, {"env", "URL"}, "new"),
                Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("env")));
  }
}

TEST(SetJsonStringTest, WhatIsNotJsonIsRefused) {
  for (const char* text : {"[]", "x", "{\"a\":1", "{\"a\":1}}", "{'a':1}", "// only a comment"}) {
    EXPECT_THAT(SetJsonString(text, Syntax::kJsonWithComments, {"env", "URL"}, "new"),
                testing::HasCode(absl::StatusCode::kInvalidArgument))
        << text;
  }
  EXPECT_THAT(SetJsonString("{/**/}", Syntax::kJson, {"env", "URL"}, "new"),
              testing::HasCode(absl::StatusCode::kInvalidArgument));
}

struct ArrayCase {
  const char* what;
  size_t count;
  std::vector<std::string> elements;
  const char* before;
  const char* after;
};

// Each replaces elements of a.b.
const ArrayCase kArrayCases[] = {
    {"new ones come first",
     0,
     {"1", "2"},
     R"({"a":{"b":[ 3,4 ]}})",
     R"({"a":{"b":[ 1, 2, 3,4 ]}})"},
    {"each has a line where the others have",
     0,
     {"1", "2"},
     "{\"a\": {\r\n\t\"b\": [\r\n\t\t3 // why\r\n\t]}}",
     "{\"a\": {\r\n\t\"b\": [\r\n\t\t1,\r\n\t\t2,\r\n\t\t3 // why\r\n\t]}}"},
    {"the first go", 2, {}, R"({"a":{"b":[1, "],[", 3]}})", R"({"a":{"b":[3]}})"},
    {"all go, and their last comma",
     2,
     {},
     R"({"a":{"b":[ 1, {"x":[]}, ]}})",
     R"({"a":{"b":[  ]}})"},
    {"all are replaced", 1, {"2"}, R"({"a":{"b":[[1], ]}})", R"({"a":{"b":[2, ]}})"},
    {"some are replaced",
     1,
     {"9"},
     "{\"a\":{\"b\":[\n  1,\n  2\n]}}",
     "{\"a\":{\"b\":[\n  9,\n  2\n]}}"},
    {"an empty one", 0, {"1", "2"}, R"({"a":{"b":[]}})", R"({"a":{"b":[1, 2]}})"},
    {"one that is missing",
     0,
     {"1", "2"},
     "{\n  \"a\": {\n    \"c\": 1\n  }\n}",
     "{\n  \"a\": {\n    \"c\": 1,\n    \"b\": [1, 2]\n  }\n}"},
    {"nothing for nothing", 0, {}, R"({"a":{"b":[1]}})", R"({"a":{"b":[1]}})"},
};

TEST(ReplaceFirstTest, ChangesNothingElse) {
  for (const ArrayCase& one : kArrayCases) {
    SCOPED_TRACE(one.what);
    const auto edited =
        ReplaceFirst(one.before, Syntax::kJsonWithComments, {"a", "b"}, one.count, one.elements);
    ASSERT_OK(edited);
    EXPECT_EQ(*edited, one.after);
  }
}

TEST(ReplaceFirstTest, WhatHasNoSuchElementsIsRefused) {
  for (const char* text : {R"({"a":{"b":{}}})", R"({"a":{"b":"[]"}})", R"({"a":[]})",
                           R"({"a":{"b":[1]}})", R"({"a":{}})"}) {
    EXPECT_THAT(ReplaceFirst(text, Syntax::kJson, {"a", "b"}, 2, {"1"}),
                testing::HasCode(absl::StatusCode::kFailedPrecondition))
        << text;
  }
}

TEST(AppendElementTest, GoesBehindTheLastOneInItsManner) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "{\n  \"a\": {\n    \"b\": [9]\n  }\n}\n"},
      {R"({"a":{"b":[]}})", R"({"a":{"b":[9]}})"},
      {R"({"a":{"b":[1,]}})", R"({"a":{"b":[1, 9,]}})"},
      {R"({"a":{"b":[{"c": 1}]}})", R"({"a":{"b":[{"c": 1}, 9]}})"},
      {"{\"a\":{\"b\":[\n  1 // one\n]}}", "{\"a\":{\"b\":[\n  1, // one\n  9\n]}}"},
      {"{\"a\":{\"b\":[\n  1]}}", "{\"a\":{\"b\":[\n  1,\n  9]}}"},
  };
  for (const auto& [before, after] : cases) {
    const auto edited = AppendElement(before, Syntax::kJsonWithComments, {"a", "b"}, "9");
    ASSERT_OK(edited);
    EXPECT_EQ(*edited, after);
  }
}

}  // namespace
}  // namespace zbroker::tools
