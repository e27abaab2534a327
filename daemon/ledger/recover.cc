// What a new daemon reads from the ledger.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "client/base/status.h"
#include "daemon/core/window.h"
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
  ZB_RETURN_IF_ERROR(ReadCharges(recovered.leases));
  ZB_ASSIGN_OR_RETURN(recovered.open_happenings, OpenEpisodes(now));
  return recovered;
}

absl::StatusOr<core::Recovered> Ledger::RecoverAccounts(const core::BrokerConfig& config,
                                                        const Now& now) {
  if (database_ == nullptr) ZB_RETURN_IF_ERROR(Connect());
  core::Recovered recovered;
  ZB_ASSIGN_OR_RETURN(recovered.accounts, Accounts());
  ZB_ASSIGN_OR_RETURN(recovered.blocks, Blocks(now));
  ZB_ASSIGN_OR_RETURN(recovered.limits, Limits(now));
  ZB_ASSIGN_OR_RETURN(recovered.pins, Pins());
  ZB_ASSIGN_OR_RETURN(recovered.pauses, Pauses(now));
  ZB_ASSIGN_OR_RETURN(recovered.resets, Resets(now));
  ZB_ASSIGN_OR_RETURN(recovered.charges, Charges(config, now));
  ZB_ASSIGN_OR_RETURN(recovered.foreign, Foreign(config, now));
  ZB_ASSIGN_OR_RETURN(recovered.readings, Readings(now));
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
        .ttl = absl::Microseconds(row.Int(9)),
        .program = row.Text(17),
        .program_pid = static_cast<int32_t>(row.Int(18)),
        .project = row.Text(19)};
    opened.holder = {.pid = static_cast<int32_t>(row.Int(11)),
                     .uid = static_cast<uint32_t>(row.Int(12)),
                     .start_ticks = static_cast<uint64_t>(row.Int(13)),
                     .program = row.Text(10)};
    opened.queued = FromLedger(row.Int(14));
    opened.granted = FromLedger(row.Int(15));
    opened.attempt = static_cast<uint32_t>(row.Int(16));
    const bool holder_alive = alive(opened.holder);
    leases.push_back({std::move(opened), holder_alive});
  }
}

absl::Status Ledger::ReadCharges(std::vector<core::Recovered::OpenLease>& leases) {
  if (leases.empty()) return absl::OkStatus();
  ZB_ASSIGN_OR_RETURN(const auto keys, ChargeKeys());
  Statement select(*database_, sql::kSelectAmount);
  for (auto& [opened, alive] : leases) {
    for (const auto& [account, window] : keys) {
      if (account != opened.request.account) continue;
      Use row(select, account, window, ToLedger(opened.granted),
              static_cast<int64_t>(opened.lease));
      ZB_ASSIGN_OR_RETURN(const bool charged, row.Step());
      if (charged) opened.charges.push_back({window, core::Amount::FromMicros(row.Int(0))});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> Ledger::ChargeKeys() {
  std::vector<std::pair<std::string, std::string>> keys;
  Statement next(*database_, sql::kSelectNextChargeKey);
  std::string account, window;
  for (;;) {
    Use row(next, account, window);
    ZB_ASSIGN_OR_RETURN(const bool found, row.Step());
    if (!found) return keys;
    keys.emplace_back(row.Text(0), row.Text(1));
    std::tie(account, window) = keys.back();
  }
}

absl::StatusOr<std::vector<core::BlockSet>> Ledger::Blocks(const Now& now) {
  std::vector<core::BlockSet> blocks;
  Statement select(*database_, sql::kSelectBlocks);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return blocks;
    const auto reason = core::ParseBlockReason(row.Text(1));
    const auto scope = core::ParseScope(row.Text(2));
    if (!reason || !scope) continue;  // not ours
    const auto instant = [&](int column) {
      return FromLedger(row.Int(column), row.Int(5), row.Int(11), now);
    };
    blocks.push_back({row.Text(0),
                      {.reason = *reason,
                       .scope = *scope,
                       .model = row.Text(3),
                       .kind = core::ParseKind(row.Text(4)).value_or(core::Kind::kPrompt),
                       .since = instant(6),
                       .until = instant(7),
                       .step = static_cast<int>(row.Int(8)),
                       .upstream_code = row.Text(9),
                       .detail = row.Text(10)}});
  }
}

absl::StatusOr<std::vector<core::LimitLearned>> Ledger::Limits(const Now& now) {
  std::vector<core::LimitLearned> limits;
  Statement select(*database_, sql::kSelectLearned);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return limits;
    const auto hours = core::ParseHourClass(row.Text(1));
    if (!hours) continue;  // not ours
    const auto instant = [&](int column) {
      return FromLedger(row.Int(column), row.Int(2), row.Int(10), now);
    };
    limits.push_back({row.Text(0),
                      {.hours = *hours,
                       .start = static_cast<int>(row.Int(3)),
                       .limit = static_cast<int>(row.Int(4)),
                       .ceiling = static_cast<int>(row.Int(5)),
                       .confirmed = instant(6),
                       .interval = absl::Microseconds(row.Int(7)),
                       .changed = instant(8),
                       .why = row.Text(9)},
                      row.Text(11)});
  }
}

absl::StatusOr<std::vector<core::ModelPinned>> Ledger::Pins() {
  std::vector<core::ModelPinned> pins;
  Statement select(*database_, sql::kSelectPins);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return pins;
    pins.push_back({row.Text(0), row.Text(1), static_cast<int>(row.Int(2))});
  }
}

