// packaging/schema/zctl.schema.json is the contract: it is held against the messages that are
// printed. What real programs print is held against it by JsonContractTest.
#include "tests/unit/zctl/json_schema.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace zbroker::zctl {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr char kHowToWrite[] =
    "ZBROKER_WRITE_SCHEMA=1 zctl_test --gtest_filter='JsonSchemaTest.*' writes " ZBROKER_SCHEMA
    " anew";

std::string Committed() {
  std::ifstream file(ZBROKER_SCHEMA);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void CollectValue(const Value& value, const std::string& path, std::set<std::string>* found);

// A path for each member, and each element of a list, that a schema states.
void Collect(const Struct& object, const std::string& path, std::set<std::string>* found) {
  for (const auto& [key, value] : object.fields()) {
    CollectValue(value, absl::StrCat(path, "/", key), found);
  }
}

void CollectValue(const Value& value, const std::string& path, std::set<std::string>* found) {
  if (value.has_struct_value()) return Collect(value.struct_value(), path, found);
  if (!value.has_list_value()) {
    found->insert(absl::StrCat(path, "=", value.ShortDebugString()));
    return;
  }
  for (const Value& one : value.list_value().values()) CollectValue(one, path, found);
}

std::set<std::string> StatedBy(const std::string& schema) {
  Struct object;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(schema, &object).ok()) << schema;
  object.mutable_fields()->erase("title");
  object.mutable_fields()->erase("description");
  std::set<std::string> found;
  Collect(object, "", &found);
  return found;
}

// What scripts were promised and would look for in vain.
std::string VanishedFrom(const std::string& before, const std::string& after) {
  const std::set<std::string> now = StatedBy(after);
  std::set<std::string> vanished;
  for (const std::string& one : StatedBy(before)) {
    if (now.count(one) == 0) vanished.insert(one);
  }
  return absl::StrJoin(vanished, "\n");
}

TEST(JsonSchemaTest, NothingThatWasPromisedVanishesOrBecomesAnotherType) {
  const std::string vanished = VanishedFrom(Committed(), JsonSchemaOfOutputs());
  EXPECT_EQ(vanished, "") << "fields are only ever added; this would break whoever reads it";
  if (vanished.empty() && getenv("ZBROKER_WRITE_SCHEMA") != nullptr) {
    std::ofstream(ZBROKER_SCHEMA) << JsonSchemaOfOutputs();
  }
}

TEST(JsonSchemaTest, WhatIsPrintedIsPromised) {
  EXPECT_EQ(Committed(), JsonSchemaOfOutputs()) << kHowToWrite;
}

TEST(JsonSchemaTest, FieldThatVanishesAndOneOfAnotherTypeAreSeen) {
  const std::string before = R"({"a":{"required":["x","y"],"properties":{"x":{"type":"string"}}}})";
  EXPECT_EQ(VanishedFrom(before, before), "");
  EXPECT_NE(
      VanishedFrom(before, R"({"a":{"required":["x"],"properties":{"x":{"type":"string"}}}})"), "");
  EXPECT_NE(
      VanishedFrom(before, R"({"a":{"required":["x","y"],"properties":{"x":{"type":"number"}}}})"),
      "");
}

}  // namespace
}  // namespace zbroker::zctl
