// Reading the ledger beside the daemon that writes it.
#ifndef ZBROKER_DAEMON_LEDGER_QUERY_H_
#define ZBROKER_DAEMON_LEDGER_QUERY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/core/lease.h"
#include "daemon/core/release_details.h"
#include "daemon/ledger/database.h"

namespace zbroker::ledger {

// Empty strings and absent values take all.
struct Filter {
  std::string account;
  std::string session;
  std::string model;
  std::optional<core::Outcome> outcome;
  absl::Time since = absl::InfinitePast();  // by the instant of the grant
  std::optional<uint32_t> uid;
  uint32_t latest = 0;  // only so many, the latest ones; 0: all
};

enum class Grouping { kSession, kModel, kHour, kOutcome, kProject };

// Instants are wall time as the clock's present setting would have read them.
struct Row {
  core::LeaseId lease = 0;
  core::Request request;
  core::Holder holder;
  absl::Time queued;
  absl::Time granted;
  std::optional<absl::Time> closed;
  std::optional<core::Outcome> outcome;
  std::string upstream_code;
  std::string detail;
  uint32_t attempt = 1;
  std::optional<absl::Time> first_byte;
  int http_status = 0;  // 0: not reported
  std::optional<core::TokenUsage> usage;
  std::string served_model;  // empty: not reported
};

struct Group {
  std::string key;
  uint64_t leases = 0;
  core::Amount charged;
  absl::Duration held;
  absl::Duration waited;
  uint64_t throttled = 0;
  uint64_t lost = 0;
  std::optional<core::TokenUsage> usage;  // the sums; empty: none was reported
};

// One query on a connection of its own. Rows come in pages, each a short read of its own, so that a
// slow reader never keeps the writer from checkpointing. Not thread-safe.
class Query {
 public:
  static constexpr int kPageRows = 256;

  static absl::StatusOr<std::unique_ptr<Query>> Open(const std::string& path, Filter filter);

  // The next rows by lease id; empty at the end.
  absl::StatusOr<std::vector<Row>> NextPage();

  // Sums over all rows of the filter. `cancelled` is asked now and then; when it says so,
  // CANCELLED.
  absl::StatusOr<std::vector<Group>> GroupBy(Grouping grouping, absl::Time now,
                                             std::function<bool()> cancelled);

 private:
  Query(std::unique_ptr<Database> database, Filter filter)
      : database_(std::move(database)), filter_(std::move(filter)) {}
  absl::Status FindStart();

  std::unique_ptr<Database> database_;
  Filter filter_;
  int64_t after_ = 0;  // rows up to this lease have been returned
  bool ended_ = false;
};

// The row of one lease; empty when there is none. Errors as Query's.
absl::StatusOr<std::optional<Row>> FindLease(const std::string& path, core::LeaseId lease);

}  // namespace zbroker::ledger

#endif  // ZBROKER_DAEMON_LEDGER_QUERY_H_
