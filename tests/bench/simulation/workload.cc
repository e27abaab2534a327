#include "tests/bench/simulation/workload.h"

#include <utility>

namespace zbroker::simulation {
namespace {

constexpr absl::Duration kMedianService = absl::Seconds(8);
constexpr absl::Duration kShortestService = absl::Seconds(2);
constexpr absl::Duration kLongestService = absl::Seconds(60);
constexpr double kServiceSigma = 0.8;
constexpr double kThinkSigma = 1.0;
constexpr int kRequestsOfASession = 10'000'000;

}  // namespace

std::vector<Habits> Sessions(const std::vector<double>& models) {
  const Habits agent{.priority = core::Priority::kNormal,
                     .largest_burst = 6,
                     .fewest_turns = 3,
                     .most_turns = 12,
                     .median_between_turns = absl::Seconds(3),
                     .median_between_tasks = absl::Seconds(20)};
  const Habits person{.priority = core::Priority::kInteractive,
                      .fewest_turns = 1,
                      .most_turns = 6,
                      .median_between_turns = absl::Seconds(3),
                      .median_between_tasks = absl::Seconds(30)};
  const Habits background{.priority = core::Priority::kBackground,
                          .largest_burst = 6,
                          .fewest_turns = 10,
                          .most_turns = 50,
                          .median_between_turns = absl::Seconds(1),
                          .median_between_tasks = absl::Seconds(5)};
  std::vector<Habits> all(7, agent);
  all.insert(all.end(), {person, person, background});
  for (Habits& habits : all) habits.models = models;
  return all;
}

Session::Session(EventQueue& events, const Habits& habits, int index, uint32_t seed, Ask ask)
    : events_(events),
      habits_(habits),
      index_(index),
      random_(seed, static_cast<uint32_t>(index)),
      ask_(std::move(ask)) {
  events_.After(random_.Uniform(absl::ZeroDuration(), habits_.median_between_tasks),
                [this] { BeginTask(); });
}

void Session::BeginTask() {
  turns_left_ = random_.Uniform(habits_.fewest_turns, habits_.most_turns);
  BeginTurn();
}

void Session::BeginTurn() {
  --turns_left_;
  outstanding_ = random_.Uniform(1, habits_.largest_burst);
  std::vector<Request> burst;
  burst.reserve(static_cast<size_t>(outstanding_));
  for (int i = 0; i < outstanding_; ++i) {
    burst.push_back({.id = index_ * kRequestsOfASession + ++last_request_,
                     .session = index_,
                     .model = DrawModel(),
                     .priority = habits_.priority,
                     .service = random_.Lognormal(kMedianService, kServiceSigma, kShortestService,
                                                  kLongestService),
                     .asked = events_.now()});
  }
  for (const Request& request : burst) ask_(request);
}

size_t Session::DrawModel() {
  if (habits_.models.size() == 1) return 0;
  double left = random_.Fraction();
  size_t model = 0;
  while (model + 1 < habits_.models.size() && left >= habits_.models[model]) {
    left -= habits_.models[model++];
  }
  return model;
}

void Session::Finished() {
  if (--outstanding_ > 0) return;
  const bool more = turns_left_ > 0;
  const absl::Duration median = more ? habits_.median_between_turns : habits_.median_between_tasks;
  events_.After(random_.Lognormal(median, kThinkSigma), [this, more] {
    if (more) {
      BeginTurn();
    } else {
      BeginTask();
    }
  });
}

}  // namespace zbroker::simulation
