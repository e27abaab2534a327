#include "client/broker/backoff.h"

#include <gtest/gtest.h>

namespace zbroker::broker {
namespace {

TEST(BackoffTest, PausesDoubleUpToTheLongest) {
  Backoff pause(absl::Milliseconds(100), absl::Milliseconds(300));
  EXPECT_EQ(pause.Next(), absl::Milliseconds(100));
  EXPECT_EQ(pause.Next(), absl::Milliseconds(200));
  EXPECT_EQ(pause.Next(), absl::Milliseconds(300));
  EXPECT_EQ(pause.Next(), absl::Milliseconds(300));
}

TEST(BackoffTest, BeginsAnewAfterASuccess) {
  Backoff pause(absl::Milliseconds(100), absl::Seconds(1));
  pause.Next();
  pause.Next();
  pause.Reset();
  EXPECT_EQ(pause.Next(), absl::Milliseconds(100));
}

}  // namespace
}  // namespace zbroker::broker
