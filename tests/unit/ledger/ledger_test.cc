#include "daemon/ledger/ledger.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// While it lives no file of ours grows beyond `bytes`: the nearest thing to a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_ = SIG_DFL;
};

class CommitTest : public LedgerTest {
 protected:
  core::Totals TotalsOf(const std::string& account) {
    for (const auto& one : Recover().accounts) {
      if (one.settings.account == account) return one.totals;
    }
    ADD_FAILURE() << "no account " << account;
    return {};
  }
};

TEST_F(CommitTest, RowsReadAsTheyWereWritten) {
  core::LeaseOpened opened = Charging(1, 3);
  opened.request.kind = core::Kind::kMcp;
  opened.request.priority = core::Priority::kBackground;
  opened.request.weight = Units(3);
  opened.request.parent = 17;
  opened.request.program = "cline";
  opened.request.program_pid = 77;
  opened.request.project = "shop";
  opened.attempt = 3;
  Commit({opened});
  clock_.Advance(absl::Seconds(9));
  core::LeaseClosed closed = Closed(1, core::Outcome::kThrottle);
  closed.upstream_code = "1302";
  closed.detail = "too many \xc3\xa9";
  closed.first_byte = now() - absl::Seconds(4);
  closed.http_status = 429;
  closed.usage = core::TokenUsage{.input = 11, .cached = 22, .output = 33};
  closed.served_model = "glm-4.5-air";
  Commit({closed});

  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(1));
  const Row& row = rows[0];
  EXPECT_EQ(row.lease, 1U);
  EXPECT_EQ(row.request.account, kAccount);
  EXPECT_EQ(row.request.model, "glm-4.7");
  EXPECT_EQ(row.request.session, "session");
  EXPECT_EQ(row.request.kind, core::Kind::kMcp);
  EXPECT_EQ(row.request.priority, core::Priority::kBackground);
  EXPECT_EQ(row.request.weight, Units(3));
  EXPECT_EQ(row.request.parent, 17U);
  EXPECT_EQ(row.holder.program, "test");
  EXPECT_EQ(row.request.program, "cline");
  EXPECT_EQ(row.request.program_pid, 77);
  EXPECT_EQ(row.request.project, "shop");
  EXPECT_EQ(row.holder.pid, 100);
  EXPECT_EQ(row.holder.uid, 1000U);
  EXPECT_EQ(row.queued, wall() - absl::Seconds(11));
  EXPECT_EQ(row.granted, wall() - absl::Seconds(9));
  EXPECT_EQ(row.closed, wall());
  EXPECT_EQ(row.outcome, core::Outcome::kThrottle);
  EXPECT_EQ(row.upstream_code, "1302");
  EXPECT_EQ(row.detail, "too many \xc3\xa9");
  EXPECT_EQ(row.attempt, 3U);
  EXPECT_EQ(row.first_byte, wall() - absl::Seconds(4));
  EXPECT_EQ(row.http_status, 429);
  EXPECT_EQ(row.usage, (core::TokenUsage{.input = 11, .cached = 22, .output = 33}));
  EXPECT_EQ(row.served_model, "glm-4.5-air");
}

TEST_F(CommitTest, WhatWasNotReportedIsAbsent) {
  Commit({Opened(1), Closed(1)});
  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].attempt, 1U);
  EXPECT_FALSE(rows[0].first_byte.has_value());
  EXPECT_EQ(rows[0].http_status, 0);
  EXPECT_FALSE(rows[0].usage.has_value());
  EXPECT_EQ(rows[0].served_model, "");
}

TEST_F(CommitTest, RefundTakesBackTheLeasesOwnChargeOnly) {
  Commit({Charging(1), Charging(2)});
  core::LeaseClosed closed = Closed(1, core::Outcome::kThrottle);
  closed.refunds = {{kWindow, Units(1)}};
  clock_.Advance(absl::Seconds(1));
  Commit({closed});
  const auto leases = Recover().leases;
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_THAT(leases[0].opened.charges, ElementsAre(core::Charge{kWindow, Units(1)}));
  EXPECT_THAT(ChargedAt(), ElementsAre(leases[0].opened.granted));
}

TEST_F(CommitTest, RefundOfALeaseThatHadEndedBeforeChangesNothing) {
  Commit({Charging(1), Closed(1, core::Outcome::kLost)});
  core::LeaseClosed closed = Closed(1, core::Outcome::kThrottle);
  closed.refunds = {{kWindow, Units(1)}};
  Commit({closed});
  EXPECT_THAT(ChargedAt(), SizeIs(1));
}

