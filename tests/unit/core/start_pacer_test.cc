#include "daemon/core/start_pacer.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

class StartPacerTest : public ::testing::Test {
 protected:
  void Start() {
    ASSERT_TRUE(pacer_.MayStart(now_));
    pacer_.Started(now_);
  }
  void Throttle() { pacer_.OnStartRateThrottle(now_, now_); }
  void Pass(absl::Duration length) {
    now_ = now_ + length;
    pacer_.Advance(now_);
  }
  absl::Duration Gap() const { return pacer_.NextStart() - now_; }

  BootTime now_ = BootTime::FromMicros(1'000'000'000);
  StartPacer pacer_;
};

TEST_F(StartPacerTest, SpacesNothingByDefault) {
  for (int i = 0; i < 10; ++i) Start();
  EXPECT_TRUE(pacer_.MayStart(now_));
}

TEST_F(StartPacerTest, ThrottleSpacesStarts) {
  Throttle();
  EXPECT_FALSE(pacer_.MayStart(now_));
  Pass(StartPacer::kFirstInterval);
  Start();
  EXPECT_EQ(Gap(), StartPacer::kFirstInterval);
}

TEST_F(StartPacerTest, TimeWithoutStartsIsNotSavedUp) {
  Throttle();
  Pass(absl::Seconds(30));
  Start();
  EXPECT_FALSE(pacer_.MayStart(now_));
}

TEST_F(StartPacerTest, EachFurtherBurstDoublesTheIntervalUpToItsLongest) {
  Throttle();
  Throttle();
  EXPECT_EQ(pacer_.interval(), StartPacer::kFirstInterval * 2);
  for (int i = 0; i < 10; ++i) Throttle();
  EXPECT_EQ(pacer_.interval(), StartPacer::kLongestInterval);
}

TEST_F(StartPacerTest, ThrottlesOfOneBurstCountOnce) {
  const BootTime granted = now_;
  Pass(absl::Seconds(1));
  pacer_.OnStartRateThrottle(granted, now_);
  pacer_.OnStartRateThrottle(granted, now_);
  EXPECT_EQ(pacer_.interval(), StartPacer::kFirstInterval);
}

TEST_F(StartPacerTest, QuietMinutesEaseItOff) {
  Throttle();
  Throttle();
  EXPECT_EQ(pacer_.interval(), StartPacer::kFirstInterval * 2);
  Pass(StartPacer::kQuiet);
  EXPECT_EQ(pacer_.interval(), StartPacer::kFirstInterval);
  Pass(StartPacer::kQuiet);
  EXPECT_EQ(pacer_.interval(), absl::ZeroDuration());
}

TEST_F(StartPacerTest, SlowStartBeginsWithACanary) {
  pacer_.SlowStart(now_, 3);
  Start();
  EXPECT_EQ(Gap(), StartPacer::kCanary);
}

TEST_F(StartPacerTest, SlowStartSpacesSoManyStartsAndNoMore) {
  pacer_.SlowStart(now_, 3);
  Start();
  for (int i = 0; i < 2; ++i) {
    Pass(Gap());
    Start();
    EXPECT_EQ(Gap(), StartPacer::kSlowInterval);
  }
  Pass(Gap());
  Start();
  EXPECT_TRUE(pacer_.MayStart(now_));
}

TEST_F(StartPacerTest, SlowStartIsNoFasterThanTheUpstreamAllows) {
  for (int i = 0; i < 3; ++i) Throttle();
  pacer_.SlowStart(now_, 2);
  Pass(Gap());
  Start();
  Pass(Gap());
  Start();
  EXPECT_EQ(Gap(), StartPacer::kFirstInterval * 4);
}

}  // namespace
}  // namespace zbroker::core
