// Reading what has happened beside the daemon that writes it.
#ifndef ZBROKER_DAEMON_LEDGER_EVENTS_H_
#define ZBROKER_DAEMON_LEDGER_EVENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/core/happening.h"
#include "daemon/ledger/database.h"

namespace zbroker::ledger {

// Instants are wall time as the clock's present setting would have read them.
struct EventRow {
  uint64_t id = 0;  // only grows
  absl::Time at;
  std::string account;
  core::HappeningKind kind = core::HappeningKind::kWall;
  std::string subject;
  std::optional<absl::Time> until;
  uint64_t lease = 0;
  std::string upstream_code;
  std::string detail;
};

// Empty strings and absent values take all.
struct EventFilter {
  std::string account;  // also what is of no account
  std::vector<core::HappeningKind> kinds;
  absl::Time since = absl::InfinitePast();
  uint64_t after = 0;   // only later ones than this
  uint32_t latest = 0;  // only so many, the latest ones; 0: all
};

// On a connection of its own. Rows come in pages, each a short read of its own. Not thread-safe.
class EventReader {
 public:
  static constexpr int kPageRows = 128;

  static absl::StatusOr<std::unique_ptr<EventReader>> Open(const std::string& path,
                                                           EventFilter filter);

  // The next rows by id; empty where there are no more, which later calls may find.
  absl::StatusOr<std::vector<EventRow>> NextPage();

 private:
  EventReader(std::unique_ptr<Database> database, EventFilter filter);
  absl::Status FindStart();

  std::unique_ptr<Database> database_;
  const EventFilter filter_;
  std::string kinds_;  // with commas around each; empty: all
  int64_t since_us_ = 0;
  int64_t after_ = 0;
};

// Up to which event hooks have been told.
absl::StatusOr<uint64_t> HooksToldTo(const std::string& path);

}  // namespace zbroker::ledger

#endif  // ZBROKER_DAEMON_LEDGER_EVENTS_H_
