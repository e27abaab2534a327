#include "daemon/ledger/ledger.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "daemon/ledger/migrate.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {
namespace {

// More events than anybody reads.
constexpr int64_t kEventsMax = 100'000;

// Below this the clocks only jitter or slew.
constexpr int64_t kStepUs = 1'000'000;

int64_t Offset(const Now& now) { return absl::ToUnixMicros(now.wall) - now.boot.micros(); }

// Whether a machine that dies must not forget it: quota that is used up, and what the upstream will
// hold against the account for long.
bool NeedsSync(const std::vector<core::Record>& records) {
  return std::any_of(records.begin(), records.end(), [](const core::Record& record) {
    if (const auto* opened = std::get_if<core::LeaseOpened>(&record)) {
      return !opened->charges.empty();
    }
    const auto* set = std::get_if<core::BlockSet>(&record);
    return set != nullptr && set->block.Refuses();
  });
}

}  // namespace

Ledger::Statements::Statements(Database& database)
    : begin(database, sql::kBegin),
      commit(database, sql::kCommit),
      rollback(database, sql::kRollback),
      insert_lease(database, sql::kInsertLease),
      insert_charge(database, sql::kInsertCharge),
      close_lease(database, sql::kCloseLease),
      settle_charge(database, sql::kSettleCharge),
      delete_charge(database, sql::kDeleteCharge),
      add_totals(database, sql::kAddTotals),
      count_grants(database, sql::kCountGrants),
      move_mark(database, sql::kMoveMark),
      set_settings(database, sql::kSetSettings),
      set_block(database, sql::kSetBlock),
      delete_block(database, sql::kDeleteBlock),
      set_learned(database, sql::kSetLearned),
      delete_learned(database, sql::kDeleteLearned),
      set_pin(database, sql::kSetPin),
      delete_pin(database, sql::kDeletePin),
      set_pause(database, sql::kSetPause),
      delete_pause(database, sql::kDeletePause),
      set_reset(database, sql::kSetReset),
      delete_reset(database, sql::kDeleteReset),
      set_foreign(database, sql::kSetForeign),
      delete_meter(database, sql::kDeleteMeter),
      insert_meter(database, sql::kInsertMeter),
      update_correction(database, sql::kUpdateCorrection),
      close_episode(database, sql::kCloseEpisode),
      insert_event(database, sql::kInsertEvent),
      set_hooks_told(database, sql::kSetHooksTold) {}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::string& path,
                                                     const std::string& boot_id, const Now& now) {
  auto ledger = std::unique_ptr<Ledger>(new Ledger(path, boot_id));
  ledger->offset_us_ = Offset(now);
  ZB_RETURN_IF_ERROR(ledger->Connect());
  ZB_RETURN_IF_ERROR(ledger->CloseLeasesOfOtherBoots(now));
  ZB_RETURN_IF_ERROR(ledger->NoteWallClock(now).status());
  return ledger;
}

absl::Status Ledger::CheckFiles() {
  static constexpr absl::string_view kSuffixes[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < std::size(kSuffixes); ++i) {
    const std::string path = absl::StrCat(path_, kSuffixes[i]);
    const FileIdentity there = FileIdentity::At(path);
    if (!files_[i].known()) files_[i] = there;
    if (there == files_[i]) continue;
    return absl::UnavailableError(absl::StrCat(
        "the ledger's file ", path, there.known() ? " was replaced" : " was removed",
        " while the daemon uses it; no new leases until the very file is back. To begin a new "
        "ledger, which knows of no charge and no open lease, end the daemon: kill ",
        getpid()));
  }
  return absl::OkStatus();
}

void Ledger::Disconnect() {
  statements_.reset();
  database_.reset();
  // The last connection to close removes these, and the next one makes them anew.
  files_[1] = files_[2] = {};
}

absl::Status Ledger::Connect() {
  Disconnect();
  if (files_[0].known()) ZB_RETURN_IF_ERROR(CheckFiles());
  ZB_ASSIGN_OR_RETURN(auto database, Database::Open(path_, Database::Mode::kWrite));
  // Before anything is written: a file that is not ours must stay as it is.
  ZB_RETURN_IF_ERROR(Migrate(*database));
  ZB_RETURN_IF_ERROR(database->Execute(sql::kWriterSettings));
  ZB_RETURN_IF_ERROR(database->Execute(sql::kSynchronousFull));
  synchronous_full_ = true;
  ZB_RETURN_IF_ERROR(database->Execute(sql::kFillMark));
  ZB_RETURN_IF_ERROR(EnterBoot(*database));
  ZB_RETURN_IF_ERROR(CheckFiles());
  ZB_ASSIGN_OR_RETURN(const int64_t uncounted, database->QueryInt(sql::kCountUncounted));
  uncounted_ = static_cast<int>(uncounted);
  database_ = std::move(database);
  statements_ = std::make_unique<Statements>(*database_);
  return absl::OkStatus();
}

