// Which leases of an account are nested in others, and which waiters could be.
//
// A command may start others, and wait for them: a script under a lease whose agents ask for leases
// of their own. If these needed slots of their own, a limit of one would be a deadlock. So a lease
// hosts one nested lease, the oldest of its open children, which needs no slot; further children
// need slots like everybody, until it is their turn. A lease of another account in between changes
// nothing, and neither does one that goes without a slot: it lends none and needs none. That rule
// alone says who is nested, so it also holds for leases that a former daemon left; but for a guest
// whose host has ended: it goes on with what its host had, and a new daemon, which does not know of
// that, takes it to have a slot of its own.
//
// What runs beneath a lease is charged once: the charges of a nested lease are set off against what
// its host was charged, or had set off itself. A new daemon doesn't know what is left of that, and
// charges in full.
//
// Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_NESTING_H_
#define ZBROKER_DAEMON_CORE_NESTING_H_

#include <map>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/core/charges.h"
#include "daemon/core/clients.h"
#include "daemon/core/lease.h"

namespace zbroker::core {

class Nesting {
 public:
  explicit Nesting(Clients& clients) : clients_(clients) {}

  // --- Waiters.

  // Finds the open lease that could host the waiter, and from then on knows it as one of its
  // children. The waiter must stay until Leave().
  void Enter(Waiter& waiter);
  void Leave(const Waiter& waiter);
  void Clear() { children_.clear(); }
  bool empty() const { return children_.empty(); }

  // The waiting children of each lease that can host one now, in the order of their arrival.
  struct Family {
    const Lease* host = nullptr;
    std::vector<const Waiter*> children;
  };
  std::vector<Family> Families() const;
  // Whether the lease hosts nobody and is alive.
  static bool CanHost(const Lease& lease);

  // --- Leases.

  // The lease that is to host this one; nullptr: none can.
  Lease* FindHost(const Lease& lease) const;
  void Nest(Lease& lease, Lease& host);
  // It is nested in nothing any more; returns its former host, nullptr if it had none.
  Lease* Unnest(Lease& lease);

  // What is left to charge for the lease after what its host has paid for it. The charges are there
  // for leases below it from now on.
  Charges SetOff(const Lease& lease, const Charges& charges);
  // The same of a waiter before it is granted: nothing is set off yet.
  Charges BeyondCredit(const Lease& host, const Charges& charges) const;
  // What was set off for the lease; and that it is its host's again.
  Charges SetOffOf(LeaseId lease) const;
  void ReturnCredit(LeaseId lease);
  // The lease has ended.
  void Forget(LeaseId lease);

 private:
  struct Balance {
    Charges credit;   // what of its charges has not been set off against those of nested leases
    Charges set_off;  // what was set off against its own
    LeaseId set_off_from = 0;
  };

  Lease* FindParent(const Request& request, uint32_t uid, LeaseId before) const;

  Clients& clients_;
  // The waiters whose parent is an open lease, by that.
  std::map<LeaseId, std::map<QueueOrder, const Waiter*>> children_;
  absl::flat_hash_map<LeaseId, Balance> balances_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_NESTING_H_
