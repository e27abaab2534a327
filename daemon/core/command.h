// What the core can be told.
#ifndef ZBROKER_DAEMON_CORE_COMMAND_H_
#define ZBROKER_DAEMON_CORE_COMMAND_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/core/happening.h"
#include "daemon/core/lease.h"
#include "daemon/core/meter.h"
#include "daemon/core/pauses.h"
#include "daemon/core/release_details.h"

namespace zbroker::core {

// Answered by Granted or Refused, perhaps after Queued.
struct Acquire {
  Client client;
  Request request;  // an empty account is the default one
  BootTime deadline = BootTime::InfiniteFuture();
  bool no_wait = false;
  bool hold_until_reset = false;  // wait for the end of a wall rather than be refused
  // Whether request.priority is the client's choice; else the account's rules have it.
  bool priority_given = true;
  bool background = false;     // nobody waits for it, says the client; for the rules
  std::string program;         // on whose behalf, or empty; for the rules
  std::string parent_session;  // that has started this one, as its client says; empty: none
  // The client reports what the upstream answered: how the lease ends is evidence of the limit.
  bool reports = false;
  // And it asks again with the same ticket when that was a throttle: so it may be the one that
  // finds out whether there is a slot more.
  bool takes_throttles = false;
  // The original arrival of an Acquire that is presented again to a restarted daemon.
  std::optional<BootTime> arrival;
};

// Answered by Refused, if the ticket still waits and its place is not to be kept.
struct Cancel {
  Client client;
  std::string ticket;
  bool keep_place = false;  // for an Acquire with the same ticket
};

// Answered by Released or Failed.
struct Release {
  Client client;
  LeaseId lease = 0;
  Outcome outcome = Outcome::kOk;
  ReleaseDetails details;
};

// Answered by Renewed or Failed.
struct Renew {
  Client client;
  LeaseId lease = 0;
};

// The client's first word on a stream. Answered by Welcome.
struct Hello {
  struct Reclaim {
    LeaseId lease = 0;
    std::string ticket;
  };
  Client client;
  std::vector<Reclaim> reclaims;
};

// The stream has ended; nothing can be sent to it any more.
struct StreamClosed {
  StreamId stream = 0;
};

// The process has ended.
struct HolderExited {
  int32_t pid = 0;
  uint64_t start_ticks = 0;
  // What it started still runs, and may be calling the upstream: its leases keep their slots until
  // it is said again that the holder has exited, or this has come.
  std::optional<BootTime> command_until;
};

// The process is stopped, and so can't re-claim its leases: their grace begins anew.
struct HolderStopped {
  int32_t pid = 0;
  uint64_t start_ticks = 0;
};

// The administrator's commands are answered by Done or Failed.
struct SetLimit {
  Client client;
  std::string account;
  std::optional<int> limit;  // absent: as configured
  std::string model;         // whose limit it is; empty: the account's
  bool dry_run = false;      // only say what it would be
};

struct SetPaused {
  Client client;
  std::string account;
  // False, of the whole account, ends all of its pauses, and its blocks, but for a breaker, which
  // only `end_breaker` ends.
  bool paused = false;
  bool end_breaker = false;
  Part part = {};
  BootTime until = BootTime::InfiniteFuture();  // of a pause
};

// Of whoever has asked the provider's meter. Answered by Done, or Failed if it changes nothing.
struct ReportMeter {
  Client client;
  std::string account;
  BootTime asked;
  std::vector<MeterRow> rows;
  std::string trouble;  // why there are no rows, if there are none
};

struct Revoke {
  Client client;
  LeaseId lease = 0;
};

// Somebody outside of the core has seen that something has happened. Answered by nothing.
struct Note {
  struct One {
    std::string subject;
    std::string detail;

    bool operator==(const One&) const = default;
  };
  // Of kGatewayUp: all that are up now.
  HappeningKind kind = HappeningKind::kConfig;
  std::vector<One> standing;
};

using Command =
    std::variant<Acquire, Cancel, Release, Renew, Hello, StreamClosed, HolderExited, HolderStopped,
                 SetLimit, SetPaused, Revoke, ReportMeter, Note, HooksTold>;

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_COMMAND_H_
