#include "daemon/ledger/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {
namespace {

// Far beyond any batch; only another program that locks our file can make us wait.
constexpr int kBusyTimeoutMs = 2000;
constexpr int kStepsBetweenChecks = 10'000;

// The path as SQLite's URIs have it, with what has a meaning in them written out.
std::string UnlockedUri(absl::string_view path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      absl::StrAppend(&uri, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Statement::Statement(Database& database, const char* sql) : database_(&database) {
  const int code = sqlite3_prepare_v3(database.connection_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                      &statement_, nullptr);
  if (code != SQLITE_OK) status_ = database.ToStatus(code);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement::Statement(Statement&& other) noexcept { *this = std::move(other); }

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this == &other) return *this;
  sqlite3_finalize(statement_);
  database_ = std::exchange(other.database_, nullptr);
  statement_ = std::exchange(other.statement_, nullptr);
  status_ = std::exchange(other.status_, absl::OkStatus());
  return *this;
}

Use::~Use() {
  if (statement_.statement_ == nullptr) return;
  sqlite3_reset(statement_.statement_);
  sqlite3_clear_bindings(statement_.statement_);
}

void Use::Bind(int64_t value) { sqlite3_bind_int64(statement_.statement_, ++bound_, value); }

void Use::Bind(absl::string_view value) {
  // A null pointer would bind NULL, so an empty view needs an address of some kind.
  sqlite3_bind_text64(statement_.statement_, ++bound_, value.empty() ? "" : value.data(),
                      value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Use::Bind(std::optional<int64_t> value) {
  if (value) {
    Bind(*value);
  } else {
    sqlite3_bind_null(statement_.statement_, ++bound_);
  }
}

absl::StatusOr<bool> Use::Step() {
  if (statement_.statement_ == nullptr) return statement_.status_;
  const int code = sqlite3_step(statement_.statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return statement_.database_->ToStatus(code);
}

absl::Status Use::Run() { return Step().status(); }

int64_t Use::Int(int column) const { return sqlite3_column_int64(statement_.statement_, column); }

std::optional<int64_t> Use::IntOrNull(int column) const {
  if (sqlite3_column_type(statement_.statement_, column) == SQLITE_NULL) return std::nullopt;
  return Int(column);
}

std::string Use::Text(int column) const {
  const auto* text =
      reinterpret_cast<const char*>(sqlite3_column_text(statement_.statement_, column));
  const int size = sqlite3_column_bytes(statement_.statement_, column);
  return text == nullptr ? "" : std::string(text, static_cast<size_t>(size));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode) {
  auto database = std::unique_ptr<Database>(new Database(path));
  const mode_t before = umask(0077);
  const int flags =
      mode == Mode::kWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const bool unlocked = mode == Mode::kReadUnlocked;
  const std::string name = unlocked ? UnlockedUri(path) : path;
  const int code =
      sqlite3_open_v2(name.c_str(), &database->connection_,
                      flags | SQLITE_OPEN_NOMUTEX | (unlocked ? SQLITE_OPEN_URI : 0), nullptr);
  umask(before);
  if (code != SQLITE_OK) return database->ToStatus(code);
  sqlite3_extended_result_codes(database->connection_, 1);
  sqlite3_busy_timeout(database->connection_, kBusyTimeoutMs);
  if (mode != Mode::kWrite) {
    database->SetCheckpointOnClose(false);
    ZB_RETURN_IF_ERROR(database->Execute(sql::kReaderSettings));
  }
  return database;
}

Database::~Database() { sqlite3_close_v2(connection_); }

absl::Status Database::Execute(const char* sql) {
  const int code = sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ToStatus(code);
}

absl::StatusOr<int64_t> Database::QueryInt(const char* sql) {
  Statement statement(*this, sql);
  Use use(statement);
  ZB_ASSIGN_OR_RETURN(const bool row, use.Step());
  return row ? use.Int(0) : 0;
}

absl::StatusOr<std::string> Database::QueryText(const char* sql) {
  Statement statement(*this, sql);
  Use use(statement);
  ZB_ASSIGN_OR_RETURN(const bool row, use.Step());
  return row ? use.Text(0) : "";
}

int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(connection_); }

int64_t Database::changes() const { return sqlite3_changes64(connection_); }

void Database::SetCheckpointOnClose(bool checkpoint) {
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, checkpoint ? 0 : 1, nullptr);
}

void Database::SetInterruptCheck(std::function<bool()> interrupted) {
  interrupted_ = std::move(interrupted);
  sqlite3_progress_handler(
      connection_, interrupted_ ? kStepsBetweenChecks : 0,
      [](void* self) { return static_cast<Database*>(self)->interrupted_() ? 1 : 0; }, this);
}

absl::Status Database::ToStatus(int code) const {
  const auto say = [&](absl::string_view what) {
    return absl::StrCat("ledger ", path_, ": ", what);
  };
  // The connection's words are about its latest error, which may be none or another.
  const bool latest =
      connection_ != nullptr && (sqlite3_errcode(connection_) & 0xFF) == (code & 0xFF);
  const std::string words = absl::StrCat(
      latest ? sqlite3_errmsg(connection_) : sqlite3_errstr(code), " (SQLite error ", code, ")");
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(say("disk full; no new leases until there is room"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(say(absl::StrCat(
          words,
          "; nothing was changed. Copy it and its -wal file aside, then rescue what can be read "
          "with `sqlite3 ledger.db .dump`, as FORMAT.md says, or, where the program has it, with "
          "`sqlite3 ledger.db .recover | sqlite3 rescued.db`; remove ledger.db, ledger.db-wal "
          "and ledger.db-shm, and put rescued.db in their place; without it an empty "
          "ledger begins")));
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return absl::PermissionDeniedError(
          say(absl::StrCat(words, "; check the rights to the file and its directory")));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(say(absl::StrCat(words, "; another program holds it")));
    case SQLITE_INTERRUPT:
      return absl::CancelledError(say("the query was cancelled"));
    default:
      return absl::UnavailableError(say(words));
  }
}

}  // namespace zbroker::ledger
