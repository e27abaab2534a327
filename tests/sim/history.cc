#include "tests/sim/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::sim {
namespace {

using core::Amount;
using core::LeaseId;

Amount Units(int count) { return Amount::FromMicros(int64_t{count} * 1'000'000); }

}  // namespace

History::History(uint32_t seed) : random_(seed) {
  config_ = RandomConfig();
  broker_.emplace(config_);
}

core::BrokerConfig History::RandomConfig() {
  core::BrokerConfig config = core::BrokerConfig::Defaults();
  config.accounts.clear();
  const int accounts = 1 + Random(2);
  for (int a = 0; a < accounts; ++a) {
    core::AccountConfig account{.name = absl::StrCat("a", a), .slots = {.limit = 1 + Random(4)}};
    account.slots.per_session = Chance(30) ? 1 + Random(2) : 0;
    account.slots.reserve_interactive = Chance(30) ? Random(3) : 0;
    account.shadow = Chance(5);
    if (Chance(40)) account.pools.push_back({.models = {"m0", "x*"}, .limit = 1 + Random(2)});
    if (Chance(20)) account.pools.push_back({.models = {"m?"}, .limit = 1 + Random(3)});
    const int windows = Random(3);
    for (int w = 0; w < windows; ++w) account.windows.push_back(RandomWindow(w));
    if (Chance(30)) account.weights.push_back({.models = {"m1"}, .weight = 0.5, .when = AnHour()});
    if (Chance(20)) account.weights.push_back({.models = {"*"}, .weight = 0, .when = AnHour()});
    if (Chance(20)) account.schedules.push_back({.when = AnHour(), .limit = 1 + Random(3)});
    account.rates.push_back({.models = {"m*"}, .input = 1, .output = 10});
    account.slots.learn = Chance(50);
    account.peak = AnHour();
    config.accounts.push_back(account);
  }
  config.default_account = "a0";
  config.queue_max = static_cast<size_t>(5 + Random(30));
  config.age_after = absl::Seconds(1 + Random(100));
  config.reclaim_grace = absl::Seconds(Random(12));
  config.unclean_hold = absl::Milliseconds(Random(3) * 500);
  return config;
}

