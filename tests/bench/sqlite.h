// Bare SQLite: what the broker's commits are compared with, and a way to fill a ledger.
#ifndef ZBROKER_TESTS_BENCH_SQLITE_H_
#define ZBROKER_TESTS_BENCH_SQLITE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace zbroker::bench {

// Not thread-safe. Errors are UNAVAILABLE, with SQLite's words.
class Sqlite {
 public:
  static absl::StatusOr<std::unique_ptr<Sqlite>> Open(const std::string& path);
  ~Sqlite();

  absl::Status Execute(const std::string& sql);

 private:
  friend class RowWriter;
  Sqlite() = default;
  absl::Status ToStatus(int code) const;

  sqlite3* connection_ = nullptr;
};

// Commits one row at a time to a database of its own in WAL mode. Its write-ahead log has been
// filled once: from then on commits write into the file rather than lengthen it, which is how a
// ledger lives and several times faster to sync.
class RowWriter {
 public:
  // `synchronous` is FULL, which waits for the disk, or NORMAL, which does not.
  static absl::StatusOr<std::unique_ptr<RowWriter>> Open(const std::string& path,
                                                         const std::string& synchronous);
  ~RowWriter();

  // A row about as long as a lease's.
  absl::Status Commit();

 private:
  explicit RowWriter(std::unique_ptr<Sqlite> database) : database_(std::move(database)) {}

  std::unique_ptr<Sqlite> database_;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_SQLITE_H_
