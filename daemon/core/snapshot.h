// The state from which the broker admits, copied for those who look.
#ifndef ZBROKER_DAEMON_CORE_SNAPSHOT_H_
#define ZBROKER_DAEMON_CORE_SNAPSHOT_H_

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/blocks.h"
#include "daemon/core/config.h"
#include "daemon/core/event.h"
#include "daemon/core/lease.h"
#include "daemon/core/meter.h"
#include "daemon/core/prices.h"
#include "daemon/core/record.h"
#include "daemon/core/slot_limit.h"

namespace zbroker::core {

struct WindowSnapshot {
  WindowConfig config;
  Amount used;
  Amount foreign;     // of this; less than nothing: leases were counted too much
  bool full = false;  // the provider says so
  std::optional<BootTime> next_release;
  bool exhausted = false;  // full, or not even the smallest charge fits
  std::optional<BootTime> reset;
  std::optional<BootTime> runs_out;
  std::optional<BootTime> ahead_until;  // background work is ahead of its pace
  std::optional<MeterRow> meter;        // what the last reading says of it
};

struct LeaseSnapshot : Lease {
  std::vector<Charge> charged;
};

struct WaiterSnapshot {
  Waiter waiter;
  WaitState state;
  std::vector<Charge> charged;  // if it were granted now
};

struct PoolSnapshot {
  PoolConfig config;
  int in_flight = 0;
};

struct AccountSnapshot {
  std::string name;
  SlotsConfig slots;
  int slot_limit = 0;
  LimitSource source = LimitSource::kConfigured;
  int configured_limit = 0;  // what it would be if nothing were pinned or learned
  int in_flight = 0;         // slots taken: leases that are neither nested nor shadows
  bool pinned = false;
  std::vector<Pause> pauses;
  // How long the slot is kept of a request whose client is gone; empty: as configured.
  std::optional<absl::Duration> unclean_hold;
  int reserved_outside = 0;  // slots that are left to programs out of reach
  bool retired = false;
  bool shadow = false;
  std::vector<PoolSnapshot> pools;
  std::vector<KnownLimit> known_limits;  // the one in force and others; empty: it does not learn
  std::optional<BootTime> next_trial;    // empty: not by time
  bool trial_under_way = false;
  std::vector<KnownModelLimit> model_limits;  // of models that have any, by name
  absl::Duration start_interval;              // zero: starts are not paced
  std::optional<absl::Duration> wait;         // of a new request of normal priority
  std::vector<WindowSnapshot> windows;
  std::optional<Prices> prices;      // of what the windows are charged
  std::optional<MeterRead> reading;  // the last one
  MeterTrouble meter_trouble;        // since then
  Totals totals;
  std::vector<Block> blocks;            // those that stand, the gravest first
  std::vector<LeaseSnapshot> leases;    // by id
  std::vector<WaiterSnapshot> waiters;  // in order, those whose client is gone last
};

struct Snapshot {
  BootTime at;
  std::vector<AccountSnapshot> accounts;  // the default one first, then by name
  absl::Status ledger_error;              // why nothing is granted
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_SNAPSHOT_H_