core::WindowConfig History::RandomWindow(int number) {
  const int die = Random(100);
  core::WindowConfig window{.name = absl::StrCat("w", number),
                            .unit = static_cast<core::Unit>(Random(5)),
                            .length = absl::Seconds(1 + Random(30)),
                            .limit = Units(1 + Random(6)),
                            .enforce = die < 60   ? core::Enforce::kHard
                                       : die < 80 ? core::Enforce::kProbe
                                                  : core::Enforce::kOff};
  if (window.unit == core::Unit::kTokens) window.limit = Units(50'000);
  if (window.unit == core::Unit::kCredits) window.limit = Units(20);
  if (Chance(30)) window.kind = core::WindowKind::kAnchored;
  if (window.kind == core::WindowKind::kAnchored && Chance(40)) {
    window.anchor = absl::CivilSecond(1970, 1, 1, 0, 0, Random(60));
  }
  return window;
}

// Histories are minutes long, so it is a few minutes of them.
core::WeekHours History::AnHour() {
  const int from = Random(30);
  return core::WeekHours::Daily(from, from + 1 + Random(5), absl::UTCTimeZone());
}

void History::Step() {
  const int commands = 1 + Random(4);
  for (int i = 0; i < commands; ++i) {
    const int die = Random(100);
    if (die < 40) {
      Ask();
    } else if (die < 65) {
      Release();
    } else if (die < 70) {
      Cancel();
    } else if (die < 76) {
      CloseStream();
    } else if (die < 82) {
      KillProcess();
    } else if (die < 90) {
      Reconnect();
    } else {
      Administrate();
    }
  }
  if (Chance(2)) Reconfigure();
  if (Chance(4)) ledger_fails_ = !ledger_fails_;
  Commit();
  if (Chance(2)) RestartDaemon();
  PassTime();
}

void History::Drain() {
  ledger_fails_ = false;
  Commit();
  core::Client admin = AnyClient();
  admin.admin = true;
  for (const core::AccountConfig& account : config_.accounts) {
    Apply(core::SetPaused{admin, account.name, false, /*end_breaker=*/true});
  }
  Commit();
  // Windows are up to 30 s long, and hold one of the heaviest charges at least.
  constexpr int kSecondsMax = 3'000;
  for (int second = 0; second < kSecondsMax; ++second) {
    for (const auto& [id, entry] : ledger_.leases()) {
      if (!entry.closed) Apply(core::Release{.client = admin, .lease = id});
    }
    Commit();
    size_t waiting = 0;
    for (const auto& account : broker_->TakeSnapshot(now_).accounts) {
      waiting += account.waiters.size();
    }
    if (waiting == 0) return;
    PassTimeUntil(now_ + absl::Seconds(1));
  }
  ADD_FAILURE() << "somebody waits for ever";
}

core::StreamId History::NewStream(int32_t pid) {
  const core::StreamId id = ++last_stream_;
  streams_[id] = {.stream = id,
                  .connection = id,
                  .holder = {.pid = pid,
                             .uid = 1000u + static_cast<uint32_t>(pid % 2),
                             .start_ticks = 1,
                             .program = "sim"}};
  return id;
}

core::Client& History::AnyClient() {
  if (streams_.empty() || (streams_.size() < 12 && Chance(30))) {
    alive_[++last_pid_] = true;
    return streams_[NewStream(last_pid_)];
  }
  return std::next(streams_.begin(), Random(static_cast<int>(streams_.size())))->second;
}

std::optional<LeaseId> History::AnyLease() {
  std::vector<LeaseId> ids;
  for (const auto& [id, entry] : ledger_.leases()) {
    if (!entry.closed || Chance(2)) ids.push_back(id);
  }
  if (ids.empty()) return std::nullopt;
  return ids[static_cast<size_t>(Random(static_cast<int>(ids.size())))];
}

std::string History::AnyAccount() { return Chance(5) ? "nope" : absl::StrCat("a", Random(2)); }

void History::Ask() {
  core::Acquire acquire;
  acquire.client = AnyClient();
  const bool again = !tickets_.empty() && Chance(10);
  acquire.request.ticket =
      again ? tickets_[static_cast<size_t>(Random(static_cast<int>(tickets_.size())))]
            : absl::StrCat("t", ++last_ticket_);
  if (!again) tickets_.push_back(acquire.request.ticket);
  acquire.request.account = Chance(50) ? "" : AnyAccount();
  acquire.request.kind = static_cast<core::Kind>(Random(3));
  acquire.request.weight = Units(Random(4));
  acquire.request.priority = static_cast<core::Priority>(Random(3));
  if (Chance(70)) acquire.request.session = absl::StrCat("s", Random(4));
  if (Chance(30)) acquire.request.parent = AnyLease().value_or(0);
  if (Chance(10)) acquire.request.ttl = absl::Seconds(1 + Random(20));
  if (Chance(20)) acquire.deadline = now_ + absl::Milliseconds(Random(20'000) - 100);
  acquire.request.model = absl::StrCat("m", Random(3));
  acquire.takes_throttles = Chance(60);
  acquire.reports = acquire.takes_throttles || Chance(50);
  acquire.no_wait = Chance(10);
  acquire.hold_until_reset = Chance(30);
  if (Chance(10)) acquire.arrival = now_ - absl::Seconds(Random(60));
  Apply(acquire);
}

void History::Release() {
  if (const auto lease = AnyLease()) {
    Apply(core::Release{
        .client = AnyClient(),
        .lease = *lease,
        .outcome = Chance(60) ? core::Outcome::kOk : static_cast<core::Outcome>(Random(9)),
        .details = RandomDetails()});
  }
}

// Short blocks, so that a history sees many of them end.
core::ReleaseDetails History::RandomDetails() {
  core::ReleaseDetails details{.start_rate = Chance(20),
                               .scope = static_cast<core::Scope>(Random(3))};
  if (Chance(50)) details.retry_after = absl::Milliseconds(Random(20'000));
  if (Chance(60)) details.until = now_ + absl::Seconds(Random(120) - 20);
  if (Chance(50)) details.window_length = absl::Seconds(Random(30));
  if (Chance(50)) details.first_byte = absl::Milliseconds(Random(5'000));
  if (Chance(40)) {
    details.usage = core::TokenUsage{.input = Random(20'000), .output = Random(2'000)};
  }
  details.under_way = Chance(10);
  details.unused = Chance(10);
  return details;
}

void History::Cancel() {
  if (tickets_.empty()) return;
  Apply(core::Cancel{AnyClient(),
                     tickets_[static_cast<size_t>(Random(static_cast<int>(tickets_.size())))],
                     /*keep_place=*/Chance(30)});
}

void History::CloseStream() {
  if (streams_.empty()) return;
  const auto stream = std::next(streams_.begin(), Random(static_cast<int>(streams_.size())));
  const core::StreamId id = stream->first;
  streams_.erase(stream);
  Apply(core::StreamClosed{id});
}

void History::KillProcess() {
  if (streams_.empty()) return;
  const int32_t pid = AnyClient().holder.pid;
  alive_[pid] = false;
  std::vector<core::Command> ends{core::HolderExited{pid, 1}};
  for (const auto& [id, client] : streams_) {
    if (client.holder.pid == pid) ends.push_back(core::StreamClosed{id});
  }
  std::erase_if(streams_, [&](const auto& entry) { return entry.second.holder.pid == pid; });
  std::shuffle(ends.begin(), ends.end(), random_);
  for (const core::Command& end : ends) Apply(end);
}

void History::Reconnect() {
  std::vector<int32_t> living;
  for (const auto& [pid, alive] : alive_) {
    if (alive) living.push_back(pid);
  }
  if (living.empty()) return;
  const int32_t pid = living[static_cast<size_t>(Random(static_cast<int>(living.size())))];
  core::Hello hello{.client = streams_[NewStream(pid)]};
  for (const auto& [id, entry] : ledger_.leases()) {
    if (!entry.closed && Chance(50)) hello.reclaims.push_back({id, entry.opened.request.ticket});
  }
  Apply(hello);
}

void History::Administrate() {
  core::Client admin = AnyClient();
  admin.admin = true;
  switch (Random(4)) {
    case 0:
      Apply(core::SetLimit{admin, AnyAccount(), 1 + Random(5)});
      break;
    case 1:
      Apply(core::SetLimit{admin, AnyAccount(), std::nullopt});
      break;
    case 2:
      Apply(core::SetPaused{admin, AnyAccount(), Chance(30), Chance(50)});
      break;
    default:
      if (const auto lease = AnyLease()) Apply(core::Revoke{admin, *lease});
      break;
  }
}

void History::Reconfigure() {
  Commit();  // the engine reads the ledger for this, so nothing may be unwritten
  if (ledger_failed_) return;
  config_ = RandomConfig();
  Note("reconfigure");
  broker_->Reconfigure(config_, ledger_.Recover(alive_), now_, batch_);
}

void History::RestartDaemon() {
  // Dies: what was not written is gone, and so is every stream. What was held back while the ledger
  // failed was acknowledged to nobody.
  Note("restart");
  streams_.clear();
  unwritten_.clear();
  batch_.Clear();
  ledger_fails_ = ledger_failed_ = false;
  broker_.emplace(config_);
  broker_->Restore(ledger_.Recover(alive_), now_);
  Commit();
}

void History::Apply(const core::Command& command) {
  Note(absl::StrCat("command ", command.index()));
  broker_->Apply(command, now_, batch_);
}

void History::Commit() {
  broker_->Settle(now_, batch_);
  core::Effects effects = std::exchange(batch_, {});
  granted_now_.clear();
  charged_now_.clear();
  for (const core::Record& record : effects.records) {
    const auto* opened = std::get_if<core::LeaseOpened>(&record);
    if (opened == nullptr) continue;
    granted_now_.insert(opened->lease);
    for (const core::Charge& charge : opened->charges) {
      charged_now_.insert({opened->request.account, charge.window});
    }
  }
  std::vector<core::AddressedEvent> refusals;
  if (ledger_fails_ && !ledger_failed_ && !effects.records.empty()) {
    broker_->LedgerFailed(absl::UnavailableError("sim"), effects, refusals);
    ledger_failed_ = true;
  }
  if (ledger_failed_) {
    for (const core::Record& record : effects.records) {
      EXPECT_FALSE(std::holds_alternative<core::LeaseOpened>(record))
          << "a grant while nothing can be recorded";
    }
    unwritten_.insert(unwritten_.end(), effects.records.begin(), effects.records.end());
    if (!ledger_fails_) {
      ledger_.Write(std::exchange(unwritten_, {}));
      ledger_failed_ = false;
      broker_->LedgerWorks();
    }
  } else {
    ledger_.Write(effects.records);
    CheckGrantsOf(effects);
  }
  ReadEvents(refusals);
  ReadEvents(effects.events);
  if (!ledger_failed_ && !ledger_fails_) CheckInvariants();
}

void History::ReadEvents(const std::vector<core::AddressedEvent>& events) {
  for (const core::AddressedEvent& one : events) {
    Note(absl::StrCat("event ", one.event.index(), " to ", one.stream));
    const auto* granted = std::get_if<core::Granted>(&one.event);
    if (granted == nullptr) continue;
    EXPECT_TRUE(ledger_.leases().contains(granted->lease)) << "acknowledged but not recorded";
  }
}

void History::PassTime() {
  static constexpr int64_t kStepsUs[] = {0, 1, 1'000, 100'000, 1'000'000, 7'000'000, 61'000'000};
  PassTimeUntil(now_ + absl::Microseconds(kStepsUs[Random(7)]));
}

void History::PassTimeUntil(BootTime until) {
  for (int i = 0; broker_->NextDeadline() <= until; ++i) {
    ASSERT_LT(i, 10'000) << "deadlines that settling does not clear";
    now_ = std::max(now_, broker_->NextDeadline());
    Commit();
  }
  now_ = until;
}

}  // namespace zbroker::sim
