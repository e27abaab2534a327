// Leases and waiters, and who they belong to.
#ifndef ZBROKER_DAEMON_CORE_LEASE_H_
#define ZBROKER_DAEMON_CORE_LEASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/amount.h"
#include "daemon/core/charges.h"
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
  std::string tree;  // see Trees; not recorded: after a restart, its session
  LeaseId parent = 0;
  // Zero: the lease ends with its stream. Else it lives so long after each renewal, whatever
  // becomes of the process that asked for it.
  absl::Duration ttl;
  // Until when background work lets itself be deferred for the pace of a window or for off-peak
  // hours.
  BootTime patience = BootTime::InfiniteFuture();
  // On whose behalf the holder asks, as it says itself; empty and 0: its own. For people to see.
  std::string program;
  int32_t program_pid = 0;
  std::string project;  // likewise, see Acquire.project
};

// What a lease takes from one window of its account, for those who are not the core: see Charges.
struct Charge {
  std::string window;
  Amount amount;
  bool excess = false;  // it went beyond a limit that is probed; not recorded

  bool operator==(const Charge&) const = default;
};

enum class LeaseState { kHeld, kOrphaned, kQuarantined };

// Pools of an account, by index; see AccountConfig::kPoolsMax.
using PoolSet = uint32_t;

// An open lease. It holds a slot whatever its state, unless it is nested in another, whose holder
// waits for it and lends it its own; unless it is a shadow, granted in shadow mode beyond what
// would have been admitted; or unless it is slotless.
struct Lease {
  LeaseId id = 0;
  Request request;
  Client client;    // stream is 0 while orphaned or quarantined
  BootTime queued;  // the arrival, of the first attempt if it was sent back
  BootTime granted;
  uint32_t attempt = 1;                  // one more each time the upstream sent its ticket back
  std::optional<absl::Duration> joined;  // as in Waiter
  Charges charges;
  PoolSet pools = 0;  // those that its model belongs to
  // Whose limit, of those that are learned or pinned for models, it counts against: its model's, or
  // that of a pool that learns.
  std::string group;
  LeaseId host = 0;   // the lease that it is nested in; Nesting's to set, as the next one
  LeaseId guest = 0;  // the lease nested in it: the oldest of its open children
  bool shadow = false;
  // A tool call of an account where these take no slots: it waits for windows, blocks and pauses
  // alone, is part of no nesting, and is over as soon as its holder is gone.
  bool slotless = false;
  bool trial = false;            // granted beyond the learned limit
  bool model_trial = false;      // the same of its model's limit
  bool reports = false;          // as in Acquire
  bool takes_throttles = false;  // as in Acquire
  // Of those whose clients report, how many were in flight right after its grant, itself included.
  // 0: it is no evidence of the limit, as its client reports nothing or a former daemon granted it.
  int in_flight = 0;
  int model_in_flight = 0;  // the same of those of its model
  BootTime slot_since;      // when it took its slot; a shadow, when it first went without
  absl::Duration expected;  // the slot-time that its session was charged for that
  std::optional<absl::Duration> shadow_wait;  // how long it would have waited for it
  LeaseState state = LeaseState::kHeld;
  BootTime until = BootTime::InfiniteFuture();  // when the state ends by itself
  Outcome ending = Outcome::kLost;              // the outcome, if it ends by itself
  bool command_runs = false;                    // in quarantine: as in HolderExited, it is why
  // Of a lease that was released and stays in quarantine: what was said, and to whom to answer.
  ReleaseDetails released;
  StreamId answer_to = 0;
};

using WaiterId = uint64_t;

// The order of waiters that are equal otherwise; the id decides between equals.
struct QueueOrder {
  BootTime arrival;
  WaiterId id = 0;

  auto operator<=>(const QueueOrder&) const = default;
};

struct Waiter {
  QueueOrder order;
  Request request;
  Client client;
  Priority rank = Priority::kNormal;  // the request's priority, lifted by age
  Charges charges;                    // what it would be charged
  PoolSet pools = 0;                  // as in Lease
  std::string group;                  // as in Lease
  LeaseId parent = 0;                 // the open lease that could host it; 0: none
  BootTime deadline = BootTime::InfiniteFuture();
  BootTime gone_until = BootTime::InfiniteFuture();  // set while its client is gone
  bool patient = false;   // it is background work, and its patience is not over
  bool paused = false;    // by an administrator, as the account or a part of its work is
  bool slotless = false;  // as in Lease
  bool no_wait = false;
  bool hold_until_reset = false;  // waits for the end of a wall rather than be refused
  bool reports = false;           // as in Acquire
  bool takes_throttles = false;   // as in Acquire
  uint32_t attempt = 1;           // as in Lease
  // The virtual time at which it joined the queue, which it keeps if it leaves and comes back.
  std::optional<absl::Duration> joined;

  bool client_gone() const { return gone_until != BootTime::InfiniteFuture(); }
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_LEASE_H_
