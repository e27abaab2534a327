#include "daemon/core/model_limits.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::core {

namespace {

// What a model has less of, others may use: a slot more of it is worth less than one of the
// account, and so are trials.
constexpr Patience kPatience{.factor = 2.2, .lengths = 32, .longest = absl::Minutes(8), .rarer = 8};

}  // namespace

// A model starts without a limit: with the greatest that there may be.
SlotsConfig ModelLimits::LearnerConfig(const std::string& model) const {
  SlotsConfig config = config_;
  const auto pool = pools_.find(model);
  config.max = pool == pools_.end() ? config_.max : std::max(config_.max, pool->second);
  config.limit = pool == pools_.end() ? config.max : pool->second;
  config.min = 1;
  return config;
}

void ModelLimits::Configure(const SlotsConfig& config, const std::map<std::string, int>& pools,
                            BootTime now) {
  config_ = config;
  const std::map<std::string, int> before = std::exchange(pools_, pools);
  for (auto& [name, model] : models_) {
    if (!model.limit) continue;
    if (before.contains(name) && !pools_.contains(name)) {
      Forget(name, model);
    } else {
      model.limit->Configure(LearnerConfig(name), now);
    }
  }
}

void ModelLimits::EnterClass(HourClass hours, BootTime now) {
  hours_ = hours;
  for (auto& [name, model] : models_) {
    if (model.limit) model.limit->EnterClass(hours, now);
  }
  for (const auto& [name, limit] : pools_) {
    Model& pool = Get(name, now);
    if (!pool.limit) pool.limit.emplace(LearnerConfig(name), hours_, now, kPatience);
  }
}

void ModelLimits::Advance(BootTime now) {
  for (auto& [name, model] : models_) {
    if (!model.limit) continue;
    model.limit->Advance(now);
    if (model.limit->trial_under_way() || pools_.contains(name)) continue;
    if (now >= model.heard + kSilence || IsNone(*model.limit)) Forget(name, model);
  }
}

// Whether the limit, whatever the hours, is as high as any may go.
bool ModelLimits::IsNone(const LearnedLimit& limit) const {
  for (const HourClass hours : {HourClass::kPeak, HourClass::kOffPeak}) {
    const std::optional<LearnedState>& state = limit.Of(hours);
    if (state && state->limit < config_.max) return false;
  }
  return true;
}

void ModelLimits::Forget(const std::string& name, Model& model) {
  model.limit.reset();
  forgotten_.push_back(name);
}

BootTime ModelLimits::NextChange() const {
  BootTime next = BootTime::InfiniteFuture();
  for (const auto& [name, model] : models_) {
    if (!model.limit) continue;
    next = std::min(next, model.limit->NextChange());
    if (model.limit->trial_under_way() || pools_.contains(name)) continue;
    next = std::min(next, model.heard + kSilence);
  }
  return next;
}

LearnedLimit* ModelLimits::Find(const std::string& model) {
  const auto found = models_.find(model);
  return found == models_.end() || !found->second.limit ? nullptr : &*found->second.limit;
}

const LearnedLimit* ModelLimits::Find(const std::string& model) const {
  return const_cast<ModelLimits*>(this)->Find(model);
}

LearnedLimit& ModelLimits::FindOrAdd(const std::string& model, int in_flight, BootTime now) {
  std::optional<LearnedLimit>& limit = Get(model, now).limit;
  if (!limit) {
    limit.emplace(LearnerConfig(model), hours_, now, kPatience);
    limit->Assume(in_flight, absl::StrCat(in_flight, " in flight were served"), now);
  }
  return *limit;
}

void ModelLimits::Reset(const std::string& model, std::optional<LearnedLimit> limit,
                        ServedLevels served) {
  if (const auto found = models_.find(model); found != models_.end()) {
    if (limit) {
      limit->MarkChanged();
      found->second.limit = std::move(limit);
    } else if (found->second.limit) {
      Forget(model, found->second);
    }
    found->second.served = std::move(served);
  }
}

void ModelLimits::Restore(const std::string& model, LearnedState state, BootTime now) {
  const bool is_new = !models_.contains(model);
  Model& known = Get(model, now);
  if (is_new) known.heard = state.changed;
  std::optional<LearnedLimit>& limit = known.limit;
  if (!limit) limit.emplace(LearnerConfig(model), hours_, now, kPatience);
  known.heard = std::max({known.heard, state.confirmed, state.changed});
  limit->Restore(std::move(state));
}

ServedLevels& ModelLimits::Served(const std::string& model, BootTime now) {
  return Get(model, now).served;
}

BootTime ModelLimits::LastAt(const std::string& model, int in_flight) const {
  const auto found = models_.find(model);
  return found == models_.end() ? BootTime() - absl::InfiniteDuration()
                                : found->second.served.LastAt(in_flight);
}

bool ModelLimits::OthersServed(const std::string& model, absl::Duration within,
                               BootTime now) const {
  return std::any_of(models_.begin(), models_.end(), [&](const auto& entry) {
    return entry.first != model && now - entry.second.served.Last() <= within;
  });
}

bool ModelLimits::TrialUnderWay() const {
  return std::any_of(models_.begin(), models_.end(), [](const auto& entry) {
    return entry.second.limit && entry.second.limit->trial_under_way();
  });
}

std::vector<ModelLimits::Change> ModelLimits::TakeChanges() {
  std::vector<Change> changes;
  for (std::string& name : std::exchange(forgotten_, {})) changes.push_back({std::move(name), {}});
  for (auto& [name, model] : models_) {
    if (!model.limit) continue;
    if (auto state = model.limit->TakeChange()) changes.push_back({name, *std::move(state)});
  }
  return changes;
}

std::vector<std::string> ModelLimits::Limited() const {
  std::vector<std::string> names;
  for (const auto& [name, model] : models_) {
    if (model.limit) names.push_back(name);
  }
  return names;
}

ModelLimits::Model& ModelLimits::Get(const std::string& model, BootTime now) {
  if (models_.size() >= kModelsMax && !models_.contains(model)) MakeRoom();
  Model& found = models_[model];
  found.heard = now;
  return found;
}

void ModelLimits::MakeRoom() {
  const auto worth = [&](const auto& entry) {
    const auto& [name, model] = entry;
    return std::tuple(pools_.contains(name), model.limit.has_value(), model.heard);
  };
  const auto oldest =
      std::min_element(models_.begin(), models_.end(),
                       [&](const auto& a, const auto& b) { return worth(a) < worth(b); });
  if (oldest->second.limit) Forget(oldest->first, oldest->second);
  models_.erase(oldest);
}

}  // namespace zbroker::core
