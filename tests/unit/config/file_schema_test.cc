// packaging/schema/config.schema.json, by which editors complete and check configurations, says
// what the reader says: the same keys, bounds and words.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/config/settings.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

class FileSchemaTest : public ::testing::Test {
 protected:
  FileSchemaTest() {
    std::ifstream file(ZBROKER_CONFIG_SCHEMA);
    std::stringstream text;
    text << file.rdbuf();
    const auto read = google::protobuf::util::JsonStringToMessage(text.str(), &root_);
    EXPECT_TRUE(read.ok()) << read.message();
  }

  static const Struct& Member(const Struct& object, const std::string& key) {
    static const Struct none;
    const auto found = object.fields().find(key);
    if (found != object.fields().end()) return found->second.struct_value();
    ADD_FAILURE() << "no " << key << " in " << object.ShortDebugString();
    return none;
  }

  // The dotted name of a table, without brackets.
  static std::string NameOf(const Table& table) {
    absl::string_view name = table.header;
    while (absl::ConsumePrefix(&name, "[") || absl::ConsumeSuffix(&name, "]")) {
    }
    return std::string(name);
  }

  const Struct& SchemaOf(const Table& table) const {
    const Struct* schema = &root_;
    const std::vector<std::string> steps = absl::StrSplit(NameOf(table), '.');
    for (const std::string& step : steps) {
      schema = step == "default" ? &Member(*schema, "additionalProperties")
                                 : &Member(Member(*schema, "properties"), step);
      if (schema->fields().contains("items")) schema = &Member(*schema, "items");
    }
    return *schema;
  }

  // What the reader says of a table in which one key has this value.
  static std::string Said(const Table& table, const std::string& key, const std::string& value) {
    std::string lines;
    for (const absl::string_view line : absl::StrSplit(table.lines, '\n', absl::SkipEmpty())) {
      if (!absl::StartsWith(line, absl::StrCat(key, " = "))) absl::StrAppend(&lines, line, "\n");
    }
    const auto config =
        ParseConfig(absl::StrCat(table.header, "\n", lines, key, " = ", value, "\n"), "zb.toml");
    return std::string(config.status().message());
  }

  // Whether the value as such is refused, rather than that it does not go with others.
  static bool IsRefused(const Table& table, const std::string& key, const std::string& value) {
    return absl::StrContains(Said(table, key, value), absl::StrCat(".", key, ": found "));
  }

  Struct root_;
};

std::string Number(double value) { return absl::StrFormat("%.0f", value); }

TEST_F(FileSchemaTest, HasTheReadersKeysAndNoOthers) {
  for (const Table& table : kTables) {
    std::vector<std::string> known = KnownKeys(table);
    std::vector<std::string> listed;
    for (const auto& [key, schema] : Member(SchemaOf(table), "properties").fields()) {
      listed.push_back(key);
    }
    std::ranges::sort(known);
    std::ranges::sort(listed);
    EXPECT_EQ(listed, known) << table.header;
    EXPECT_EQ(SchemaOf(table).fields().at("additionalProperties").kind_case(), Value::kBoolValue);
  }
  EXPECT_EQ(Member(root_, "properties").fields_size(), 4);
  EXPECT_EQ(KnownKeys({"", ""}).size(), 4u);
}

TEST_F(FileSchemaTest, BoundsAreTheReaders) {
  int bounds = 0;
  for (const Table& table : kTables) {
    for (const auto& [key, value] : Member(SchemaOf(table), "properties").fields()) {
      const auto& schema = value.struct_value().fields();
      if (!schema.contains("maximum")) continue;
      const double least = schema.contains("minimum") ? schema.at("minimum").number_value() : 0;
      const double most = schema.at("maximum").number_value();
      EXPECT_FALSE(IsRefused(table, key, Number(least))) << Said(table, key, Number(least));
      EXPECT_FALSE(IsRefused(table, key, Number(most))) << Said(table, key, Number(most));
      EXPECT_TRUE(IsRefused(table, key, Number(least - 1))) << table.header << " " << key;
      EXPECT_TRUE(IsRefused(table, key, Number(most + 1))) << table.header << " " << key;
      ++bounds;
    }
  }
  EXPECT_GE(bounds, 16);
}

