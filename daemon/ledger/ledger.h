// The ledger: every lease ever, every charge, and what administrators have set.
//
// One Ledger writes a file, from one thread; the instance lock of the daemon sees to it. Any number
// of Query objects read beside it. The file's format is in FORMAT.md.
#ifndef ZBROKER_DAEMON_LEDGER_LEDGER_H_
#define ZBROKER_DAEMON_LEDGER_LEDGER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "client/base/file_identity.h"
#include "daemon/core/config.h"
#include "daemon/core/record.h"
#include "daemon/ledger/database.h"

namespace zbroker::ledger {

class Ledger {
 public:
  // Opens the file, making or migrating it. `boot_id` is the machine's. Open leases of an earlier
  // boot are closed as lost: the machine died, and every holder with it. Errors: see Database::Open
  // and Migrate.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const std::string& path,
                                                      const std::string& boot_id, const Now& now);

  // Writes the records in one transaction: all of them or none. If they charge a window, or set a
  // wall or a breaker, they survive the machine's death; else only this process's. After an error
  // the connection is made anew by the next call, since SQLite can't tell what reached the disk.
  absl::Status Commit(const std::vector<core::Record>& records);

  // What a new daemon has to know. `alive` tells whether the holder's process still runs.
  absl::StatusOr<core::Recovered> Recover(const core::BrokerConfig& config, const Now& now,
                                          const std::function<bool(const core::Holder&)>& alive);

  // The same without the leases: for a new configuration of a daemon that runs.
  absl::StatusOr<core::Recovered> RecoverAccounts(const core::BrokerConfig& config, const Now& now);

  // Notes a step of the wall clock, so that rows keep reading the right time. True when there was
  // one: charges of earlier boots then lie elsewhere on the boot clock than Recover said. Cheap
  // when there was none. Errors as Commit.
  absl::StatusOr<bool> NoteWallClock(const Now& now);

  // Whether the file and what belongs to it (-wal, -shm) are still at their paths. UNAVAILABLE when
  // they were removed or others are there, of which this ledger, which goes on in the files that it
  // has open, is no part.
  absl::Status CheckFiles();

  // Writes something that changes nothing, to see whether the ledger can be written.
  absl::Status Probe();

  // Drops some of the rows that were granted before `leases_before` and charges older than
  // `charges_before`; true when there may be more. Errors as Commit.
  absl::StatusOr<bool> Prune(BootTime leases_before, BootTime charges_before);

 private:
  struct Statements {
    explicit Statements(Database& database);
    Statement begin, commit, rollback;
    Statement insert_lease, insert_charge, close_lease, settle_charge, delete_charge, add_totals,
        count_grants, move_mark, set_settings, set_block, delete_block, set_learned, delete_learned,
        set_pin, delete_pin, set_pause, delete_pause, set_reset, delete_reset, set_foreign,
        delete_meter, insert_meter, update_correction, close_episode, insert_event, set_hooks_told;
  };

  // Grants between two countings, so that a grant need not write the totals too.
  static constexpr int kGrantsUncountedMax = 1000;

  Ledger(std::string path, std::string boot_id)
      : path_(std::move(path)), boot_id_(std::move(boot_id)) {}

