// What a lease costs each window of its account: estimates when it is granted, the truth when the
// upstream has said what it used.
#ifndef ZBROKER_DAEMON_CORE_PRICES_H_
#define ZBROKER_DAEMON_CORE_PRICES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/core/amount.h"
#include "daemon/core/config.h"
#include "daemon/core/lease.h"
#include "daemon/core/release_details.h"

namespace zbroker::core {

// Not thread-safe.
class Prices {
 public:
  // Of models that were heard of; further ones share one estimate.
  static constexpr size_t kModelsMax = 64;

  // What a request is taken to use before any of its model has settled: a turn of a coding agent
  // in the middle of a session, most of whose context is cached.
  static constexpr TokenUsage kTypical = {.input = 2'000, .cached = 20'000, .output = 500};

  explicit Prices(const AccountConfig& config) { Configure(config); }

  // Takes new weights and rates; what was learned stays.
  void Configure(const AccountConfig& config);

  // What a lease that is granted at `wall` charges the window. By the window's unit:
  //
  //   prompts, calls  weight of the request × weight rule, for prompts, for prompts and calls
  //   mcp_calls       weight of the request, for tool calls
  //   tokens          what requests of the model used of late, for prompts and calls
  //   credits         these at the model's rate × weight rule, for prompts and calls; nothing for a
  //                   model without a rate; weight of the request × mcp_credits × weight rule of
  //                   the empty model for tool calls
  //
  // Nothing if the window is of other models. At most Amount::kLargest.
  Amount ChargeFor(const WindowConfig& window, const Request& request, absl::Time wall) const;

  // What the lease really cost the window, by what the upstream says that it used and the weight
  // at its grant. Empty where the charge stands: the unit is not tokens or credits, the request is
  // a tool call, its model has no rate, or the window is of other models.
  std::optional<Amount> Settle(const WindowConfig& window, const Request& request,
                               const TokenUsage& usage, absl::Time granted) const;

  // A request of the model used this; of the estimates, which are exponentially weighted means, it
  // becomes a tenth.
  void Learn(absl::string_view model, const TokenUsage& usage);

  // The first instant in the week after `now` at which the weight rules make the model cheaper than
  // it is now; InfiniteFuture() if it is never cheaper.
  absl::Time CheaperAt(absl::string_view model, absl::Time now) const;
  double WeightOf(absl::string_view model, absl::Time wall) const;

  // An instant after `now` before which no weight rule changes; InfiniteFuture() if none ever does.
  absl::Time NextChange(absl::Time now) const;

 private:
  // Of one request.
  struct Tokens {
    double input = 0, cached = 0, output = 0;
  };

  static Tokens From(const TokenUsage& usage);
  Tokens Estimate(absl::string_view model) const;
  const RateConfig* FindRate(absl::string_view model) const;
  // What the tokens cost the window. REQUIRES: it counts tokens or credits. Empty without a rate.
  std::optional<double> Cost(Unit unit, absl::string_view model, const Tokens& tokens,
                             absl::Time wall) const;

  std::vector<WeightConfig> weights_;
  std::vector<RateConfig> rates_;
  double mcp_credits_ = 0;
  absl::flat_hash_map<std::string, Tokens> estimates_;
  std::optional<Tokens> other_models_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_PRICES_H_
