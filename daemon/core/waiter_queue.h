// The waiters of one account, in order, arranged so that finding the next one to grant does not
// depend on how many wait.
//
// Waiters of one model, of one kind, that charge the same windows share a lane: what blocks one of
// them blocks all, and within the lane the order decides alone. The lanes of one kind and one set
// of windows form a group, which knows its lanes' heads in order. Between lanes the order decides
// too, with two exceptions. A lane that a block matches steps aside altogether. And a lane whose
// head lacks room in some window steps aside for lanes that don't charge that window. So a waiter
// that something blocks never blocks those who don't need it, and a heavy charge is not starved by
// light ones that would still fit. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
#define ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/core/blocks.h"
#include "daemon/core/lease.h"
#include "daemon/core/rolling_window.h"

namespace zbroker::core {

class WaiterQueue {
 public:
  // A set of windows by index; an account has at most 16.
  using WindowSet = uint32_t;

  // The waiters are not owned, and must stay, with what their lane depends on, until erased.
  void Insert(Waiter* waiter);
  void Erase(const Waiter& waiter);

  size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }

  // The first waiter that no block matches and whose charges have room, nullptr if there is none.
  // `contested` collects the windows that somebody ahead lacks room in; pass the same set to the
  // next call of the same admission pass.
  Waiter* Next(const std::vector<RollingWindow>& windows, const Blocks& blocks,
               WindowSet& contested) const;

  // Of each group the first waiter that no block matches: whoever can be granted next, as soon as
  // there is room, is one of these.
  std::vector<Waiter*> Heads(const Blocks& blocks) const;

  // All waiters in order.
  std::vector<Waiter*> InOrder() const;

  // How many are ahead of it.
  size_t CountBefore(const QueueOrder& order) const;

 private:
  using Lane = std::map<QueueOrder, Waiter*>;
  using GroupKey = std::pair<WindowSet, Kind>;
  struct Group {
    absl::flat_hash_map<std::string, Lane> lanes;  // by model; none empty
    Lane heads;                                    // the first of each lane
  };

  static GroupKey KeyOf(const Waiter& waiter);
  static Waiter* FirstUnblocked(Kind kind, const Group& group, const Blocks& blocks);

  std::map<GroupKey, Group> groups_;  // none empty
  Lane all_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