absl::StatusOr<std::vector<core::PauseSet>> Ledger::Pauses(const Now& now) {
  std::vector<core::PauseSet> pauses;
  Statement select(*database_, sql::kSelectPauses);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return pauses;
    core::Pause pause{.part = {.session = row.Text(2), .program = row.Text(3)}};
    if (const std::string priority = row.Text(1); !priority.empty()) {
      pause.part.priority = core::ParsePriority(priority);
      if (!pause.part.priority) continue;  // not ours
    }
    if (const auto until = row.IntOrNull(5)) {
      pause.until = FromLedger(*until, row.Int(4), row.Int(6), now);
    }
    pauses.push_back({row.Text(0), std::move(pause)});
  }
}

absl::StatusOr<std::vector<core::ResetKnown>> Ledger::Resets(const Now& now) {
  std::vector<core::ResetKnown> resets;
  Statement select(*database_, sql::kSelectResets);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return resets;
    resets.push_back(
        {row.Text(0), row.Text(1), FromLedger(row.Int(3), row.Int(2), row.Int(4), now)});
  }
}

absl::StatusOr<std::vector<core::Happening>> Ledger::OpenEpisodes(const Now& now) {
  std::vector<core::Happening> open;
  Statement select(*database_, sql::kSelectOpenEpisodes);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return open;
    const auto kind = core::ParseHappeningKind(row.Text(1));
    if (!kind) continue;  // not ours
    open.push_back({.account = row.Text(0),
                    .kind = *kind,
                    .subject = row.Text(2),
                    .at = FromLedger(row.Int(4), row.Int(3), row.Int(7), now),
                    .detail = row.Text(5),
                    .upstream_code = row.Text(6)});
  }
}

absl::StatusOr<std::vector<core::Recovered::Account>> Ledger::Accounts() {
  std::map<std::string, uint32_t> uncounted;
  {
    Statement count(*database_, sql::kSelectUncounted);
    Use row(count);
    for (;;) {
      ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
      if (!more) break;
      uncounted[row.Text(0)] = static_cast<uint32_t>(row.Int(1));
    }
  }
  std::vector<core::Recovered::Account> accounts;
  Statement select(*database_, sql::kSelectAccounts);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) break;
    core::Recovered::Account account;
    account.settings.account = row.Text(0);
    if (const auto limit = row.IntOrNull(1)) {
      account.settings.slot_limit = static_cast<int>(*limit);
    }
    account.totals = {static_cast<uint32_t>(row.Int(2)), static_cast<uint32_t>(row.Int(3)),
                      static_cast<uint32_t>(row.Int(4)), static_cast<uint32_t>(row.Int(5)),
                      absl::Microseconds(row.Int(6))};
    account.totals.granted += std::exchange(uncounted[account.settings.account], 0);
    accounts.push_back(std::move(account));
  }
  // Those that have had no row yet.
  for (const auto& [name, granted] : uncounted) {
    if (granted > 0) accounts.push_back({{.account = name}, {.granted = granted}});
  }
  return accounts;
}

