#include "shims/gateway/clock_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace zbroker::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClockCheckTest : public ::testing::Test {
 protected:
  // An answer of an upstream whose clock is ahead of ours by this, dated so long ago.
  void Answer(absl::Duration ahead, absl::Duration taken = absl::Seconds(2),
              absl::Duration ago = absl::Seconds(1)) {
    const absl::Time dated = now_ - ago + ahead;
    check_.Heard(absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", dated, absl::UTCTimeZone()), now_,
                 taken);
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
  std::vector<absl::Duration> told_;
  ClockCheck check_{[this](absl::Duration off) { told_.push_back(off); }};
};

TEST_F(ClockCheckTest, ClocksThatAgreeAreNoNews) {
  Answer(absl::ZeroDuration());
  Answer(absl::Seconds(29));
  Answer(-absl::Seconds(29));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(ClockCheckTest, AnswerThatTookLongIsNoWrongClock) {
  Answer(absl::ZeroDuration(), absl::Minutes(10), absl::ZeroDuration());
  Answer(absl::ZeroDuration(), absl::Minutes(10), absl::Minutes(10));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(ClockCheckTest, DifferenceIsToldOnceAndThatItIsGone) {
  Answer(absl::Hours(1));
  Answer(absl::Hours(1) + absl::Seconds(5));
  Answer(absl::ZeroDuration());
  EXPECT_THAT(told_, ElementsAre(absl::Hours(1) - absl::Seconds(1), absl::ZeroDuration()));
}

TEST_F(ClockCheckTest, ClockThatIsAheadOfTheUpstreamsIsToldToo) {
  Answer(-absl::Minutes(5));
  EXPECT_THAT(told_, ElementsAre(-absl::Minutes(5) + absl::Seconds(2)));
}

TEST_F(ClockCheckTest, FieldThatIsNoDateSaysNothing) {
  check_.Heard("", now_, absl::ZeroDuration());
  check_.Heard("yesterday", now_, absl::ZeroDuration());
  EXPECT_THAT(told_, IsEmpty());
}

}  // namespace
}  // namespace zbroker::gateway