absl::Status Ledger::Transact(const std::function<absl::Status()>& body) {
  if (database_ == nullptr) ZB_RETURN_IF_ERROR(Connect());
  absl::Status status = Use(statements_->begin).Run();
  if (status.ok()) {
    status = body();
    if (status.ok()) status = Use(statements_->commit).Run();
    if (!status.ok()) Use(statements_->rollback).Run().IgnoreError();
  }
  if (!status.ok()) Disconnect();
  return status;
}

absl::Status Ledger::EnterBoot(Database& database) {
  Statement select(database, sql::kSelectBoot);
  const auto read = [&]() -> absl::StatusOr<bool> {
    Use use(select, boot_id_);
    ZB_ASSIGN_OR_RETURN(const bool known, use.Step());
    if (known) {
      boot_ = use.Int(0);
      offset_us_ = use.Int(1);
      correction_us_ = use.Int(2);
    }
    return known;
  };
  ZB_ASSIGN_OR_RETURN(const bool known, read());
  if (known) return absl::OkStatus();
  Statement insert(database, sql::kInsertBoot);
  ZB_RETURN_IF_ERROR(Use(insert, boot_id_, offset_us_).Run());
  return read().status();
}

absl::Status Ledger::CloseLeasesOfOtherBoots(const Now& now) {
  return Transact([&]() -> absl::Status {
    std::map<std::string, int64_t> lost;
    {
      Statement count(*database_, sql::kCountOpenOfOtherBoots);
      Use use(count, boot_);
      for (;;) {
        ZB_ASSIGN_OR_RETURN(const bool row, use.Step());
        if (!row) break;
        lost[use.Text(0)] = use.Int(1);
      }
    }
    for (const auto& [account, number] : lost) {
      ZB_RETURN_IF_ERROR(Use(statements_->add_totals, account, int64_t{0}, int64_t{0}, number,
                             int64_t{0}, int64_t{0})
                             .Run());
      ZB_RETURN_IF_ERROR(WriteHappening(
          {.account = account,
           .kind = core::HappeningKind::kLost,
           .at = now.boot,
           .detail = absl::StrCat(number, number == 1 ? " lease was" : " leases were",
                                  " open when the machine ended")}));
    }
    if (lost.empty()) return absl::OkStatus();
    Statement close(*database_, sql::kCloseOpenOfOtherBoots);
    return Use(close, boot_, absl::ToUnixMicros(now.wall)).Run();
  });
}

absl::Status Ledger::Commit(const std::vector<core::Record>& records) {
  if (records.empty()) return absl::OkStatus();
  if (database_ == nullptr) ZB_RETURN_IF_ERROR(Connect());
  // Can't be changed inside a transaction, nor by a prepared statement, which does it only once.
  if (const bool full = NeedsSync(records); full != synchronous_full_) {
    ZB_RETURN_IF_ERROR(database_->Execute(full ? sql::kSynchronousFull : sql::kSynchronousNormal));
    synchronous_full_ = full;
  }
  return Transact([&] { return Write(records); });
}

absl::Status Ledger::CountGrants() {
  ZB_RETURN_IF_ERROR(Use(statements_->count_grants).Run());
  ZB_RETURN_IF_ERROR(Use(statements_->move_mark).Run());
  uncounted_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<bool> Ledger::NoteWallClock(const Now& now) {
  const int64_t correction = Offset(now) - offset_us_;
  if (std::abs(correction - correction_us_) < kStepUs) return false;
  ZB_RETURN_IF_ERROR(
      Transact([&] { return Use(statements_->update_correction, boot_, correction).Run(); }));
  correction_us_ = correction;
  return true;
}

absl::Status Ledger::Probe() {
  return Transact([&] { return Use(statements_->update_correction, boot_, correction_us_).Run(); });
}

absl::StatusOr<bool> Ledger::Prune(BootTime leases_before, BootTime charges_before) {
  int64_t dropped = 0;
  absl::Status status = Transact([&]() -> absl::Status {
    // Before they are dropped.
    ZB_RETURN_IF_ERROR(CountGrants());
    Statement leases(*database_, sql::kPruneLeases);
    ZB_RETURN_IF_ERROR(Use(leases, ToWall(leases_before)).Run());
    dropped += database_->changes();
    ZB_ASSIGN_OR_RETURN(const auto keys, ChargeKeys());
    Statement charges(*database_, sql::kPruneCharges);
    for (const auto& [account, window] : keys) {
      ZB_RETURN_IF_ERROR(Use(charges, account, window, ToWall(charges_before)).Run());
      dropped += database_->changes();
    }
    Statement foreign(*database_, sql::kPruneForeign);
    ZB_RETURN_IF_ERROR(Use(foreign, ToWall(charges_before)).Run());
    dropped += database_->changes();
    Statement events(*database_, sql::kPruneEvents);
    ZB_RETURN_IF_ERROR(Use(events, ToWall(leases_before), kEventsMax).Run());
    dropped += database_->changes();
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return dropped > 0;
}

}  // namespace zbroker::ledger
