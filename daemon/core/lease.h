// Leases and waiters, and who they belong to.
#ifndef ZBROKER_DAEMON_CORE_LEASE_H_
#define ZBROKER_DAEMON_CORE_LEASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/amount.h"
#include "daemon/core/release_details.h"
#include "daemon/core/words.h"

namespace zbroker::core {

// Only grows, over the life of a ledger; 0 is none.
using LeaseId = uint64_t;
// Where the answers to a command go; never used twice by one daemon; 0 is nowhere.
using StreamId = uint64_t;
// The transport connection that streams and unary calls come over.
using ConnectionId = uint64_t;

// A process, as the kernel identified it.
struct Holder {
  int32_t pid = 0;  // 0: not known
  uint32_t uid = 0;
  uint64_t start_ticks = 0;
  std::string program;
};

// Who sent a command.
struct Client {
  StreamId stream = 0;
  ConnectionId connection = 0;
  Holder holder;
  bool admin = false;  // root, or the daemon's own user
};

// What an Acquire asks for: constant over the life of waiter and lease.
struct Request {
  std::string ticket;  // with the uid, names the Acquire
  std::string account;
  std::string model;
  Kind kind = Kind::kPrompt;
  Priority priority = Priority::kNormal;
  Amount weight = Amount::FromMicros(1'000'000);
  std::string session;
  LeaseId parent = 0;
  // Zero: the lease ends with its stream. Else it lives so long after each renewal, whatever
  // becomes of the process that asked for it.
  absl::Duration ttl;
};

// What a lease takes from one window of its account.
struct Charge {
  std::string window;
  Amount amount;

  bool operator==(const Charge&) const = default;
};

enum class LeaseState { kHeld, kOrphaned, kQuarantined };

// An open lease, which is a slot taken, whatever its state.
struct Lease {
  LeaseId id = 0;
  Request request;
  Client client;    // stream is 0 while orphaned or quarantined, or when it lives by its TTL
  BootTime queued;  // the arrival, of the first attempt if it was sent back
  BootTime granted;
  uint32_t attempt = 1;  // one more each time the upstream sent its ticket back
  std::vector<Charge> charges;
  LeaseState state = LeaseState::kHeld;
  BootTime until = BootTime::InfiniteFuture();  // when the state ends by itself
  Outcome ending = Outcome::kLost;              // the outcome, if it ends by itself
  // Of a lease that was released and stays in quarantine: what was said, and to whom to answer.
  ReleaseDetails released;
  StreamId answer_to = 0;
};

using WaiterId = uint64_t;

// Waiters are served by arrival; the id decides between equals.
struct QueueOrder {
  BootTime arrival;
  WaiterId id = 0;

  auto operator<=>(const QueueOrder&) const = default;
};

struct Waiter {
  QueueOrder order;
  Request request;
  Client client;
  std::vector<Amount> charges;  // one a window of the account, in its order
  BootTime deadline = BootTime::InfiniteFuture();
  BootTime gone_until = BootTime::InfiniteFuture();  // set while its client is gone
  bool no_wait = false;
  bool hold_until_reset = false;  // waits for the end of a wall rather than be refused
  uint32_t attempt = 1;           // as in Lease

  bool client_gone() const { return gone_until != BootTime::InfiniteFuture(); }
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_LEASE_H_
