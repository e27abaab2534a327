#include "daemon/core/amount.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace zbroker::core {
namespace {

TEST(AmountTest, KeepsMillionths) {
  EXPECT_EQ(Amount::FromDouble(0.4)->micros(), 400'000);
  EXPECT_EQ(Amount::FromDouble(0.4)->ToDouble(), 0.4);
}

TEST(AmountTest, RefusesWhatIsNoAmount) {
  EXPECT_FALSE(Amount::FromDouble(-0.1));
  EXPECT_FALSE(Amount::FromDouble(std::nan("")));
  EXPECT_FALSE(Amount::FromDouble(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(Amount::FromDouble(1.1e9));
}

TEST(AmountTest, SumsAreExact) {
  Amount sum;
  for (int i = 0; i < 10; ++i) sum += *Amount::FromDouble(0.1);
  EXPECT_EQ(sum, *Amount::FromDouble(1));
}

}  // namespace
}  // namespace zbroker::core
