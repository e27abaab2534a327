// The waiters of one account, in order, arranged so that finding the next one to grant does not
// depend on how many wait.
//
// Waiters that charge the same windows share a lane. Within a lane the order decides alone: when
// its head has no room, nobody behind it has a better claim. Between lanes the order decides too,
// but a lane whose head lacks room in some window steps aside for lanes that don't charge that
// window. So a waiter that one window blocks never blocks those who don't need it, and a heavy
// charge is not starved by light ones that would still fit. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
#define ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "daemon/core/lease.h"
#include "daemon/core/rolling_window.h"

namespace zbroker::core {

class WaiterQueue {
 public:
  // A set of windows by index; an account has at most 16.
  using WindowSet = uint32_t;

  // The waiters are not owned, and must stay until erased.
  void Insert(Waiter* waiter);
  void Erase(const Waiter& waiter);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The first waiter whose charges have room, nullptr if there is none. `blocked` collects the
  // windows found without room; pass the same set to the next call of the same admission pass.
  Waiter* NextWithRoom(const std::vector<RollingWindow>& windows, WindowSet& blocked) const;

  // The heads of the lanes, in no particular order.
  std::vector<const Waiter*> Heads() const;

  // All waiters in order.
  std::vector<const Waiter*> InOrder() const;

  // How many are ahead of it.
  size_t CountBefore(const QueueOrder& order) const;

 private:
  using Lane = std::map<QueueOrder, Waiter*>;

  std::map<WindowSet, Lane> lanes_;  // none empty
  size_t size_ = 0;
};

// The windows that the waiter charges.
WaiterQueue::WindowSet WindowsOf(const Waiter& waiter);

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
