// A SQLite connection and its statements, with errors as statuses. Not thread-safe.
#ifndef ZBROKER_DAEMON_LEDGER_DATABASE_H_
#define ZBROKER_DAEMON_LEDGER_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace zbroker::ledger {

class Database;

// A prepared statement, used through Use.
class Statement {
 public:
  Statement() = default;
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

 private:
  friend class Use;
  Database* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  absl::Status status_;  // why it could not be prepared
};

// One execution of a statement: binds parameters, in order, then steps. The destructor resets the
// statement and clears its bindings. One Use of a statement at a time.
class Use {
 public:
  template <typename... Args>
  explicit Use(Statement& statement, const Args&... args) : Use(&statement) {
    (Bind(args), ...);
  }
  ~Use();
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  // True when there is a row, false at the end.
  absl::StatusOr<bool> Step();
  // For statements that return no rows.
  absl::Status Run();

  // Columns of the present row, counted from 0.
  int64_t Int(int column) const;
  std::optional<int64_t> IntOrNull(int column) const;
  std::string Text(int column) const;

 private:
  explicit Use(Statement* statement) : statement_(*statement) {}
  void Bind(int64_t value);
  void Bind(absl::string_view value);       // must live until the Use ends
  void Bind(std::optional<int64_t> value);  // NULL when empty

  Statement& statement_;
  int bound_ = 0;
};

class Database {
 public:
  enum class Mode {
    kWrite,  // made if absent, mode 0600
    kRead,
    // For a file that nobody writes to meanwhile: no lock is taken and no file is made beside it.
    kReadUnlocked,
  };

  // Opens and applies the settings of the mode. Errors name the file and say what to do:
  // DATA_LOSS when it is damaged or no database, PERMISSION_DENIED, RESOURCE_EXHAUSTED when the
  // disk is full, UNAVAILABLE otherwise.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }

  // Runs statements that return nothing of interest.
  absl::Status Execute(const char* sql);
  // The one integer that the query returns.
  absl::StatusOr<int64_t> QueryInt(const char* sql);
  absl::StatusOr<std::string> QueryText(const char* sql);

  int64_t last_insert_id() const;
  // Rows that the last statement changed.
  int64_t changes() const;

  // Whether closing copies what is in the -wal file into the database. As SQLite does by default.
  void SetCheckpointOnClose(bool checkpoint);

  // While set, `interrupted` is asked every few thousand steps of long statements.
  void SetInterruptCheck(std::function<bool()> interrupted);

  // What an error code of SQLite means for this file.
  absl::Status ToStatus(int code) const;

 private:
  friend class Statement;
  explicit Database(std::string path) : path_(std::move(path)) {}

  std::string path_;
  sqlite3* connection_ = nullptr;
  std::function<bool()> interrupted_;
};

}  // namespace zbroker::ledger

#endif  // ZBROKER_DAEMON_LEDGER_DATABASE_H_
