// What the core tells clients. An event goes out only after the records of its batch are in the
// ledger.
#ifndef ZBROKER_DAEMON_CORE_EVENT_H_
#define ZBROKER_DAEMON_CORE_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "daemon/core/blocks.h"
#include "daemon/core/lease.h"
#include "daemon/core/pauses.h"

namespace zbroker::core {

// See zbroker/v1/types.proto.
enum class WaitReason {
  kSlots,
  kWindow,
  kPaused,
  kOrder,
  kBlocked,
  kPool,
  kSession,
  kReserved,
  kPacing,
  kPace,
  kOffPeak,
};

// Why a waiter waits and for how long.
struct WaitState {
  uint32_t position = 0;  // 1 is next
  WaitReason reason = WaitReason::kSlots;
  std::string window;                      // with kWindow, kOrder and kPace
  int slot_limit = 0;                      // with kSlots, kPool, kSession and kReserved
  std::string pool;                        // with kPool: its models
  std::string block;                       // with kBlocked: the block in words
  std::string paused;                      // with kPaused: what is, in words
  std::optional<BootTime> until;           // with kWindow: its charge would fit; kBlocked: it ends;
                                           // kPacing: the next may start; kPace, kOffPeak, kPaused:
                                           // that ends
  bool after_block = false;                // with kPacing: because a block has ended
  double weight = 1;                       // with kOffPeak: as it would be charged now
  std::optional<absl::Duration> estimate;  // absent: nothing is known yet

  // Whether all but the position and the estimate, which drift all the time, is as in the other.
  bool HasSameReason(const WaitState& other) const {
    return reason == other.reason && window == other.window && slot_limit == other.slot_limit &&
           pool == other.pool && block == other.block && paused == other.paused &&
           after_block == other.after_block && weight == other.weight &&
           (reason != WaitReason::kBlocked || until == other.until);
  }
};

// "all 3 slots are taken", without instants: those are the business of whoever has a wall clock.
std::string Describe(const WaitState& state);

struct Queued {
  std::string ticket;
  BootTime arrival;
  WaitState state;
};

struct Granted {
  std::string ticket;
  LeaseId lease = 0;
  std::string account;
  absl::Duration waited;
  BootTime until = BootTime::InfiniteFuture();  // for a lease with a TTL
  bool shadow = false;                          // the account is in shadow mode
};

struct Refused {
  std::string ticket;
  absl::Status status;
  std::optional<Block> block;  // because of which
  // When what it does not wait for ends, where that is known.
  std::optional<BootTime> until = std::nullopt;
};

struct Released {
  LeaseId lease = 0;
  std::optional<Outcome> outcome;  // absent: it ended too long ago to know
  bool already_ended = false;
};

struct Renewed {
  LeaseId lease = 0;
  BootTime until;
};

struct Revoked {
  LeaseId lease = 0;
};

struct Welcome {
  std::vector<LeaseId> reclaimed;
};

// An administrator's command is carried out.
struct Done {
  std::string account;
  int slot_limit = 0;
  std::string model;  // of SetLimit: whose the limit is, that of a pool if the model is in one
  // Of SetPaused and ReportMeter: the blocks that it ended, and those that it left standing.
  std::vector<Block> ended;
  std::vector<Block> standing;
  std::vector<Pause> resumed;  // the pauses that SetPaused ended
};

// A command other than Acquire can't be carried out.
struct Failed {
  LeaseId lease = 0;
  absl::Status status;
};

// The daemon ends; sent by the engine.
struct GoingDown {};

using Event = std::variant<Queued, Granted, Refused, Released, Renewed, Revoked, Welcome, Done,
                           Failed, GoingDown>;

struct AddressedEvent {
  StreamId stream = 0;
  Event event;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_EVENT_H_
