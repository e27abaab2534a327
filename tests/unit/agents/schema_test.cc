#include "shims/agents/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "zbroker/v1/agent.pb.h"

namespace zbroker::agents {
namespace {

using ::testing::HasSubstr;

TEST(SchemaTest, ArgumentsSayWhatIsRequiredAndTakeNothingElse) {
  const auto schema = SchemaOfArguments(*v1::PreflightRequest::descriptor());
  const auto& required = schema.fields().at("required").list_value();
  ASSERT_EQ(required.values_size(), 1);
  EXPECT_EQ(required.values(0).string_value(), "prompts");
  EXPECT_FALSE(schema.fields().at("additionalProperties").bool_value());
  const auto& prompts =
      schema.fields().at("properties").struct_value().fields().at("prompts").struct_value();
  EXPECT_EQ(prompts.fields().at("type").string_value(), "integer");
  EXPECT_EQ(prompts.fields().at("minimum").number_value(), 1);
  EXPECT_THAT(prompts.fields().at("description").string_value(), HasSubstr("How many prompts"));
}

TEST(SchemaTest, AMessageThatIsNotSetIsNullInAResult) {
  const auto schema = SchemaOfResult(*v1::Preflight::descriptor());
  const auto& fields = schema.fields().at("properties").struct_value().fields();
  EXPECT_EQ(fields.at("until").struct_value().fields().at("type").list_value().values_size(), 2);
  EXPECT_EQ(fields.at("verdict").struct_value().fields().at("enum").list_value().values_size(), 3);
  // All but the number of prompts, which may be missing.
  EXPECT_EQ(schema.fields().at("required").list_value().values_size(), 4);
}

std::string FaultOf(const std::string& json) {
  v1::PreflightRequest request;
  return std::string(ReadArguments(json, &request).message());
}

TEST(SchemaTest, FaultyArgumentsAreNamed) {
  EXPECT_EQ(FaultOf(R"({"prompts": 3, "model": "glm-5"})"), "");
  EXPECT_THAT(FaultOf(""), HasSubstr("`prompts` is missing"));
  EXPECT_THAT(FaultOf(R"({"prompts": 0})"), HasSubstr("`prompts` is missing or too small"));
  EXPECT_THAT(FaultOf(R"({"prompts": -1})"), HasSubstr("they are prompts, minutes"));
  EXPECT_THAT(FaultOf(R"({"prompts": 1, "hours": 2})"), HasSubstr("hours"));
  EXPECT_THAT(FaultOf(R"({"prompts": 1, "model": "a\u0007"})"), HasSubstr("`model`"));
  const std::string deep(5000, '[');
  EXPECT_NE(FaultOf("{\"prompts\":" + deep), "");
}

}  // namespace
}  // namespace zbroker::agents