TEST_F(CommitTest, AnOpenLeaseHasNoEnd) {
  Commit({Opened(1)});
  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_FALSE(rows[0].closed.has_value());
  EXPECT_FALSE(rows[0].outcome.has_value());
}

TEST_F(CommitTest, ALeaseMayOpenAndCloseInOneBatch) {
  Commit({Opened(1), Closed(1)});
  EXPECT_THAT(Recover().leases, IsEmpty());
  EXPECT_THAT(Ids(), ElementsAre(1));
}

TEST_F(CommitTest, ABatchWithARecordThatCannotBeWrittenLeavesNothing) {
  Commit({Opened(1)});
  core::LeaseOpened taken = Opened(1);
  taken.request.ticket = "another";
  EXPECT_FALSE(ledger_->Commit({Charging(2), Closed(1), taken}).ok());
  EXPECT_THAT(Ids(), ElementsAre(1));
  EXPECT_THAT(Recover().leases, SizeIs(1));
  EXPECT_THAT(ChargedAt(), IsEmpty());
  EXPECT_EQ(TotalsOf(kAccount).granted, 1U);
}

TEST_F(CommitTest, AfterAFailureTheNextBatchIsWritten) {
  Commit({Opened(1)});
  core::LeaseOpened taken = Opened(1);
  taken.request.ticket = "another";
  ASSERT_FALSE(ledger_->Commit({taken}).ok());
  Commit({Charging(2)});
  EXPECT_THAT(Ids(), ElementsAre(1, 2));
  EXPECT_THAT(ChargedAt(), ElementsAre(now()));
}

TEST_F(CommitTest, WhenTheDiskTakesNoMoreNothingIsWrittenUntilItDoes) {
  Commit({Opened(1)});
  {
    const FileSizeLimit full(std::filesystem::file_size(path_ + "-wal"));
    EXPECT_FALSE(ledger_->Commit({Charging(2)}).ok());
    EXPECT_FALSE(ledger_->Probe().ok());
  }
  EXPECT_THAT(Ids(), ElementsAre(1));
  EXPECT_OK(ledger_->Probe());
  Commit({Charging(2)});
  EXPECT_THAT(Ids(), ElementsAre(1, 2));
}

// A commit that fails may have reached the disk all the same, so it is repeated.
TEST_F(CommitTest, ARepeatedBatchChangesNothing) {
  const std::vector<core::Record> batch = {Charging(1), Opened(2), Closed(2, core::Outcome::kLost)};
  Commit(batch);
  Commit(batch);
  EXPECT_THAT(Ids(), ElementsAre(1, 2));
  EXPECT_THAT(ChargedAt(), ElementsAre(now()));
  EXPECT_EQ(TotalsOf(kAccount).granted, 2U);
  EXPECT_EQ(TotalsOf(kAccount).lost, 1U);
}

// Charges and open leases that were acknowledged would be forgotten.
TEST_F(CommitTest, WhenTheFileWasRemovedToMakeRoomNoOtherIsBegun) {
  Commit({Opened(1)});
  {
    const FileSizeLimit full(std::filesystem::file_size(path_ + "-wal"));
    ASSERT_FALSE(ledger_->Commit({Charging(2)}).ok());
  }
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  EXPECT_THAT(ledger_->Commit({Charging(2)}),
              testing::Fails(absl::StatusCode::kUnavailable, HasSubstr("was removed")));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(CommitTest, FilesThatAreWhereTheyWereAreFine) {
  Commit({Opened(1)});
  EXPECT_OK(ledger_->CheckFiles());
  Commit({Charging(2)});
  EXPECT_OK(ledger_->CheckFiles());
}

TEST_F(CommitTest, EachFileOfTheLedgerIsMissedUntilItIsBack) {
  Commit({Opened(1)});
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::rename(path_ + suffix, dir_.File("aside"));
    EXPECT_THAT(ledger_->CheckFiles(),
                testing::Fails(absl::StatusCode::kUnavailable,
                               HasSubstr(absl::StrCat(suffix, " was removed"))));
    std::filesystem::rename(dir_.File("aside"), path_ + suffix);
    EXPECT_OK(ledger_->CheckFiles());
  }
}

TEST_F(CommitTest, AnotherFileInThePlaceOfTheLedgerIsNoticed) {
  Commit({Opened(1)});
  std::filesystem::copy_file(path_, dir_.File("copy"));
  std::filesystem::rename(dir_.File("copy"), path_);
  EXPECT_THAT(ledger_->CheckFiles(),
              testing::Fails(absl::StatusCode::kUnavailable, HasSubstr("was replaced")));
}

