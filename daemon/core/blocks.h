// What the upstream has said that keeps an account, one of its models, or a kind of lease from
// being granted although slots are free.
#ifndef ZBROKER_DAEMON_CORE_BLOCKS_H_
#define ZBROKER_DAEMON_CORE_BLOCKS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/base/clock.h"
#include "daemon/core/lease.h"
#include "daemon/core/words.h"

namespace zbroker::core {

// Reason, scope, and the model or kind that the scope needs, name a block: an account has one of
// each name at most.
struct Block {
  BlockReason reason = BlockReason::kCoolDown;
  Scope scope = Scope::kAccount;
  std::string model;          // with Scope::kModel; empty: the leases whose model is not known
  Kind kind = Kind::kPrompt;  // with Scope::kKind
  BootTime since;
  BootTime until;  // the first instant at which it does not block any more
  int step = 0;    // how often its length has been doubled
  std::string upstream_code;
  std::string detail;

  bool Matches(const Request& request) const;
  bool SameName(const Block& other) const;
  // What is refused rather than waited for, unless the client asks to wait.
  bool Refuses() const {
    return reason == BlockReason::kWall || reason == BlockReason::kBreaker ||
           reason == BlockReason::kPlan;
  }
};

// "cooling down after a throttle", without instants.
std::string Describe(const Block& block);

// The blocks of one account. One that is over stays in the table until it is replaced or removed,
// because the next one's length may depend on it; but it does not match any more. Not thread-safe.
class Blocks {
 public:
  // More blocks of single models than this are not kept: the one that ends first makes room.
  static constexpr size_t kModelsMax = 64;

  // What is over is so as of the last Advance. Returns whether one that refuses, of whatever
  // scope, has ended since.
  bool Advance(BootTime now);

  // Forgets all. Of those that are added next, one that is over by `now` has not ended since then.
  void Clear(BootTime now);

  // Puts it in the place of the one with its name. Returns the one that had to make room.
  std::optional<Block> Add(Block block);
  void Remove(const Block& name);

  // The block with this name, also if it is over; nullptr if there is none.
  const Block* Find(const Block& name) const;
  // Of the blocks that match, the one that ends last; nullptr: nothing blocks the request.
  const Block* Match(const Request& request) const;
  // The same among those that refuse only.
  const Block* MatchRefusal(const Request& request) const;
  // Whether every lease of the kind is blocked, whatever its model.
  bool StopsKind(Kind kind) const;

  // When the next one will be over, and the next one that refuses.
  BootTime NextEnd() const;
  BootTime NextEndOfRefusal() const;
  // Those that are not over, the gravest first.
  std::vector<Block> Standing() const;
  // All, in no particular order.
  const std::vector<Block>& all() const { return blocks_; }

  bool IsOver(const Block& block) const { return block.until <= now_; }

 private:
  BootTime now_;
  std::vector<Block> blocks_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_BLOCKS_H_
