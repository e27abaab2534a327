#include "daemon/core/reaction.h"

#include <algorithm>
#include <utility>

namespace zbroker::core {
namespace {

// How long to stay away when the upstream does not say.
struct Lengths {
  absl::Duration first;
  absl::Duration longest;
};
constexpr Lengths kThrottle{absl::Seconds(2), absl::Seconds(60)};
// When the limit has fallen besides: until what was on its way has been answered.
constexpr Lengths kFallen{absl::Milliseconds(500), absl::Milliseconds(500)};
constexpr Lengths kStartRate{absl::Seconds(1), absl::Seconds(15)};
constexpr Lengths kOverload{absl::Seconds(1), absl::Seconds(30)};
constexpr int kStepMax = 16;

// From 0.8 to 1.2, spread evenly over the ids (the finaliser of SplitMix64).
double Jitter(LeaseId id) {
  uint64_t mixed = id + 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  mixed ^= mixed >> 31;
  return 0.8 + 0.4 * static_cast<double>(mixed % 1000) / 1000;
}

// Throttle and overload. `block` has its name and words.
std::optional<Block> BackOff(Block block, const Lengths& lengths, const Lease& lease,
                             const ReleaseDetails& details, const Blocks& blocks, BootTime now) {
  std::optional<absl::Duration> asked;
  if (details.retry_after && *details.retry_after > absl::ZeroDuration()) {
    asked = std::min(*details.retry_after, kRetryAfterMax);
  }
  const Block* last = blocks.Find(block);
  if (last != nullptr && !blocks.IsOver(*last)) {
    if (!asked || now + *asked <= last->until) return std::nullopt;
    block.since = last->since;
    block.step = last->step;
    block.until = now + *asked;
    return block;
  }
  if (last != nullptr) {
    // A lease from before the last one says nothing of whether that was long enough.
    block.step = std::min(last->step + (lease.granted >= last->until ? 1 : 0), kStepMax);
  }
  const absl::Duration doubled = std::min(lengths.first * (1 << block.step), lengths.longest);
  block.since = now;
  block.until = now + asked.value_or(doubled * Jitter(lease.id));
  return block;
}

void SetScope(Scope scope, const Lease& lease, Block& block) {
  block.scope = scope;
  if (scope == Scope::kModel) block.model = lease.request.model;
  if (scope == Scope::kKind) block.kind = lease.request.kind;
}

// Wall, breaker and plan: until `until`, but an earlier end never replaces a later one.
std::optional<Block> Stand(Block block, BootTime until, const Blocks& blocks, BootTime now) {
  block.since = now;
  block.until = until;
  const Block* last = blocks.Find(block);
  if (last == nullptr || blocks.IsOver(*last)) return block;
  if (until <= last->until) return std::nullopt;
  block.since = last->since;
  return block;
}

BootTime WallEnd(const ReleaseDetails& details, BootTime now) {
  const absl::Duration ahead = details.window_length
                                   ? std::min(*details.window_length + kWallSlack, kWallLongest)
                                   : kWallLongest;
  const bool plausible = details.until && *details.until > now && *details.until <= now + ahead;
  return plausible ? *details.until : now + kWallUnknown;
}

BootTime BreakerEnd(const ReleaseDetails& details, BootTime now) {
  const BootTime shortest = now + kBreakerShortest;
  const bool plausible = details.until && *details.until <= now + kWallLongest;
  return plausible ? std::max(*details.until, shortest) : shortest;
}

}  // namespace

bool TurnedAway(Outcome outcome) {
  return outcome == Outcome::kThrottle || outcome == Outcome::kOverload ||
         outcome == Outcome::kWall || outcome == Outcome::kBreaker || outcome == Outcome::kTerminal;
}

bool SentBack(Outcome outcome) {
  return outcome == Outcome::kThrottle || outcome == Outcome::kOverload ||
         outcome == Outcome::kWall;
}

std::optional<Block> BlockFor(const Lease& lease, Outcome outcome, const ReleaseDetails& details,
                              const CoolDown& cool_down, const Blocks& blocks, BootTime now) {
  Block block{.upstream_code = details.upstream_code, .detail = details.message};
  switch (outcome) {
    case Outcome::kThrottle:
      if (!cool_down.scope) return std::nullopt;
      block.reason = BlockReason::kCoolDown;
      SetScope(*cool_down.scope, lease, block);
      if (!cool_down.alone && !details.start_rate) {
        return BackOff(std::move(block), kFallen, lease, details, blocks, now);
      }
      return BackOff(std::move(block), details.start_rate ? kStartRate : kThrottle, lease, details,
                     blocks, now);
    case Outcome::kOverload:
      block.reason = BlockReason::kOverload;
      block.scope = Scope::kModel;
      block.model = lease.request.model;
      return BackOff(std::move(block), kOverload, lease, details, blocks, now);
    case Outcome::kWall:
      block.reason = BlockReason::kWall;
      SetScope(details.scope, lease, block);
      return Stand(std::move(block), WallEnd(details, now), blocks, now);
    case Outcome::kTerminal:
      // A wrong key or address is one program's; the others may go on.
      if (!details.plan) return std::nullopt;
      block.reason = BlockReason::kPlan;
      SetScope(details.scope, lease, block);
      return Stand(std::move(block), now + kWallUnknown, blocks, now);
    case Outcome::kBreaker:
      block.reason = BlockReason::kBreaker;
      return Stand(std::move(block), BreakerEnd(details, now), blocks, now);
    default:
      return std::nullopt;
  }
}

bool Forgives(const Lease& lease, const Block& block, const Blocks& blocks) {
  return blocks.IsOver(block) && block.Matches(lease.request) && lease.granted >= block.until;
}

}  // namespace zbroker::core
