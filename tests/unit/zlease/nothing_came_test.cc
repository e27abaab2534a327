#include "shims/zlease/nothing_came.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbroker::zlease {
namespace {

using ::testing::HasSubstr;

TEST(NothingCameTest, OneThatWorkedMayHaveGoneRoundTheGateway) {
  const std::string words = NothingCame("codex", {});
  EXPECT_THAT(words, HasSubstr("no request of codex came through its gateway"));
  EXPECT_THAT(words, HasSubstr("past zbroker"));
  EXPECT_THAT(words, HasSubstr("--per-command"));
}

TEST(NothingCameTest, OneThatFailedHasSaidWhyItself) {
  EXPECT_EQ(NothingCame("codex", {.exit_status = 2}),
            "no request of codex came through its gateway before it ended with exit status 2");
  EXPECT_EQ(NothingCame("codex", {.signal = 2}),
            "no request of codex came through its gateway before signal 2 ended it");
}

TEST(NothingCameTest, OfOneThatCouldNotBeRunThereIsNothingToSay) {
  EXPECT_EQ(NothingCame("codex", {.exec_errno = 2}), "");
}

}  // namespace
}  // namespace zbroker::zlease
