#include "client/base/container.h"

#include <gtest/gtest.h>

namespace zbroker {
namespace {

TEST(ContainerTest, PidNamespaceOfItsOwnMakesAContainer) {
  EXPECT_TRUE(IsContainer("pid:[4026532176]", "sh"));
  EXPECT_TRUE(IsContainer("pid:[4026532176]", ""));
  EXPECT_FALSE(IsContainer("pid:[4026531836]", "sh"));
  EXPECT_FALSE(IsContainer("", "sh"));
}

TEST(ContainerTest, OneWithAnInitOfItsOwnIsAMachine) {
  EXPECT_FALSE(IsContainer("pid:[4026532176]", "systemd"));
  EXPECT_FALSE(IsContainer("pid:[4026532176]", "init"));
  EXPECT_TRUE(IsContainer("pid:[4026532176]", "docker-init"));
}

}  // namespace
}  // namespace zbroker
