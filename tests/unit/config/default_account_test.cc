#include "client/config/default_account.h"

#include <gtest/gtest.h>

namespace zbroker::config {
namespace {

TEST(DefaultAccountTest, IsTheOneThatTheConfigurationNames) {
  EXPECT_EQ(DefaultAccount({"a", "default"}, "a"), "a");
}

TEST(DefaultAccountTest, IsElseTheOneOfThatName) {
  EXPECT_EQ(DefaultAccount({"a", "default"}, std::nullopt), "default");
}

TEST(DefaultAccountTest, IsElseTheOnlyOne) { EXPECT_EQ(DefaultAccount({"a"}, std::nullopt), "a"); }

TEST(DefaultAccountTest, CantBeToldOfSeveral) {
  EXPECT_EQ(DefaultAccount({"a", "b"}, std::nullopt), "");
  EXPECT_EQ(DefaultAccount({}, std::nullopt), "");
}

}  // namespace
}  // namespace zbroker::config
