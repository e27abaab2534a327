#include "tests/bench/simulation/meter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace zbroker::simulation {
namespace {

constexpr absl::Duration kHour = absl::Hours(1);

// The nearest rank. REQUIRES: 0 < percent <= 100. Zero when there are no samples.
double Percentile(std::vector<double> samples, double percent) {
  if (samples.empty()) return 0;
  const auto rank =
      static_cast<size_t>(std::ceil(static_cast<double>(samples.size()) * percent / 100));
  std::nth_element(samples.begin(), samples.begin() + static_cast<ptrdiff_t>(rank) - 1,
                   samples.end());
  return samples[rank - 1];
}

double Mean(const std::vector<double>& samples) {
  if (samples.empty()) return 0;
  return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

double Jain(const std::vector<double>& shares) {
  double sum = 0, squares = 0;
  for (const double share : shares) {
    sum += share;
    squares += share * share;
  }
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

// How much each of the demands gets of `total` when none gets more than it demands and all others
// get the same: the level up to which water fills vessels of these heights.
double Level(double total, std::vector<int> demands) {
  std::sort(demands.begin(), demands.end());
  auto left = static_cast<double>(demands.size());
  for (const int demand : demands) {
    if (demand * left >= total) return total / left;
    total -= demand;
    --left;
  }
  return demands.empty() ? 0 : demands.back();
}

}  // namespace

Meter::Meter(const std::vector<Habits>& sessions) : hour_end_(now_ + kHour) {
  for (const Habits& habits : sessions) {
    sessions_.push_back({.equal = habits.priority == core::Priority::kNormal});
  }
}

void Meter::Asked(const Request& request, BootTime now) {
  Advance(now);
  Tally& session = sessions_[static_cast<size_t>(request.session)];
  ++session.waiting;
  ++session.outstanding;
}

void Meter::Sent(const Request& request, BootTime now) {
  Advance(now);
  --sessions_[static_cast<size_t>(request.session)].waiting;
}

void Meter::Entered(const Request& request, BootTime now) {
  Advance(now);
  ++sessions_[static_cast<size_t>(request.session)].in_service;
  Count(request, 1);
  if (request.priority == core::Priority::kInteractive) {
    waits_.push_back(absl::ToDoubleSeconds(now - request.asked));
  }
}

void Meter::Refused(const Request& request, BootTime now) {
  Advance(now);
  ++throttles_;
  ++sessions_[static_cast<size_t>(request.session)].waiting;
}

void Meter::Left(const Request& request, BootTime now) {
  Advance(now);
  Tally& session = sessions_[static_cast<size_t>(request.session)];
  --session.in_service;
  Count(request, -1);
  --session.outstanding;
  ++requests_;
  service_ += absl::ToDoubleSeconds(request.service);
}

void Meter::Failed(const Request& request, BootTime now) {
  Advance(now);
  Tally& session = sessions_[static_cast<size_t>(request.session)];
  --session.waiting;
  --session.outstanding;
  ++requests_;
  ++failed_;
  service_ += absl::ToDoubleSeconds(request.service);
}

void Meter::Count(const Request& request, int in_service) {
  if (request.model >= in_service_of_.size()) {
    in_service_of_.resize(request.model + 1);
    served_of_.resize(request.model + 1);
  }
  in_service_of_[request.model] += in_service;
}

void Meter::Advance(BootTime now) {
  while (now >= hour_end_) {
    Integrate(absl::ToDoubleSeconds(hour_end_ - now_));
    now_ = hour_end_;
    hour_end_ = hour_end_ + kHour;
    EndHour();
  }
  Integrate(absl::ToDoubleSeconds(now - now_));
  now_ = now;
}

void Meter::Integrate(double seconds) {
  if (seconds <= 0) return;
  bool waiting = false;
  double total = 0;
  std::vector<int> demands;
  for (const Tally& session : sessions_) {
    served_ += session.in_service * seconds;
    waiting |= session.waiting > 0;
    if (!session.equal) continue;
    total += session.in_service;
    demands.push_back(session.outstanding);
  }
  for (size_t i = 0; i < served_of_.size(); ++i) served_of_[i] += in_service_of_[i] * seconds;
  if (waiting) backlog_ += seconds;
  const double level = Level(total, std::move(demands));
  for (Tally& session : sessions_) {
    session.received += session.in_service * seconds;
    session.ideal += std::min<double>(level, session.outstanding) * seconds;
  }
}

void Meter::EndHour() {
  std::vector<double> ratios;
  for (Tally& session : sessions_) {
    if (session.equal && session.ideal > 0) ratios.push_back(session.received / session.ideal);
    session.received = session.ideal = 0;
  }
  if (!ratios.empty()) jains_.push_back(Jain(ratios));
}

Figures Meter::Result(BootTime now) {
  Advance(now);
  const double requests = std::max(requests_, 1);
  const double mean_service = service_ / requests;
  return {.throttles = 1000 * throttles_ / requests,
          .served = served_,
          .served_of = served_of_,
          .jain = Mean(jains_),
          .wait_p50 = Percentile(waits_, 50) / mean_service,
          .wait_p95 = Percentile(waits_, 95) / mean_service,
          .failed = 1000 * failed_ / requests,
          .backlog = backlog_ / absl::ToDoubleSeconds(now - BootTime())};
}

}  // namespace zbroker::simulation
