// What the core asks the ledger to keep, and what it needs back after a restart.
#ifndef ZBROKER_DAEMON_CORE_RECORD_H_
#define ZBROKER_DAEMON_CORE_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/core/blocks.h"
#include "daemon/core/event.h"
#include "daemon/core/happening.h"
#include "daemon/core/learned_limit.h"
#include "daemon/core/lease.h"
#include "daemon/core/meter.h"
#include "daemon/core/pauses.h"
#include "daemon/core/release_details.h"

namespace zbroker::core {

struct LeaseOpened {
  LeaseId lease = 0;
  Request request;
  Holder holder;
  BootTime queued;
  BootTime granted;
  uint32_t attempt = 1;
  std::vector<Charge> charges;  // none of them zero
};

struct LeaseClosed {
  LeaseId lease = 0;
  std::string account;
  BootTime granted;
  BootTime closed;
  Outcome outcome = Outcome::kOk;
  std::string upstream_code;
  std::string detail;
  std::optional<BootTime> first_byte;
  int http_status = 0;  // 0: not reported
  std::optional<TokenUsage> usage;
  std::string served_model;     // empty: not reported
  std::vector<Charge> refunds;  // charges that are taken back
  std::vector<Charge> settled;  // charges that turned out to be these, or that there were none of
  std::optional<absl::Duration> shadow_wait;  // how long it would have waited but for shadow mode
};

// What an administrator has set.
struct AccountSettings {
  std::string account;
  std::optional<int> slot_limit;
};

struct PauseSet {
  std::string account;
  Pause pause;
};

struct PauseEnded {
  std::string account;
  Part part;
};

// A block, in the place of the account's one with its name.
struct BlockSet {
  std::string account;
  Block block;
};

// The account's block with this name is of no interest any more.
struct BlockRemoved {
  std::string account;
  Block block;
};

// What is known of a limit of the upstream, in the place of what was for these hours.
struct LimitLearned {
  std::string account;
  LearnedState state;
  std::string model;  // whose it is; empty: the account's
};

// Nothing is known of the model's limit any more, whatever the hours.
struct LimitForgotten {
  std::string account;
  std::string model;
};

// What an administrator has set of a model; without a limit, nothing any more.
struct ModelPinned {
  std::string account;
  std::string model;
  std::optional<int> limit;
};

// What the window has to know besides its charges; see Window::known_reset().
struct ResetKnown {
  std::string account;
  std::string window;
  std::optional<BootTime> at;
};

// Use of a window that no lease of ours made; see Window::AddForeign().
struct ForeignCharged {
  std::string account;
  std::string window;
  BootTime at;
  Amount amount;  // may be less than nothing, never nothing
  absl::Duration over = absl::InfiniteDuration();
};

// MeterRead takes the place of the account's last one.
using Record = std::variant<LeaseOpened, LeaseClosed, AccountSettings, PauseSet, PauseEnded,
                            BlockSet, BlockRemoved, LimitLearned, LimitForgotten, ModelPinned,
                            ResetKnown, ForeignCharged, MeterRead, Happening, HooksTold>;

struct Effects {
  std::vector<Record> records;
  std::vector<AddressedEvent> events;
  size_t told = 0;  // of the records, from which happenings were read already

  void Clear() {
    records.clear();
    events.clear();
    told = 0;
  }
};

struct Totals {
  uint32_t granted = 0;
  uint32_t throttled = 0;
  uint32_t lost = 0;
  // Leases that shadow mode granted and that would have waited, and how long in all.
  uint32_t shadow_waits = 0;
  absl::Duration shadow_waited;
};

// What the ledger remembers. Instants are on the present boot's clock, also those from before it.
struct Recovered {
  struct OpenLease {
    LeaseOpened opened;
    bool holder_alive = false;
  };
  struct PastCharge {
    BootTime at;
    Amount amount;
  };
  // There may be a million: each is two numbers.
  struct PastCharges {
    std::string account;
    std::string window;
    std::vector<PastCharge> charges;
  };
  struct Account {
    AccountSettings settings;
    Totals totals;
  };

  LeaseId last_lease = 0;
  std::vector<OpenLease> leases;
  std::vector<PastCharges> charges;  // at least all that are still inside their windows
  std::vector<Account> accounts;
  std::vector<BlockSet> blocks;  // those that are over too
  std::vector<LimitLearned> limits;
  std::vector<ModelPinned> pins;
  std::vector<PauseSet> pauses;  // those that are over too
  std::vector<ResetKnown> resets;
  std::vector<ForeignCharged> foreign;     // as charges
  std::vector<MeterRead> readings;         // the last of each account
  std::vector<Happening> open_happenings;  // episodes that were told and have not ended
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_RECORD_H_
