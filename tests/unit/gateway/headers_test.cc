#include "shims/gateway/headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbroker::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Names(const Headers& headers) {
  std::vector<std::string> names;
  for (const Header& header : headers) names.push_back(header.name);
  return names;
}

TEST(HeadersTest, FindsTheFirstWhateverItsCase) {
  const Headers headers = {{"X-A", "1"}, {"x-a", "2"}};
  EXPECT_EQ(FindHeader(headers, "X-a"), "1");
  EXPECT_EQ(FindHeader(headers, "X-"), "");
}

TEST(HeadersTest, RemovesAllOfAName) {
  Headers headers = {{"X-A", "1"}, {"X-B", "2"}, {"x-a", "3"}};
  RemoveHeader(headers, "X-a");
  EXPECT_THAT(Names(headers), ElementsAre("X-B"));
}

TEST(HeadersTest, HopByHopFieldsEndHere) {
  const Headers headers = {{"Connection", "close"},
                           {"keep-alive", "5"},
                           {"Proxy-Authenticate", "x"},
                           {"Proxy-Authorization", "x"},
                           {"Proxy-Connection", "x"},
                           {"TE", "trailers"},
                           {"Trailer", "x"},
                           {"Transfer-Encoding", "chunked"},
                           {"Upgrade", "h2c"}};
  EXPECT_THAT(ForUpstream(headers), IsEmpty());
  EXPECT_THAT(ForClient(headers), IsEmpty());
}

TEST(HeadersTest, FieldsThatConnectionNamesEndHere) {
  const Headers headers = {{"X-One", "1"},   {"Connection", "x-one , X-Two"}, {"X-Two", "2"},
                           {"X-Three", "3"}, {"connection", ",X-Four,"},      {"x-FOUR", "4"}};
  EXPECT_THAT(Names(ForUpstream(headers)), ElementsAre("X-Three"));
  EXPECT_THAT(Names(ForClient(headers)), ElementsAre("X-Three"));
}

TEST(HeadersTest, UpstreamGetsTheRestInItsOrderAndAsItIs) {
  const Headers headers = {{"Host", "127.0.0.1"},       {"Authorization", "Bearer k"},
                           {"Content-Length", "2"},     {"anthropic-beta", "a"},
                           {"Expect", "100-continue"},  {"anthropic-beta", "b"},
                           {"Accept-Encoding", "gzip"}, {"Empty", ""}};
  EXPECT_THAT(Names(ForUpstream(headers)),
              ElementsAre("Authorization", "anthropic-beta", "anthropic-beta", "Empty"));
}

TEST(HeadersTest, ClientGetsAllButTheLength) {
  const Headers headers = {
      {"Content-Length", "2"}, {"Set-Cookie", "a"}, {"Set-Cookie", "b"}, {"Retry-After", "3"}};
  EXPECT_THAT(Names(ForClient(headers)), ElementsAre("Set-Cookie", "Set-Cookie", "Retry-After"));
}

TEST(HeadersTest, FieldNamesAreTokens) {
  EXPECT_TRUE(IsFieldName("x-Stainless_Timeout.1!#$%&'*+^`|~"));
  for (const absl::string_view name :
       {"", " a", "a b", "a:", "a\t", "a\r", "\xc3\xa4", "(a)", "a\x7f"}) {
    EXPECT_FALSE(IsFieldName(name)) << name;
  }
}

TEST(HeadersTest, FieldValuesHaveNoControlCharactersButTabs) {
  EXPECT_TRUE(IsFieldValue(""));
  EXPECT_TRUE(IsFieldValue("a\tb \"c\" \xc3\xa4 \xff"));
  for (const absl::string_view value :
       {absl::string_view("a\rb"), absl::string_view("a\nb"), absl::string_view("a\0b", 3),
        absl::string_view("\x1b[1m"), absl::string_view("a\x7f")}) {
    EXPECT_FALSE(IsFieldValue(value)) << value;
  }
}

TEST(HeadersTest, TimeOutOfAClientIsWhatAStainlessSdkSays) {
  EXPECT_EQ(ClientTimeout({{"X-Stainless-Timeout", "2.5"}}), absl::Seconds(2.5));
  EXPECT_EQ(ClientTimeout({{"x-stainless-read-timeout", "600"}}), absl::Minutes(10));
  EXPECT_EQ(ClientTimeout({{"x-stainless-timeout", "0.000001"}}), absl::Seconds(1));
  for (const char* none : {"", "soon", "0", "-1", "nan", "inf", "1e9"}) {
    EXPECT_EQ(ClientTimeout({{"x-stainless-timeout", none}}), std::nullopt) << none;
  }
  EXPECT_EQ(ClientTimeout({}), std::nullopt);
}

}  // namespace
}  // namespace zbroker::gateway
