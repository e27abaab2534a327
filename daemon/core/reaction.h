// What the core makes of what the upstream said: pure rules, each from a release to its
// consequence.
#ifndef ZBROKER_DAEMON_CORE_REACTION_H_
#define ZBROKER_DAEMON_CORE_REACTION_H_

#include <optional>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/blame.h"
#include "daemon/core/blocks.h"
#include "daemon/core/lease.h"
#include "daemon/core/release_details.h"

namespace zbroker::core {

// The longest that a throttle or an overload may ask for. What is longer is a wall by another name,
// and a wall says so.
inline constexpr absl::Duration kRetryAfterMax = absl::Minutes(5);
// Until one request finds out, when a wall does not say plausibly when it ends.
inline constexpr absl::Duration kWallUnknown = absl::Minutes(5);
// By how much a reset may lie beyond the length of its window: clocks differ.
inline constexpr absl::Duration kWallSlack = absl::Minutes(5);
// The same for a window whose length is not known: a month and a little.
inline constexpr absl::Duration kWallLongest = absl::Hours(24 * 35);
inline constexpr absl::Duration kBreakerShortest = absl::Hours(1);

// Whether the upstream turned the request away, so that it has cost no quota.
bool TurnedAway(Outcome outcome);

// Whether it did so for a while, so that the client may try again with the same ticket.
bool SentBack(Outcome outcome);

// The block that the release of the lease makes, or that takes the place of the one with its name;
// empty: nothing changes.
//
// A throttle or an overload that does not say for how long blocks for a first length, doubled each
// time that a lease granted after the last such block meets the next one, with up to a fifth more
// or less, by the lease's id, so that several machines don't return in step. While a block stands,
// further answers of the same kind belong to the same burst: they were on their way already, and
// lengthen it only if they themselves ask for more. REQUIRES: blocks.Advance(now).
std::optional<Block> BlockFor(const Lease& lease, Outcome outcome, const ReleaseDetails& details,
                              const CoolDown& cool_down, const Blocks& blocks, BootTime now);

// Whether a lease that ended well shows that what the block was about has passed, so that the next
// one starts with the first length again. REQUIRES: as above.
bool Forgives(const Lease& lease, const Block& block, const Blocks& blocks);

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_REACTION_H_
