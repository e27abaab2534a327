#include "shims/zai/endpoint.h"

#include <gtest/gtest.h>

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
        Case{"POST", "/somewhere/else", Protocol::kNone, true, false}));

INSTANTIATE_TEST_SUITE_P(
    Free, EndpointTest,
    ::testing::Values(Case{"POST", "/api/anthropic/v1/messages/count_tokens", Protocol::kAnthropic,
                           false, false},
                      Case{"HEAD", "/api/anthropic", Protocol::kAnthropic, false, false},
                      Case{"GET", "/api/anthropic/v1/models", Protocol::kAnthropic, false, false},
                      Case{"GET", "/api/coding/paas/v4/models", Protocol::kOpenAi, false, false},
                      Case{"HEAD", "/v1/messages", Protocol::kAnthropic, false, false},
                      Case{"GET", "/", Protocol::kNone, false, false},
                      Case{"GET", "", Protocol::kNone, false, false}));

INSTANTIATE_TEST_SUITE_P(
    Mcp, EndpointTest,
    ::testing::Values(Case{"POST", "/api/mcp/web_reader/mcp", Protocol::kMcp, false, true},
                      Case{"POST", "/api/mcp/web_search_prime/mcp/", Protocol::kMcp, false, true},
                      Case{"POST", "/api/mcp/zread/message", Protocol::kMcp, false, true},
                      Case{"GET", "/api/mcp/web_search/sse", Protocol::kMcp, false, false}));

}  // namespace
}  // namespace zbroker::zai
