#include "tests/bench/simulation/upstream.h"

#include <algorithm>
#include <utility>

namespace zbroker::simulation {
namespace {

constexpr uint32_t kPart = 1000;
constexpr uint32_t kDipsPart = 1100;
constexpr uint32_t kModelsPart = 1101;

}  // namespace

Upstream::Upstream(EventQueue& events, uint32_t seed, const Nature& nature,
                   std::function<void(const Limits&)> changed)
    : events_(events),
      nature_(nature),
      changed_(std::move(changed)),
      dips_(seed, kDipsPart),
      in_flight_of_(nature.models) {
  levels_.push_back({nature.account, Random(seed, kPart)});
  for (uint32_t i = 0; i < nature.models; ++i) {
    levels_.push_back({nature.model, Random(seed, kModelsPart + i)});
  }
  limits_.models.resize(nature.models);
  for (size_t i = levels_.size(); i > 0; --i) Move(i - 1);
  if (nature.dips) {
    events_.After(dips_.Uniform(kShortestCalm, kLongestCalm), [this] { Dip(); });
  }
}

void Upstream::Move(size_t level) {
  Level& moved = levels_[level];
  int next = moved.value;
  while (next == moved.value) {
    next = moved.random.Uniform(moved.range.least, moved.range.most);
  }
  moved.value = next;
  Tell();
  events_.After(moved.random.Uniform(kShortestLevel, kLongestLevel),
                [this, level] { Move(level); });
}

// To less than it is, if that is possible.
void Upstream::Dip() {
  dipped_ = dips_.Uniform(1, std::max(levels_[0].value - 1, 1));
  Tell();
  events_.After(dips_.Uniform(kShortestDip, kLongestDip), [this] {
    dipped_ = 0;
    Tell();
    events_.After(dips_.Uniform(kShortestCalm, kLongestCalm), [this] { Dip(); });
  });
}

void Upstream::Tell() {
  limits_.account = levels_[0].value;
  if (dipped_ > 0) limits_.account = std::min(limits_.account, dipped_);
  for (size_t i = 0; i < nature_.models; ++i) limits_.models[i] = levels_[i + 1].value;
  if (limits_.account > 0) changed_(limits_);
}

bool Upstream::Enter(size_t model) {
  if (in_flight_ >= limits_.account) return false;
  if (model < nature_.models) {
    if (in_flight_of_[model] >= limits_.models[model]) return false;
    ++in_flight_of_[model];
  }
  ++in_flight_;
  return true;
}

void Upstream::Leave(size_t model) {
  if (model < nature_.models) --in_flight_of_[model];
  --in_flight_;
}

}  // namespace zbroker::simulation
