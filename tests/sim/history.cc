#include "tests/sim/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace zbroker::sim {
namespace {

constexpr absl::Time kEpoch = absl::UnixEpoch();

}  // namespace

History::History(uint32_t seed)
    : random_(seed), twins_(seed ^ 0x9e3779b9), now_(BootTime::FromMicros(1'000'000'000'000)) {
  static constexpr std::array kStreams = {3, 12, 12, 40, 400};
  streams_max_ = static_cast<size_t>(kStreams[static_cast<size_t>(Random(kStreams.size()))]);
  sessions_ = 1 + Random(Chance(50) ? 4 : 40);
  config_ = configs_.Any();
  // Just after midnight on some day of 2026.
  const absl::Time wall = kEpoch + absl::Hours(24) * (20'454 + Random(365)) + absl::Seconds(5);
  wall_ = core::WallClock::From({now_, wall});
  twins_.Start(config_, wall_);
}

void History::Step() {
  const int commands = 1 + Random(4);
  for (int i = 0; i < commands; ++i) Command();
  Disaster();
  Commit();
  PassTime();
  if (!::testing::Test::HasFailure()) return;
  constexpr size_t kTail = 3'000;
  const std::string& all = transcript();
  ADD_FAILURE() << "after:\n..." << all.substr(all.size() - std::min(all.size(), kTail));
}

void History::Drain() {
  ledger_fails_ = false;
  Commit();
  // A clock that was set back by weeks is right again: what earlier boots charged is past.
  if (const BootTime last = ledger_.LastCharge(); last > now_) StepWallClock(last - now_);
  core::Client admin = AnyClient();
  admin.admin = true;
  for (const core::AccountConfig& account : config_.accounts) {
    Apply(core::SetPaused{admin, account.name, false, /*end_breaker=*/true});
  }
  Commit();
  // Windows that hold work up are up to 30 s long, and hold one of the heaviest charges at least.
  constexpr int kSecondsMax = 3'000;
  for (int second = 0; second < kSecondsMax; ++second) {
    for (const core::LeaseId id : ledger_.open()) {
      Apply(core::Release{.client = admin, .lease = id});
    }
    Commit();
    const std::optional<BootTime> room = FirstRoom();
    // One whose unit was changed may be full for as long as it is, which its waiters are told.
    if (!room || *room > now_ + absl::Hours(1)) return;
    PassTimeUntil(now_ + absl::Seconds(1));
    if (::testing::Test::HasFailure()) return;
  }
  ADD_FAILURE() << "somebody waits for ever:\n" << twins_.Describe(now_);
}

std::optional<BootTime> History::FirstRoom() {
  std::optional<BootTime> first;
  bool in_order = false;
  for (const auto& account : twins_.TakeSnapshot(now_).accounts) {
    for (const core::WaiterSnapshot& one : account.waiters) {
      const core::WaitReason reason = one.state.reason;
      // It waits for others, who count themselves.
      in_order |= reason == core::WaitReason::kOrder;
      if (reason == core::WaitReason::kOrder) continue;
      const bool knows_when = reason == core::WaitReason::kWindow ||
                              reason == core::WaitReason::kPace ||
                              reason == core::WaitReason::kOffPeak;
      const BootTime at = knows_when ? one.state.until.value_or(now_) : now_;
      first = std::min(first.value_or(at), at);
    }
  }
  return first || !in_order ? first : now_;
}

void History::Apply(const core::Command& command) { twins_.Apply(command, now_); }

void History::NoteGrants(const core::Effects& effects) {
  granted_now_.clear();
  charged_now_.clear();
  for (const core::Record& record : effects.records) {
    const auto* opened = std::get_if<core::LeaseOpened>(&record);
    if (opened == nullptr) continue;
    EXPECT_FALSE(going_down_) << "a grant of a daemon that ends";
    granted_now_.insert(opened->lease);
    for (const core::Charge& charge : opened->charges) {
      charged_now_.insert({opened->request.account, charge.window});
    }
  }
}

void History::Commit() {
  core::Effects effects = twins_.Settle(now_);
  NoteGrants(effects);
  CheckLearned(effects.records);
  std::vector<core::AddressedEvent> refusals;
  if (ledger_fails_ && !ledger_failed_ && !effects.records.empty()) {
    twins_.LedgerFailed(absl::UnavailableError("sim"), effects, refusals);
    ledger_failed_ = true;
  }
  Write(effects);
  ReadEvents(refusals);
  ReadEvents(effects.events);
  if (ledger_failed_) return;
  const core::Snapshot snapshot = twins_.TakeSnapshot(now_);
  NoteTrials(snapshot);
  if (!ledger_fails_ && !going_down_ && !clock_unread_) CheckInvariants(snapshot);
}

void History::Write(core::Effects& effects) {
  if (!ledger_failed_) {
    ledger_.Write(effects.records);
    CheckGrants(effects);
    return;
  }
  for (const core::Record& record : effects.records) {
    EXPECT_FALSE(std::holds_alternative<core::LeaseOpened>(record))
        << "a grant while nothing can be recorded";
  }
  unwritten_.insert(unwritten_.end(), effects.records.begin(), effects.records.end());
  if (ledger_fails_) return;
  ledger_.Write(std::exchange(unwritten_, {}));
  ledger_failed_ = false;
  twins_.LedgerWorks();
  Commit();  // what was due while nothing could be written
}

void History::ReadEvents(const std::vector<core::AddressedEvent>& events) {
  for (const core::AddressedEvent& one : events) {
    const auto* granted = std::get_if<core::Granted>(&one.event);
    if (granted == nullptr) continue;
    EXPECT_TRUE(ledger_.Knows(granted->lease)) << "acknowledged but not recorded";
    EXPECT_GE(granted->waited, absl::ZeroDuration()) << granted->ticket;
  }
}

void History::PassTime() {
  static constexpr std::array<int64_t, 8> kStepsUs = {0,         1,         1'000,     100'000,
                                                      1'000'000, 3'000'000, 7'000'000, 61'000'000};
  PassTimeUntil(now_ + absl::Microseconds(kStepsUs[static_cast<size_t>(Random(kStepsUs.size()))]));
}

void History::PassTimeUntil(BootTime until) {
  // A window of a second may have as many in a day, of which all but the first are like another.
  constexpr int kDeadlinesMax = 2'000;
  for (int i = 0; twins_.NextDeadline() <= until; ++i) {
    if (i == kDeadlinesMax) return;
    const BootTime next = std::max(now_, twins_.NextDeadline());
    twins_.PassTime(now_, next);
    now_ = next;
    Commit();
    if (::testing::Test::HasFailure()) return;
    ASSERT_GT(twins_.NextDeadline(), now_) << "a deadline that settling does not clear";
  }
  twins_.PassTime(now_, until);
  now_ = until;
}

}  // namespace zbroker::sim