// The totals are written now and then only, and so is where open leases begin.
TEST_F(CommitTest, EveryGrantIsCountedAndEveryOpenLeaseFoundHoweverManyThereWere) {
  constexpr core::LeaseId kLeases = 2'500, kStaysOpen = 700;
  for (core::LeaseId id = 1; id <= kLeases; id += 50) {
    std::vector<core::Record> batch;
    for (core::LeaseId i = id; i < id + 50; ++i) {
      batch.push_back(Opened(i));
      if (i != kStaysOpen && i != kLeases) batch.push_back(Closed(i));
    }
    Commit(batch);
    ASSERT_EQ(TotalsOf(kAccount).granted, id + 49);
    if (id % 400 == 1) Open();
  }
  Open();
  EXPECT_EQ(TotalsOf(kAccount).granted, kLeases);
  const auto leases = Recover().leases;
  ASSERT_THAT(leases, SizeIs(2));
  EXPECT_EQ(leases[0].opened.lease, kStaysOpen);
  EXPECT_EQ(leases[1].opened.lease, kLeases);
  // Also when the rows are dropped.
  clock_.Advance(absl::Hours(1));
  for (bool more = true; more;) more = ledger_->Prune(now(), now()).value_or(false);
  EXPECT_EQ(TotalsOf(kAccount).granted, kLeases);
  EXPECT_THAT(Ids(), ElementsAre(kStaysOpen, kLeases));
}

TEST_F(CommitTest, ReleaseClosesOnce) {
  Commit({Opened(1)});
  clock_.Advance(absl::Seconds(1));
  Commit({Closed(1, core::Outcome::kLost)});
  const absl::Time closed = wall();
  clock_.Advance(absl::Seconds(1));
  Commit({Closed(1, core::Outcome::kThrottle)});
  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].closed, closed);
  EXPECT_EQ(rows[0].outcome, core::Outcome::kLost);
  EXPECT_EQ(TotalsOf(kAccount).lost, 1U);
  EXPECT_EQ(TotalsOf(kAccount).throttled, 0U);
}

TEST_F(CommitTest, ReleaseOfAnUnknownLeaseChangesNothing) {
  Commit({Closed(99, core::Outcome::kLost)});
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_F(CommitTest, TotalsCountGrantsThrottlesAndLosses) {
  Commit({Opened(1), Opened(2), Opened(3)});
  Commit({Closed(1, core::Outcome::kThrottle), Closed(2, core::Outcome::kLost)});
  Commit({Closed(3), Opened(4)});
  const core::Totals totals = TotalsOf(kAccount);
  EXPECT_EQ(totals.granted, 4U);
  EXPECT_EQ(totals.throttled, 1U);
  EXPECT_EQ(totals.lost, 1U);
}

TEST_F(CommitTest, TotalsAreOfEachAccount) {
  core::LeaseOpened other = Opened(2);
  other.request.account = "other";
  Commit({Opened(1), other, Opened(3)});
  EXPECT_EQ(TotalsOf(kAccount).granted, 2U);
  EXPECT_EQ(TotalsOf("other").granted, 1U);
}

TEST_F(CommitTest, TheLastSettingsStay) {
  Commit({core::AccountSettings{.account = kAccount, .slot_limit = 7}});
  Commit({core::AccountSettings{.account = kAccount, .slot_limit = 2}});
  Open();
  const auto accounts = Recover().accounts;
  ASSERT_THAT(accounts, SizeIs(1));
  EXPECT_EQ(accounts[0].settings.slot_limit, 2);
}

TEST_F(CommitTest, SettingsAndTotalsDoNotDisturbEachOther) {
  Commit({Opened(1)});
  Commit({core::AccountSettings{.account = kAccount, .slot_limit = 7}});
  Commit({Opened(2)});
  const auto accounts = Recover().accounts;
  ASSERT_THAT(accounts, SizeIs(1));
  EXPECT_EQ(accounts[0].settings.slot_limit, 7);
  EXPECT_EQ(accounts[0].totals.granted, 2U);
}

TEST_F(CommitTest, ALimitThatWasLiftedIsNone) {
  Commit({core::AccountSettings{.account = kAccount, .slot_limit = 7}});
  Commit({core::AccountSettings{.account = kAccount}});
  const auto accounts = Recover().accounts;
  ASSERT_THAT(accounts, SizeIs(1));
  EXPECT_FALSE(accounts[0].settings.slot_limit.has_value());
}

TEST_F(CommitTest, AnEmptyBatchIsFine) { EXPECT_OK(ledger_->Commit({})); }

}  // namespace
}  // namespace zbroker::ledger