TEST_F(FileSchemaTest, WordsAreTheReaders) {
  int words = 0;
  for (const Table& table : kTables) {
    for (const auto& [key, value] : Member(SchemaOf(table), "properties").fields()) {
      const auto& schema = value.struct_value().fields();
      if (!schema.contains("enum")) continue;
      // The reader lists those that it takes.
      const std::string expected = Said(table, key, "\"qqqqqqqq\"");
      for (const Value& word : schema.at("enum").list_value().values()) {
        const std::string quoted = absl::StrCat("\"", word.string_value(), "\"");
        EXPECT_FALSE(IsRefused(table, key, quoted)) << key << " " << quoted;
        EXPECT_TRUE(absl::StrContains(expected, quoted)) << expected;
        ++words;
      }
      EXPECT_EQ(
          static_cast<size_t>(schema.at("enum").list_value().values_size()),
          std::vector<std::string>(absl::StrSplit(expected.substr(expected.find("expected ")), '"'))
                  .size() /
              2)
          << expected;
    }
  }
  EXPECT_GE(words, 18);
}

TEST_F(FileSchemaTest, TypesAreTheReaders) {
  for (const Table& table : kTables) {
    for (const auto& [key, value] : Member(SchemaOf(table), "properties").fields()) {
      const auto& schema = value.struct_value().fields();
      const std::string type =
          schema.contains("type") ? schema.at("type").string_value() : "string";
      if (type == "object" || type == "array") continue;
      // None is both.
      EXPECT_EQ(IsRefused(table, key, "true"), type != "boolean") << table.header << " " << key;
      EXPECT_EQ(IsRefused(table, key, "[1]"), true) << table.header << " " << key;
    }
  }
}

TEST_F(FileSchemaTest, WhatItRequiresIsMissedByTheReader) {
  for (const Table& table : kTables) {
    const auto& schema = SchemaOf(table).fields();
    if (!schema.contains("required")) continue;
    for (const Value& key : schema.at("required").list_value().values()) {
      std::string lines;
      for (const absl::string_view line : absl::StrSplit(table.lines, '\n', absl::SkipEmpty())) {
        if (!absl::StartsWith(line, absl::StrCat(key.string_value(), " = "))) {
          absl::StrAppend(&lines, line, "\n");
        }
      }
      EXPECT_TRUE(absl::StrContains(ErrorOf(absl::StrCat(table.header, "\n", lines)),
                                    absl::StrCat(".", key.string_value(), ": missing")))
          << table.header << " " << key.string_value();
    }
  }
}

TEST_F(FileSchemaTest, DefaultsAreThoseInForce) {
  const auto loaded = ParseWithSettings("", "zb.toml");
  ASSERT_TRUE(loaded.ok());
  std::map<std::string, std::string> settings;
  for (const Setting& one : loaded->settings) settings.emplace(one.key, one.value);
  int defaults = 0;
  for (const Table& table : kTables) {
    for (const auto& [key, value] : Member(SchemaOf(table), "properties").fields()) {
      const auto& schema = value.struct_value().fields();
      const auto setting = settings.find(absl::StrCat(NameOf(table), ".", key));
      if (!schema.contains("default") || setting == settings.end()) continue;
      const Value& usual = schema.at("default");
      const std::string text = usual.has_string_value()
                                   ? absl::StrCat("\"", usual.string_value(), "\"")
                               : usual.has_bool_value() ? (usual.bool_value() ? "true" : "false")
                                                        : Number(usual.number_value());
      EXPECT_EQ(setting->second, text) << setting->first;
      ++defaults;
    }
  }
  EXPECT_GE(defaults, 20);
}

TEST_F(FileSchemaTest, TheExampleNamesIt) {
  std::ifstream file(ZBROKER_EXAMPLE_CONFIG);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(line, "#:schema /usr/share/zbroker/config.schema.json");
}

}  // namespace
}  // namespace zbroker::config
