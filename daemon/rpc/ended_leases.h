// How leases ended of which the broker has forgotten that: those of former daemons, and old ones.
#ifndef ZBROKER_DAEMON_RPC_ENDED_LEASES_H_
#define ZBROKER_DAEMON_RPC_ENDED_LEASES_H_

#include <string>
#include <utility>

#include "daemon/core/event.h"
#include "daemon/core/lease.h"

namespace zbroker::rpc {

// Looks them up in the ledger. Thread-safe.
class EndedLeases {
 public:
  explicit EndedLeases(std::string ledger_path) : ledger_path_(std::move(ledger_path)) {}

  // The event, completed: a Released without an outcome gets that of the ledger, or becomes a
  // Failed when the lease was another user's. It stays as it is when the row has been dropped. May
  // block on a read of the ledger: not for the engine's turn.
  core::Event Complete(core::Event event, const core::Client& client) const;

 private:
  const std::string ledger_path_;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_ENDED_LEASES_H_
