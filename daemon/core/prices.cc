#include "daemon/core/prices.h"

#include <algorithm>

#include "client/base/glob.h"

namespace zbroker::core {
namespace {

constexpr double kNewest = 0.1;  // of a mean

Amount Saturated(double value) { return *Amount::FromDouble(std::min(value, Amount::kLargest)); }

bool Covers(const WindowConfig& window, absl::string_view model) {
  return window.models.empty() || AnyGlobMatches(window.models, model);
}

}  // namespace

void Prices::Configure(const AccountConfig& config) {
  weights_ = config.weights;
  rates_ = config.rates;
  mcp_credits_ = config.mcp_credits;
}

Amount Prices::ChargeFor(const WindowConfig& window, const Request& request,
                         absl::Time wall) const {
  if (!Covers(window, request.model)) return Amount();
  const bool mcp = request.kind == Kind::kMcp;
  const double own_weight = request.weight.ToDouble();
  switch (window.unit) {
    case Unit::kPrompts:
      if (request.kind != Kind::kPrompt) return Amount();
      return Saturated(own_weight * WeightOf(request.model, wall));
    case Unit::kCalls:
      return mcp ? Amount() : Saturated(own_weight * WeightOf(request.model, wall));
    case Unit::kMcpCalls:
      return mcp ? request.weight : Amount();
    case Unit::kCredits:
      if (mcp) return Saturated(own_weight * mcp_credits_ * WeightOf("", wall));
      break;
    case Unit::kTokens:
      if (mcp) return Amount();
      break;
  }
  return Saturated(Cost(window.unit, request.model, Estimate(request.model), wall).value_or(0));
}

std::optional<Amount> Prices::Settle(const WindowConfig& window, const Request& request,
                                     const TokenUsage& usage, absl::Time granted) const {
  if (request.kind == Kind::kMcp || !Covers(window, request.model)) return std::nullopt;
  if (window.unit != Unit::kTokens && window.unit != Unit::kCredits) return std::nullopt;
  const std::optional<double> cost = Cost(window.unit, request.model, From(usage), granted);
  if (!cost) return std::nullopt;
  return Saturated(*cost);
}

void Prices::Learn(absl::string_view model, const TokenUsage& usage) {
  const Tokens newest = From(usage);
  const auto mix = [](double& mean, double value) { mean += (value - mean) * kNewest; };
  Tokens* mean = nullptr;
  if (const auto found = estimates_.find(model); found != estimates_.end()) {
    mean = &found->second;
  } else if (estimates_.size() < kModelsMax) {
    estimates_.emplace(model, newest);
    return;
  } else if (!other_models_) {
    other_models_ = newest;
    return;
  } else {
    mean = &*other_models_;
  }
  mix(mean->input, newest.input);
  mix(mean->cached, newest.cached);
  mix(mean->output, newest.output);
}

absl::Time Prices::CheaperAt(absl::string_view model, absl::Time now) const {
  const double present = WeightOf(model, now);
  for (absl::Time at = NextChange(now); at <= now + absl::Hours(24 * 7); at = NextChange(at)) {
    if (WeightOf(model, at) < present) return at;
  }
  return absl::InfiniteFuture();
}

absl::Time Prices::NextChange(absl::Time now) const {
  absl::Time next = absl::InfiniteFuture();
  for (const WeightConfig& rule : weights_) {
    if (!rule.when.always()) next = std::min(next, rule.when.NextChange(now));
  }
  return next;
}

Prices::Tokens Prices::From(const TokenUsage& usage) {
  return {static_cast<double>(usage.input), static_cast<double>(usage.cached),
          static_cast<double>(usage.output)};
}

Prices::Tokens Prices::Estimate(absl::string_view model) const {
  if (const auto found = estimates_.find(model); found != estimates_.end()) return found->second;
  return estimates_.size() < kModelsMax ? From(kTypical) : other_models_.value_or(From(kTypical));
}

double Prices::WeightOf(absl::string_view model, absl::Time wall) const {
  for (const WeightConfig& rule : weights_) {
    if (AnyGlobMatches(rule.models, model) && rule.when.Contains(wall)) return rule.weight;
  }
  return 1;
}

const RateConfig* Prices::FindRate(absl::string_view model) const {
  const auto found = std::find_if(rates_.begin(), rates_.end(), [&](const RateConfig& rate) {
    return AnyGlobMatches(rate.models, model);
  });
  return found == rates_.end() ? nullptr : &*found;
}

std::optional<double> Prices::Cost(Unit unit, absl::string_view model, const Tokens& tokens,
                                   absl::Time wall) const {
  if (unit == Unit::kTokens) return tokens.input + tokens.cached + tokens.output;
  const RateConfig* rate = FindRate(model);
  if (rate == nullptr) return std::nullopt;
  const double credits =
      (tokens.input * rate->input + tokens.cached * rate->cached + tokens.output * rate->output) /
      10'000;
  return credits * WeightOf(model, wall);
}

}  // namespace zbroker::core
