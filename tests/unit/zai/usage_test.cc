#include "shims/zai/usage.h"

#include <gtest/gtest.h>

#include "client/base/bounds.h"

namespace zbroker::zai {
namespace {

const Endpoint kAnthropic = FindEndpoint("POST", "/v1/messages");
const Endpoint kOpenAi = FindEndpoint("POST", "/chat/completions");

Usage ReadUsage(const Endpoint& endpoint, absl::string_view body) {
  return ReadServed(endpoint, body).usage;
}

TEST(UsageTest, Anthropic) {
  const Usage usage = ReadUsage(kAnthropic, R"({"type":"message","usage":{"input_tokens":10,
      "cache_creation_input_tokens":5,"cache_read_input_tokens":90,"output_tokens":7}})");
  EXPECT_TRUE(usage.reported);
  EXPECT_EQ(usage.input, 15);
  EXPECT_EQ(usage.cached, 90);
  EXPECT_EQ(usage.output, 7);
}

TEST(UsageTest, OpenAiCountsCachedTokensTwice) {
  const Usage usage = ReadUsage(kOpenAi, R"({"usage":{"prompt_tokens":100,"completion_tokens":7,
      "prompt_tokens_details":{"cached_tokens":90}}})");
  EXPECT_EQ(usage.input, 10);
  EXPECT_EQ(usage.cached, 90);
  EXPECT_EQ(usage.output, 7);
}

TEST(UsageTest, NonsenseFiguresStayInBounds) {
  const Usage usage = ReadUsage(kOpenAi, R"({"usage":{"prompt_tokens":5,"completion_tokens":-3,
      "prompt_tokens_details":{"cached_tokens":90}}})");
  EXPECT_EQ(usage.input, 0);
  EXPECT_EQ(usage.cached, 5);
  EXPECT_EQ(usage.output, 0);
  const Usage huge = ReadUsage(kAnthropic, R"({"usage":{"input_tokens":9223372036854775807,
      "cache_creation_input_tokens":9223372036854775807,"output_tokens":1e300}})");
  EXPECT_EQ(huge.input, kTokensMax);
  EXPECT_EQ(huge.output, 0);
}

TEST(UsageTest, FiguresInOtherFormsCount) {
  const Usage usage = ReadUsage(kOpenAi, R"({"usage":{"prompt_tokens":100.0,
      "completion_tokens":"7","prompt_tokens_details":{"cached_tokens":90.0}}})");
  EXPECT_EQ(usage.input, 10);
  EXPECT_EQ(usage.cached, 90);
  EXPECT_EQ(usage.output, 7);
  const Usage odd = ReadUsage(kAnthropic, R"({"usage":{"input_tokens":"x","output_tokens":7.5,
      "cache_read_input_tokens":1}})");
  EXPECT_EQ(odd.input, 0);
  EXPECT_EQ(odd.output, 0);
  EXPECT_EQ(odd.cached, 1);
}

TEST(UsageTest, NothingIsReportedWithoutFigures) {
  for (const absl::string_view body :
       {"", "{}", "text", "[]", R"({"usage":null})", R"({"usage":{"input_tokens":0}})",
        R"({"usage":[1]})", R"({"content":[{"usage":{"input_tokens":5}}]})"}) {
    EXPECT_FALSE(ReadUsage(kAnthropic, body).reported) << body;
  }
  EXPECT_FALSE(ReadUsage(FindEndpoint("POST", "/v1/messages/count_tokens"),
                         R"({"usage":{"input_tokens":5}})")
                   .reported);
}

}  // namespace
}  // namespace zbroker::zai
