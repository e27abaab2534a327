// What a new daemon reads from the ledger.
#include <algorithm>
#include <utility>

#include "client/base/status.h"
#include "daemon/core/words.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {

absl::StatusOr<core::Recovered> Ledger::Recover(
    const core::BrokerConfig& config, const Now& now,
    const std::function<bool(const core::Holder&)>& alive) {
  ZB_ASSIGN_OR_RETURN(core::Recovered recovered, RecoverAccounts(config, now));
  ZB_ASSIGN_OR_RETURN(const int64_t last, database_->QueryInt(sql::kSelectLastLease));
  recovered.last_lease = static_cast<core::LeaseId>(last);
  ZB_ASSIGN_OR_RETURN(recovered.leases, OpenLeases(alive));
  return recovered;
}

absl::StatusOr<core::Recovered> Ledger::RecoverAccounts(const core::BrokerConfig& config,
                                                        const Now& now) {
  if (database_ == nullptr) ZB_RETURN_IF_ERROR(Connect());
  core::Recovered recovered;
  ZB_ASSIGN_OR_RETURN(recovered.accounts, Accounts());
  ZB_ASSIGN_OR_RETURN(recovered.charges, Charges(config, now));
  return recovered;
}

absl::StatusOr<std::vector<core::Recovered::OpenLease>> Ledger::OpenLeases(
    const std::function<bool(const core::Holder&)>& alive) {
  std::vector<core::Recovered::OpenLease> leases;
  Statement select(*database_, sql::kSelectOpen);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return leases;
    core::LeaseOpened opened;
    opened.lease = static_cast<core::LeaseId>(row.Int(0));
    opened.request = {
        .ticket = row.Text(1),
        .account = row.Text(2),
        .model = row.Text(3),
        .kind = core::ParseKind(row.Text(4)).value_or(core::Kind::kPrompt),
        .priority = core::ParsePriority(row.Text(5)).value_or(core::Priority::kNormal),
        .weight = core::Amount::FromMicros(row.Int(6)),
        .session = row.Text(7),
        .parent = static_cast<core::LeaseId>(row.Int(8)),
        .ttl = absl::Microseconds(row.Int(9))};
    opened.holder = {.pid = static_cast<int32_t>(row.Int(11)),
                     .uid = static_cast<uint32_t>(row.Int(12)),
                     .start_ticks = static_cast<uint64_t>(row.Int(13)),
                     .program = row.Text(10)};
    opened.queued = FromLedger(row.Int(14));
    opened.granted = FromLedger(row.Int(15));
    const bool holder_alive = alive(opened.holder);
    leases.push_back({std::move(opened), holder_alive});
  }
}

absl::StatusOr<std::vector<core::Recovered::Account>> Ledger::Accounts() {
  std::vector<core::Recovered::Account> accounts;
  Statement select(*database_, sql::kSelectAccounts);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return accounts;
    core::Recovered::Account account;
    account.settings.account = row.Text(0);
    if (!row.IsNull(1)) account.settings.slot_limit = static_cast<int>(row.Int(1));
    account.settings.paused = row.Int(2) != 0;
    account.totals = {static_cast<uint32_t>(row.Int(3)), static_cast<uint32_t>(row.Int(4)),
                      static_cast<uint32_t>(row.Int(5))};
    accounts.push_back(std::move(account));
  }
}

absl::StatusOr<std::vector<core::Recovered::PastCharge>> Ledger::Charges(
    const core::BrokerConfig& config, const Now& now) {
  std::vector<core::Recovered::PastCharge> charges;
  // A row's wall time is its ledger time plus its boot's correction, which the index doesn't know:
  // read from the earliest that may matter; the core drops what has aged out. Rows of this boot
  // count by the boot clock, whatever the wall clock says and was noted to say.
  ZB_ASSIGN_OR_RETURN(const int64_t slack, database_->QueryInt(sql::kSelectLargestCorrection));
  const int64_t now_us = std::min(absl::ToUnixMicros(now.wall) - slack, ToLedger(now.boot));
  Statement select(*database_, sql::kSelectCharges);
  for (const core::AccountConfig& account : config.accounts) {
    for (const core::WindowConfig& window : account.windows) {
      const int64_t since = now_us - absl::ToInt64Microseconds(window.length);
      Use row(select, account.name, window.name, since);
      for (;;) {
        ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
        if (!more) break;
        const bool this_boot = row.Int(1) == boot_;
        const BootTime at = this_boot ? FromLedger(row.Int(0))
                                      : now.BootAt(absl::FromUnixMicros(row.Int(0) + row.Int(3)));
        charges.push_back({account.name, window.name, at, core::Amount::FromMicros(row.Int(2))});
      }
    }
  }
  return charges;
}

}  // namespace zbroker::ledger
