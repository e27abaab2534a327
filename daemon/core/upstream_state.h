// What the upstream has said of one account that stands: its blocks, what an answer adds to them,
// and which it lifts. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_UPSTREAM_STATE_H_
#define ZBROKER_DAEMON_CORE_UPSTREAM_STATE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/base/clock.h"
#include "daemon/core/blame.h"
#include "daemon/core/blocks.h"
#include "daemon/core/event.h"
#include "daemon/core/lease.h"
#include "daemon/core/meter.h"
#include "daemon/core/record.h"
#include "daemon/core/release_details.h"

namespace zbroker::core {

class UpstreamState {
 public:
  explicit UpstreamState(std::string account) : account_(std::move(account)) {}

  // Takes the place of all that is known by what a ledger remembers. What ended by `now` is over;
  // that it ended later is told by Advance().
  void Clear(BootTime now) { blocks_.Clear(now); }
  void Recall(Block block) { blocks_.Add(std::move(block)); }

  // Returns whether a block that refuses has ended since the last call.
  bool Advance(BootTime now);

  // A lease was released with this answer, a throttle by which `cool_down` has to pause. Returns
  // whether what is refused has become more.
  bool Hear(const Lease& lease, Outcome outcome, const ReleaseDetails& details,
            const CoolDown& cool_down, BootTime now, std::vector<Record>& records);
  // Ends all blocks, a standing breaker only if `breaker`; `done` says which ended and which stand.
  // Returns whether one of them refused.
  bool EndAll(bool breaker, Done& done, std::vector<Record>& records);

  // Ends the walls that were met before the meter was asked, and that its rows show to be over;
  // `done` says which. Returns whether one did.
  bool LiftWalls(const std::vector<MeterRow>& rows, BootTime asked, Done& done,
                 std::vector<Record>& records);

  // What keeps the request from being granted, and what of that refuses it; nullptr: nothing.
  const Block* Blocking(const Request& request) const { return blocks_.Match(request); }
  const Block* Refusing(const Request& request) const { return blocks_.MatchRefusal(request); }
  // What a client is told that the block refuses.
  absl::Status Refusal(const Block& block) const;

  BootTime NextEnd() const { return blocks_.NextEnd(); }
  BootTime NextEndOfRefusal() const { return blocks_.NextEndOfRefusal(); }
  // Those that are not over, the gravest first.
  std::vector<Block> Standing() const { return blocks_.Standing(); }

 private:
  void Set(Block block, std::vector<Record>& records);
  void Remove(const Block& block, std::vector<Record>& records);

  const std::string account_;
  Blocks blocks_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_UPSTREAM_STATE_H_
