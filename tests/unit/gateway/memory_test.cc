#include "shims/gateway/memory.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace zbroker::gateway {
namespace {

const LoopTime kBegin = LoopTime() + std::chrono::hours(1);

TEST(FailedPromptsTest, IsFoundOnceAndForALimitedTime) {
  FailedPrompts prompts;
  EXPECT_TRUE(prompts.empty());
  prompts.Add(7, kBegin);
  EXPECT_FALSE(prompts.Take(8, kBegin));
  EXPECT_TRUE(prompts.Take(7, kBegin + std::chrono::seconds(119)));
  EXPECT_FALSE(prompts.Take(7, kBegin));
  prompts.Add(7, kBegin);
  EXPECT_FALSE(prompts.Take(7, kBegin + FailedPrompts::kTime));
}

TEST(FailedPromptsTest, OldestIsForgottenWhenThereAreTooMany) {
  FailedPrompts prompts;
  for (uint64_t i = 0; i <= FailedPrompts::kMax; ++i) prompts.Add(i, kBegin);
  EXPECT_FALSE(prompts.Take(0, kBegin));
  EXPECT_TRUE(prompts.Take(1, kBegin));
}

TEST(NoticesTest, EachIsNewOnce) {
  Notices notices;
  EXPECT_TRUE(notices.First("a"));
  EXPECT_FALSE(notices.First("a"));
  EXPECT_TRUE(notices.First("b"));
}

TEST(NoticesTest, MemoryIsBounded) {
  Notices notices;
  for (size_t i = 0; i < Notices::kMax; ++i) notices.First(absl::StrCat(i));
  EXPECT_TRUE(notices.First("one more"));
  EXPECT_TRUE(notices.First("0")) << "forgotten";
}

}  // namespace
}  // namespace zbroker::gateway
