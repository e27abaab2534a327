#include "shims/tools/loopback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace zbroker::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Variables Reach(const std::map<std::string, std::string>& environment) {
  return ReachLoopback([&](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(ReachLoopbackTest, NeedsNothingWithoutAProxy) {
  EXPECT_THAT(Reach({}), IsEmpty());
  EXPECT_THAT(Reach({{"HTTP_PROXY", ""}, {"NO_PROXY", "a"}}), IsEmpty());
}

TEST(ReachLoopbackTest, ExemptsLoopbackFromAnyProxy) {
  for (const char* name : {"HTTP_PROXY", "https_proxy", "ALL_PROXY"}) {
    EXPECT_THAT(Reach({{name, "http://proxy:3128"}}),
                ElementsAre(Pair("NO_PROXY", "127.0.0.1"), Pair("no_proxy", "127.0.0.1")));
  }
}

TEST(ReachLoopbackTest, KeepsWhatWasExemptInEitherSpelling) {
  EXPECT_THAT(Reach({{"http_proxy", "p"}, {"no_proxy", "a,b"}}),
              ElementsAre(Pair("NO_PROXY", "a,b,127.0.0.1"), Pair("no_proxy", "a,b,127.0.0.1")));
  EXPECT_THAT(Reach({{"http_proxy", "p"}, {"NO_PROXY", "a"}, {"no_proxy", "b"}}),
              ElementsAre(Pair("NO_PROXY", "a,127.0.0.1"), Pair("no_proxy", "b,127.0.0.1")));
}

TEST(ReachLoopbackTest, ExemptionOfEverythingIsEnough) {
  EXPECT_THAT(Reach({{"HTTP_PROXY", "p"}, {"NO_PROXY", "*"}}), IsEmpty());
}

}  // namespace
}  // namespace zbroker::tools
