#include "shims/zai/endpoint.h"

#include <gtest/gtest.h>

#include "shims/zai/request.h"

namespace zbroker::zai {
namespace {

struct Case {
  absl::string_view method;
  absl::string_view path;
  Protocol protocol;
  bool model_request;
  bool mcp;
};

class EndpointTest : public ::testing::TestWithParam<Case> {};

TEST_P(EndpointTest, IsFound) {
  const Case& expected = GetParam();
  SCOPED_TRACE(::testing::Message() << expected.method << " " << expected.path);
  const Endpoint endpoint = FindEndpoint(expected.method, expected.path);
  EXPECT_EQ(endpoint.protocol, expected.protocol);
  EXPECT_EQ(endpoint.model_request, expected.model_request);
  EXPECT_EQ(endpoint.mcp, expected.mcp);
}

INSTANTIATE_TEST_SUITE_P(
    ModelRequests, EndpointTest,
    ::testing::Values(
        Case{"POST", "/api/anthropic/v1/messages", Protocol::kAnthropic, true, false},
        Case{"POST", "/v1/messages", Protocol::kAnthropic, true, false},
        Case{"POST", "/v1/messages/", Protocol::kAnthropic, true, false},
        Case{"POST", "/api/coding/paas/v4/chat/completions", Protocol::kOpenAi, true, false},
        Case{"POST", "/chat/completions", Protocol::kOpenAi, true, false},
        Case{"POST", "/api/paas/v4/images/generations", Protocol::kOpenAi, true, false},
        Case{"POST", "/api/v1/responses", Protocol::kResponses, true, false},
        Case{"POST", "//api/v1//responses/", Protocol::kResponses, true, false},
        Case{"POST", "/responses/compact", Protocol::kResponses, true, false},
        Case{"POST", "/somewhere/else", Protocol::kNone, true, false}));

INSTANTIATE_TEST_SUITE_P(
    Free, EndpointTest,
    ::testing::Values(
        Case{"POST", "/api/anthropic/v1/messages/count_tokens", Protocol::kAnthropic, false, false},
        Case{"HEAD", "/api/anthropic", Protocol::kAnthropic, false, false},
        Case{"GET", "/api/anthropic/v1/models", Protocol::kAnthropic, false, false},
        Case{"GET", "/api/coding/paas/v4/models", Protocol::kOpenAi, false, false},
        Case{"HEAD", "/v1/messages", Protocol::kAnthropic, false, false},
        Case{"POST", "/api/paas/v4/tokenizer", Protocol::kOpenAi, false, false},
        Case{"POST", "/v1/responses/input_tokens", Protocol::kResponses, false, false},
        Case{"HEAD", "/api/hello", Protocol::kAnthropic, false, false},
        Case{"GET", "/v1/responses", Protocol::kResponses, false, false},
        Case{"GET", "/", Protocol::kNone, false, false},
        Case{"GET", "", Protocol::kNone, false, false}));

INSTANTIATE_TEST_SUITE_P(
    Mcp, EndpointTest,
    ::testing::Values(Case{"POST", "/api/mcp/web_reader/mcp", Protocol::kMcp, false, true},
                      Case{"POST", "/api/mcp/web_search_prime/mcp/", Protocol::kMcp, false, true},
                      Case{"POST", "/api/mcp/zread/message", Protocol::kMcp, false, true},
                      Case{"GET", "/api/mcp/web_search/sse", Protocol::kMcp, false, false}));

TEST(TelemetryTest, WhatAToolTellsItsMakerIsKnownByItsPath) {
  for (const absl::string_view path :
       {"/api/anthropic/api/event_logging/batch", "/api/event_logging/v2/batch",
        "/api/claude_code/metrics", "/codex/analytics-events/events", "/v1/traces", "/v1/logs",
        "/v1/rgstr", "/api/telemetry", "/api/claude_cli_feedback"}) {
    const Endpoint endpoint = FindEndpoint("POST", path);
    EXPECT_TRUE(endpoint.telemetry) << path;
    EXPECT_FALSE(endpoint.model_request) << path;
  }
  for (const absl::string_view path : {"/v1/messages", "/api/metrics/v1/chat/completions",
                                       "/api/mcp/telemetry/mcp", "/somewhere/else", "/blogging"}) {
    EXPECT_FALSE(FindEndpoint("POST", path).telemetry) << path;
  }
  EXPECT_FALSE(FindEndpoint("GET", "/api/telemetry").telemetry);
}

TEST(UnknownPathTest, BodyDecidesWhatAPostIs) {
  const Endpoint endpoint = FindEndpoint("POST", "/somewhere/else");
  EXPECT_TRUE(endpoint.unknown);
  EXPECT_TRUE(InspectRequest(endpoint, NoHeaders, R"({"model":"glm-5.3"})").needs_slot);
  EXPECT_TRUE(InspectRequest(endpoint, NoHeaders, "--boundary").needs_slot) << "can't be read";
  EXPECT_FALSE(InspectRequest(endpoint, NoHeaders, R"({"query":"x"})").needs_slot);
  EXPECT_FALSE(InspectRequest(endpoint, NoHeaders, "").needs_slot);
}

TEST(ServiceTest, ServicesBeginAtTheHostsRoot) {
  for (const absl::string_view path :
       {"/api/v1/responses", "/api/anthropic", "//api/coding/paas/v4", "/api/mcp/zread/mcp",
        "/api/monitor/usage/quota/limit"}) {
    EXPECT_TRUE(IsServicePath(path)) << path;
  }
  for (const absl::string_view path : {"/api/v10", "/api/hello", "/v1/messages", "/api", "/"}) {
    EXPECT_FALSE(IsServicePath(path)) << path;
  }
}

TEST(ServiceTest, GeneralApiIsToldFromThatOfSubscriptions) {
  for (const absl::string_view path : {"/api/paas/v4", "//api/paas/v4/", "/api/paas"}) {
    EXPECT_TRUE(IsGeneralPath(path)) << path;
  }
  for (const absl::string_view path : {"/api/coding/paas/v4", "/api/anthropic", "/api/paasta"}) {
    EXPECT_FALSE(IsGeneralPath(path)) << path;
  }
}

TEST(ServiceTest, ProviderHasTwoOrigins) {
  EXPECT_TRUE(IsProviderOrigin("https://api.z.ai"));
  EXPECT_TRUE(IsProviderOrigin("https://open.bigmodel.cn"));
  EXPECT_FALSE(IsProviderOrigin("http://api.z.ai"));
  EXPECT_FALSE(IsProviderOrigin("https://api.z.ai.example.com"));
}

}  // namespace
}  // namespace zbroker::zai