// A row's wall time is its ledger time plus its boot's correction, which the index doesn't know:
// read from the earliest that may matter; the core drops what has aged out. Rows of this boot count
// by the boot clock, whatever the wall clock says and was noted to say.
absl::StatusOr<int64_t> Ledger::CountsFrom(const core::WindowConfig& window, const Now& now) {
  ZB_ASSIGN_OR_RETURN(const int64_t slack, database_->QueryInt(sql::kSelectLargestCorrection));
  const int64_t now_us = std::min(absl::ToUnixMicros(now.wall) - slack, ToLedger(now.boot));
  return now_us - absl::ToInt64Microseconds(core::Window::History(window));
}

absl::StatusOr<std::vector<core::Recovered::PastCharges>> Ledger::Charges(
    const core::BrokerConfig& config, const Now& now) {
  std::vector<core::Recovered::PastCharges> all;
  Statement select(*database_, sql::kSelectCharges);
  for (const core::AccountConfig& account : config.accounts) {
    for (const core::WindowConfig& window : account.windows) {
      ZB_ASSIGN_OR_RETURN(const int64_t since, CountsFrom(window, now));
      core::Recovered::PastCharges past{account.name, window.name, {}};
      Use row(select, account.name, window.name, since);
      for (;;) {
        ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
        if (!more) break;
        const BootTime at = FromLedger(row.Int(0), row.Int(1), row.Int(3), now);
        past.charges.push_back({at, core::Amount::FromMicros(row.Int(2))});
      }
      if (!past.charges.empty()) all.push_back(std::move(past));
    }
  }
  return all;
}

absl::StatusOr<std::vector<core::ForeignCharged>> Ledger::Foreign(const core::BrokerConfig& config,
                                                                  const Now& now) {
  std::vector<core::ForeignCharged> all;
  Statement select(*database_, sql::kSelectForeign);
  for (const core::AccountConfig& account : config.accounts) {
    for (const core::WindowConfig& window : account.windows) {
      ZB_ASSIGN_OR_RETURN(const int64_t since, CountsFrom(window, now));
      Use row(select, account.name, window.name, since);
      for (;;) {
        ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
        if (!more) break;
        core::ForeignCharged& charged = all.emplace_back();
        charged.account = account.name;
        charged.window = window.name;
        charged.at = FromLedger(row.Int(0), row.Int(1), row.Int(4), now);
        charged.amount = core::Amount::FromMicros(row.Int(2));
        if (const auto over = row.IntOrNull(3)) charged.over = absl::Microseconds(*over);
      }
    }
  }
  return all;
}

absl::StatusOr<std::vector<core::MeterRead>> Ledger::Readings(const Now& now) {
  std::vector<core::MeterRead> readings;
  Statement select(*database_, sql::kSelectMeter);
  Use row(select);
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, row.Step());
    if (!more) return readings;
    const auto unit = core::ParseUnit(row.Text(3));
    if (!unit) continue;  // not ours
    const auto instant = [&](int64_t us) { return FromLedger(us, row.Int(1), row.Int(11), now); };
    if (readings.empty() || readings.back().account != row.Text(0)) {
      readings.push_back({row.Text(0), instant(row.Int(2)), {}});
    }
    core::MeterRow& one = readings.back().rows.emplace_back();
    one.unit = *unit;
    one.length = absl::Microseconds(row.Int(4));
    one.months = static_cast<int>(row.Int(5));
    one.percent = core::Amount::FromMicros(row.Int(6));
    if (const auto used = row.IntOrNull(7)) one.used = core::Amount::FromMicros(*used);
    if (const auto limit = row.IntOrNull(8)) one.limit = core::Amount::FromMicros(*limit);
    if (const auto reset = row.IntOrNull(9)) one.reset = instant(*reset);
    one.full = row.Int(10) != 0;
  }
}

}  // namespace zbroker::ledger