  // Never makes a file in the place of one that it has had open.
  absl::Status Connect();
  void Disconnect();
  // Finds the row of this boot, or makes it.
  absl::Status EnterBoot(Database& database);
  absl::Status CloseLeasesOfOtherBoots(const Now& now);
  absl::Status Write(const std::vector<core::Record>& records);
  // Brings the totals of grants up to date, and notes where open leases begin. REQUIRES: in a
  // transaction.
  absl::Status CountGrants();
  // False when it is there already, or closed already.
  absl::StatusOr<bool> WriteOpened(const core::LeaseOpened& opened);
  absl::StatusOr<bool> WriteClosed(const core::LeaseClosed& closed);
  absl::Status WriteSettings(const core::AccountSettings& settings);
  absl::Status WritePause(const core::PauseSet& set);
  absl::Status DeletePause(const core::PauseEnded& ended);
  absl::Status WriteBlock(const core::BlockSet& set);
  absl::Status DeleteBlock(const core::BlockRemoved& removed);
  absl::Status WriteLearned(const core::LimitLearned& learned);
  absl::Status WritePin(const core::ModelPinned& pinned);
  absl::Status DeleteLearned(const core::LimitForgotten& forgotten);
  absl::Status WriteReset(const core::ResetKnown& known);
  absl::Status WriteForeign(const core::ForeignCharged& charged);
  absl::Status WriteMeter(const core::MeterRead& read);
  absl::Status WriteHappening(const core::Happening& happening);
  absl::StatusOr<std::vector<core::Happening>> OpenEpisodes(const Now& now);
  // Runs `body` between BEGIN and COMMIT.
  absl::Status Transact(const std::function<absl::Status()>& body);
  absl::StatusOr<std::vector<core::Recovered::OpenLease>> OpenLeases(
      const std::function<bool(const core::Holder&)>& alive);
  absl::StatusOr<std::vector<core::Recovered::Account>> Accounts();
  // Fills in what the leases were charged.
  absl::Status ReadCharges(std::vector<core::Recovered::OpenLease>& leases);
  absl::StatusOr<std::vector<core::BlockSet>> Blocks(const Now& now);
  absl::StatusOr<std::vector<core::LimitLearned>> Limits(const Now& now);
  absl::StatusOr<std::vector<core::ModelPinned>> Pins();
  absl::StatusOr<std::vector<core::PauseSet>> Pauses(const Now& now);
  absl::StatusOr<std::vector<core::ResetKnown>> Resets(const Now& now);
  absl::StatusOr<std::vector<core::MeterRead>> Readings(const Now& now);
  absl::StatusOr<std::vector<core::ForeignCharged>> Foreign(const core::BrokerConfig& config,
                                                            const Now& now);
  // Charges of the window that are older, in ledger time, don't count any more.
  absl::StatusOr<int64_t> CountsFrom(const core::WindowConfig& window, const Now& now);
  // The account and window of every charge, each once.
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ChargeKeys();
  absl::StatusOr<std::vector<core::Recovered::PastCharges>> Charges(
      const core::BrokerConfig& config, const Now& now);

  // Ledger time: wall time as it was when this boot was first seen, without later steps. All four
  // saturate: a row may hold any instant.
  int64_t ToLedger(BootTime time) const { return (time + absl::Microseconds(offset_us_)).micros(); }
  // Wall time by the last setting that was noted.
  int64_t ToWall(BootTime time) const {
    return (time + absl::Microseconds(offset_us_) + absl::Microseconds(correction_us_)).micros();
  }
  BootTime FromLedger(int64_t us) const {
    return BootTime::FromMicros(us) - absl::Microseconds(offset_us_);
  }
  // The same of a row of any boot, whose correction is given.
  BootTime FromLedger(int64_t us, int64_t boot, int64_t correction_us, const Now& now) const {
    if (boot == boot_) return FromLedger(us);
    return now.BootAt(absl::FromUnixMicros(us) + absl::Microseconds(correction_us));
  }

  const std::string path_;
  const std::string boot_id_;
  FileIdentity files_[3];                   // the database, -wal and -shm, once they have been seen
  std::unique_ptr<Database> database_;      // null after an error
  std::unique_ptr<Statements> statements_;  // of database_
  bool synchronous_full_ = false;
  int uncounted_ = 0;  // grants, at most
  int64_t boot_ = 0;
  int64_t offset_us_ = 0;
  int64_t correction_us_ = 0;
};

}  // namespace zbroker::ledger

#endif  // ZBROKER_DAEMON_LEDGER_LEDGER_H_
