#include "client/base/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace zbroker {
namespace {

class DescriptorsTest : public ::testing::Test {
 protected:
  DescriptorsTest() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~DescriptorsTest() override { setrlimit(RLIMIT_NOFILE, &before_); }

  static rlim_t Limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
  }
  void Lower(rlim_t to) const {
    const rlimit limit{.rlim_cur = to, .rlim_max = before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

  rlimit before_{};
};

TEST_F(DescriptorsTest, LimitIsRaisedUpToTheMostThatIsWanted) {
  Lower(100);
  RaiseDescriptorLimit(200);
  EXPECT_EQ(Limit(), 200u);
}

TEST_F(DescriptorsTest, LimitIsNeverLowered) {
  Lower(300);
  RaiseDescriptorLimit(200);
  EXPECT_EQ(Limit(), 300u);
}

}  // namespace
}  // namespace zbroker
