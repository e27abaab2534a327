// Equal sessions that wait all the time have equal shares of the slots, whenever they came and
// whatever their requests were expected to take; and who comes late waits for a share, no more.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/sim/saturation.h"
#include "tests/sim/seeds.h"

namespace zbroker::sim {
namespace {

constexpr int kEndless = 1'000'000;

ServiceTimes Always(absl::Duration length) {
  return [length](int) { return length; };
}

// The first `count` requests take one time, all others another.
ServiceTimes First(int count, absl::Duration first, absl::Duration later) {
  return [=](int n) { return n < count ? first : later; };
}

double Jain(const std::vector<absl::Duration>& shares) {
  double sum = 0, squares = 0;
  for (const absl::Duration share : shares) {
    const double seconds = absl::ToDoubleSeconds(share);
    sum += seconds;
    squares += seconds * seconds;
  }
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

// What each session has had between the instants `from` and `to` of the run, by their numbers.
std::vector<absl::Duration> Shares(const Saturation& run, size_t sessions, size_t from, size_t to) {
  std::vector<absl::Duration> shares;
  for (size_t i = 0; i < sessions; ++i) {
    shares.push_back(run.result(i).had[to] - run.result(i).had[from]);
  }
  return shares;
}

TEST(FairSharesTest, SixRequestsThatComeLateAreNotBehindFortyOfAnotherSession) {
  for (const double comes : {0.1, 0.15, 0.5, 1.0, 1.7, 3.1}) {
    SCOPED_TRACE(::testing::Message() << "after " << comes << " s");
    Saturation run(
        2,
        {{.requests = 40, .takes = Always(absl::Milliseconds(300))},
         {.comes = absl::Seconds(comes), .requests = 6, .takes = Always(absl::Milliseconds(300))}});
    run.Run({});
    ASSERT_TRUE(run.result(1).done.has_value());
    // Half of the slots, and the end of a request that was there before: the fair time is 1.8 s.
    EXPECT_LE(*run.result(1).done, absl::Seconds(1.8 * 1.1));
    EXPECT_LE(*run.result(1).first_grant, absl::Milliseconds(300));
    EXPECT_EQ(*run.result(0).done, absl::Milliseconds(46 * 300 / 2)) << "no slot stands idle";
  }
}

TEST(FairSharesTest, NewcomerWaitsForItsShareOnlyWhereStreamsHaveGivenWayToShortRequests) {
  // Minutes of 30 s each, then of 0.3 s: what was expected of the first of these is 100 times off.
  Saturation run(2,
                 {{.requests = 400, .takes = First(10, absl::Seconds(30), absl::Milliseconds(300))},
                  {.comes = absl::Seconds(5 * 30 + 3),
                   .requests = 6,
                   .takes = Always(absl::Milliseconds(300))}});
  run.Run({});
  ASSERT_TRUE(run.result(1).done.has_value());
  EXPECT_LE(*run.result(1).done, absl::Seconds(1.8 * 1.1));
}

TEST(FairSharesTest, WhoWasThereHasItsShareOfANewcomersStreams) {
  // Short requests taught the broker to expect little; now a newcomer's take 100 times as long.
  Saturation run(2, {{.requests = kEndless, .backlog = 4, .takes = Always(absl::Seconds(0.3))},
                     {.comes = absl::Seconds(60),
                      .requests = kEndless,
                      .backlog = 4,
                      .takes = Always(absl::Seconds(30))}});
  run.Run({absl::Seconds(60), absl::Seconds(60 + 3'000)});
  EXPECT_GE(Jain(Shares(run, 2, 0, 1)), 0.98);
}

struct Shape {
  int slots;
  size_t sessions;
  double shortest, longest;  // seconds
};

// Every session changes, now and then, between requests of two lengths that are up to ten times and
// a tenth of each other; half of the sessions come one by one while the others are at work.
class ChurnTest : public ::testing::TestWithParam<Shape> {
 protected:
  absl::Duration Any(double from, double to) {
    return absl::Seconds(std::uniform_real_distribution<double>(from, to)(random_));
  }

  ServiceTimes Changing() {
    const Shape& shape = GetParam();
    const int turn = std::uniform_int_distribution<int>(3, 40)(random_);
    return [this, shape, turn](int n) {
      const double middle = std::sqrt(shape.shortest * shape.longest);
      return n / turn % 2 == 0 ? Any(shape.shortest, middle) : Any(middle, shape.longest);
    };
  }

  std::mt19937 random_;
};

TEST_P(ChurnTest, SlotTimeIsEqualAmongThoseThatWait) {
  const Shape shape = GetParam();
  // Each takes seconds under a sanitizer.
  const std::vector<uint32_t> regressions =
      kSlowdown == 1 ? std::vector<uint32_t>{1, 2, 3} : std::vector<uint32_t>{1};
  for (const uint32_t seed : SeedsToRun(regressions, /*fresh=*/3)) {
    SCOPED_TRACE(HowToReplay(seed));
    random_.seed(seed);
    const absl::Duration longest = absl::Seconds(shape.longest);
    // In which each session has some hundred of the longest requests' time.
    const absl::Duration long_enough =
        longest * (100.0 * static_cast<double>(shape.sessions) / shape.slots);
    std::vector<SessionLoad> loads;
    absl::Duration comes;
    for (size_t i = 0; i < shape.sessions; ++i) {
      if (i >= shape.sessions / 2) comes += Any(0, 10 * shape.longest);
      loads.push_back({.comes = comes,
                       .requests = kEndless,
                       .backlog = shape.slots + std::uniform_int_distribution<int>(1, 6)(random_),
                       .takes = Changing()});
    }
    Saturation run(shape.slots, loads);
    run.Run({comes, comes + long_enough});
    EXPECT_GE(Jain(Shares(run, shape.sessions, 0, 1)), 0.98);
    // A slot becomes free within the longest request; and of those who are ahead by what they have
    // had, each takes one at most.
    const absl::Duration bound = longest * (1 + static_cast<double>(shape.sessions) / shape.slots);
    for (size_t i = 0; i < shape.sessions; ++i) {
      ASSERT_TRUE(run.result(i).first_grant.has_value()) << "session " << i;
      EXPECT_LE(*run.result(i).first_grant, bound) << "session " << i;
    }
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ChurnTest,
                         ::testing::Values(Shape{1, 2, 0.3, 3}, Shape{2, 4, 0.3, 30},
                                           Shape{3, 10, 2, 60}, Shape{8, 5, 0.1, 10},
                                           Shape{4, 30, 1, 10}));

}  // namespace
}  // namespace zbroker::sim
