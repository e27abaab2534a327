#include "client/zctl/limit_view.h"

#include <gtest/gtest.h>

#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

TEST(LimitViewTest, SaysWhereEachLimitComesFrom) {
  const auto status = Parse<v1::Status>(R"(
    accounts { name: 'default' slots { limit: 3 in_flight: 2 waiting: 1 } }
    accounts { name: 'home' slots { limit: 12 learned: true } }
    accounts { name: 'work' slots { limit: 1 learned: true pinned: true } })");
  EXPECT_EQ(RenderLimits(status, Plain()),
            "ACCOUNT  LIMIT  IN FLIGHT  WAITING  FROM\n"
            "default      3          2        1  configuration\n"
            "home        12          0        0  learned\n"
            "work         1          0        0  pinned with zctl\n");
}

}  // namespace
}  // namespace zbroker::zctl
