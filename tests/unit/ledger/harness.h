// A ledger file in a directory of its own, written and read with a clock that the test moves.
#ifndef ZBROKER_TESTS_UNIT_LEDGER_HARNESS_H_
#define ZBROKER_TESTS_UNIT_LEDGER_HARNESS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/core/config.h"
#include "daemon/core/record.h"
#include "daemon/ledger/database.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/query.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::ledger {

inline core::Amount Units(double value) { return *core::Amount::FromDouble(value); }

class LedgerTest : public ::testing::Test {
 protected:
  static constexpr char kAccount[] = "default";
  static constexpr char kWindow[] = "5h";
  static constexpr absl::Duration kLength = absl::Hours(5);

  LedgerTest() { Open(); }

  // Opens the file as a new daemon would; one that was open ends first.
  void Open() {
    ledger_.reset();
    auto ledger = Ledger::Open(path_, absl::StrCat("boot-", boot_), clock_.Read());
    ASSERT_OK(ledger);
    ledger_ = *std::move(ledger);
  }

  // The machine dies and comes up again, and a new daemon opens the file.
  void Reboot(absl::Duration outage) {
    ledger_.reset();
    clock_.Reboot(outage);
    ++boot_;
    Open();
  }

  // A lease granted now, after a wait of two seconds, that charges nothing.
  core::LeaseOpened Opened(core::LeaseId lease) const {
    core::LeaseOpened opened;
    opened.lease = lease;
    opened.request.ticket = absl::StrCat("ticket-", lease);
    opened.request.account = kAccount;
    opened.request.model = "glm-4.7";
    opened.request.session = "session";
    opened.holder = {.pid = 100, .uid = 1000, .start_ticks = 7, .program = "test"};
    opened.queued = now() - absl::Seconds(2);
    opened.granted = now();
    return opened;
  }
  core::LeaseOpened Charging(core::LeaseId lease, double units = 1) const {
    core::LeaseOpened opened = Opened(lease);
    opened.charges = {{kWindow, Units(units)}};
    return opened;
  }
  core::LeaseClosed Closed(core::LeaseId lease, core::Outcome outcome = core::Outcome::kOk) const {
    return {
        .lease = lease, .account = kAccount, .granted = now(), .closed = now(), .outcome = outcome};
  }

  // A wall of the whole account from now on.
  core::BlockSet WallFor(absl::Duration length) const {
    return {kAccount,
            {.reason = core::BlockReason::kWall,
             .since = now(),
             .until = now() + length,
             .upstream_code = "1308",
             .detail = "used up"}};
  }

  void Commit(std::vector<core::Record> records) { ASSERT_OK(ledger_->Commit(records)); }

  core::Recovered Recover() {
    auto recovered =
        ledger_->Recover(config_, clock_.Read(), [](const core::Holder&) { return true; });
    EXPECT_OK(recovered);
    return recovered.ok() ? *std::move(recovered) : core::Recovered();
  }

  // Those of all windows, one window after the other.
  std::vector<core::Recovered::PastCharge> Charges() {
    std::vector<core::Recovered::PastCharge> all;
    for (const auto& past : Recover().charges) {
      all.insert(all.end(), past.charges.begin(), past.charges.end());
    }
    return all;
  }

  // When each charge that still counts was made.
  std::vector<BootTime> ChargedAt() {
    std::vector<BootTime> instants;
    for (const auto& charge : Charges()) instants.push_back(charge.at);
    return instants;
  }

  std::vector<Row> Rows(Filter filter = {}) {
    auto query = Query::Open(path_, std::move(filter));
    EXPECT_OK(query);
    std::vector<Row> rows;
    while (query.ok()) {
      auto page = (*query)->NextPage();
      EXPECT_OK(page);
      if (!page.ok() || page->empty()) break;
      rows.insert(rows.end(), page->begin(), page->end());
    }
    return rows;
  }

  std::vector<core::LeaseId> Ids(Filter filter = {}) {
    std::vector<core::LeaseId> ids;
    for (const Row& row : Rows(std::move(filter))) ids.push_back(row.lease);
    return ids;
  }

  // Runs SQL of the test's own, beside the ledger.
  void Execute(const std::string& sql) {
    const auto database = Database::Open(path_, Database::Mode::kWrite);
    ASSERT_OK(database);
    ASSERT_OK((*database)->Execute(sql.c_str()));
  }

  BootTime now() const { return clock_.Read().boot; }
  absl::Time wall() const { return clock_.Read().wall; }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("ledger.db");
  testing::FakeClock clock_;
  core::BrokerConfig config_ = core::BrokerConfig::Defaults();
  int boot_ = 1;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace zbroker::ledger

#endif  // ZBROKER_TESTS_UNIT_LEDGER_HARNESS_H_
