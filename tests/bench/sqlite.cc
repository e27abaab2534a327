#include "tests/bench/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"

namespace zbroker::bench {
namespace {

constexpr size_t kRowBytes = 150;
// A commit writes a page at least, and the log begins anew after 1,000.
constexpr int kCommitsToFillLog = 1200;

}  // namespace

absl::StatusOr<std::unique_ptr<Sqlite>> Sqlite::Open(const std::string& path) {
  auto database = std::unique_ptr<Sqlite>(new Sqlite);
  ZB_RETURN_IF_ERROR(database->ToStatus(sqlite3_open(path.c_str(), &database->connection_)));
  return database;
}

Sqlite::~Sqlite() { sqlite3_close_v2(connection_); }

absl::Status Sqlite::Execute(const std::string& sql) {
  return ToStatus(sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr));
}

absl::Status Sqlite::ToStatus(int code) const {
  if (code == SQLITE_OK || code == SQLITE_DONE) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("SQLite: ", sqlite3_errmsg(connection_)));
}

absl::StatusOr<std::unique_ptr<RowWriter>> RowWriter::Open(const std::string& path,
                                                           const std::string& synchronous) {
  ZB_ASSIGN_OR_RETURN(auto database, Sqlite::Open(path));
  ZB_RETURN_IF_ERROR(database->Execute(R"(
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE entry (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT)"));
  auto writer = std::unique_ptr<RowWriter>(new RowWriter(std::move(database)));
  constexpr char kInsert[] = "INSERT INTO entry (body) VALUES (?1)";
  ZB_RETURN_IF_ERROR(writer->database_->ToStatus(
      sqlite3_prepare_v2(writer->database_->connection_, kInsert, -1, &writer->insert_, nullptr)));
  for (int i = 0; i < kCommitsToFillLog; ++i) ZB_RETURN_IF_ERROR(writer->Commit());
  ZB_RETURN_IF_ERROR(
      writer->database_->Execute(absl::StrCat("PRAGMA synchronous = ", synchronous)));
  return writer;
}

RowWriter::~RowWriter() { sqlite3_finalize(insert_); }

absl::Status RowWriter::Commit() {
  static const std::string body(kRowBytes, 'x');
  sqlite3_bind_text(insert_, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
  const absl::Status status = database_->ToStatus(sqlite3_step(insert_));
  sqlite3_reset(insert_);
  return status;
}

}  // namespace zbroker::bench
