#include "shims/tools/yaml_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"

namespace zbroker::tools {
namespace {

using testing::HasCode;

struct Case {
  const char* what;
  const char* before;
  const char* after;
};

// Each sets models[0].apiBase to "new", beside `provider` if there is none.
constexpr Case kCases[] = {
    {"a plain value", "models:\n  - provider: openai\n    apiBase: https://x/v4 # why\n",
     "models:\n  - provider: openai\n    apiBase: \"new\" # why\n"},
    {"a quoted value", "models:\n- {provider: 'a', apiBase: 'old'} # x\n",
     "models:\n- {provider: 'a', apiBase: \"new\"} # x\n"},
    {"text beyond ASCII before it", "# 名 🗝 ä\nmodels:\n- provider: ü\n  apiBase: old\n",
     "# 名 🗝 ä\nmodels:\n- provider: ü\n  apiBase: \"new\"\n"},
    {"lines end as in the file", "models:\r\n- provider: a\r\n  name: b\r\n",
     "models:\r\n- provider: a\r\n  apiBase: \"new\"\r\n  name: b\r\n"},
    {"a new key goes behind its neighbour's line",
     "models:\n  - name: x\n    provider: a # why\n    model: m\n",
     "models:\n  - name: x\n    provider: a # why\n    apiBase: \"new\"\n    model: m\n"},
    {"a new key in a last line without an end", "models:\n- provider: a",
     "models:\n- provider: a\n  apiBase: \"new\""},
    {"a new key in a flow mapping", "models: [{provider: a, model: m}]",
     "models: [{provider: a, apiBase: \"new\", model: m}]"},
    {"a byte order mark stays", "\xEF\xBB\xBFmodels:\n- provider: a\n  apiBase: old\n",
     "\xEF\xBB\xBFmodels:\n- provider: a\n  apiBase: \"new\"\n"},
    {"a key without a value", "models:\n- provider: a\n  apiBase:\n  model: m\n",
     "models:\n- provider: a\n  apiBase: \"new\"\n  model: m\n"},
    {"a document with a head and an end",
     "%YAML 1.1\n---\nmodels:\n- provider: a\n  apiBase: b\n...\n",
     "%YAML 1.1\n---\nmodels:\n- provider: a\n  apiBase: \"new\"\n...\n"},
};

absl::StatusOr<std::string> Set(absl::string_view text) {
  const auto yaml = YamlSettings::Parse(text);
  if (!yaml.ok()) return yaml.status();
  return yaml->WithString("models", 0, "apiBase", "new", "provider");
}

TEST(YamlSettingsTest, ChangesNothingElse) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    const auto edited = Set(one.before);
    ASSERT_OK(edited);
    EXPECT_EQ(*edited, one.after);
    const auto again = Set(*edited);
    ASSERT_OK(again);
    EXPECT_EQ(*again, *edited) << "not the same when done twice";
    EXPECT_EQ(YamlSettings::Parse(*edited)->String("models", 0, "apiBase"), "new");
  }
}

TEST(YamlSettingsTest, WhatCannotBeChangedInPlaceIsRefused) {
  for (const char* text :
       {"models:\n- provider: a\n  apiBase: |\n    https://x\n", "models:\n- model: m\n",
        "models:\n- provider: a\n  apiBase: [1]\n",
        "u: &u old\nmodels:\n- provider: a\n  apiBase: *u\n",
        "m: &m {provider: a, apiBase: x}\nmodels:\n- provider: a\n  apiBase: {<<: *m}\n",
        "models: []\n", "models: 1\n", "a: 1\n"}) {
    EXPECT_THAT(Set(text), HasCode(absl::StatusCode::kFailedPrecondition)) << text;
  }
}

TEST(YamlSettingsTest, WhatIsNoMappingIsRefused) {
  for (const char* text :
       {"", "# only a comment\n", "- a\n", "x", "a: [", "a: b: c", "\t- a", "a: *b", "a: \xFF"}) {
    EXPECT_THAT(YamlSettings::Parse(text), HasCode(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(YamlSettingsTest, AliasesThatMultiplyCostNothing) {
  std::string text = "a0: &a0 [x, x, x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before +
            ", " + before + "]\n";
  }
  text += "models:\n- provider: a\n";
  EXPECT_OK(Set(text));
}

TEST(YamlSettingsTest, DeepNestingIsNoTrouble) {
  EXPECT_THAT(Set("a: " + std::string(100'000, '[')), HasCode(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace zbroker::tools
