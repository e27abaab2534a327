// What happens to the daemon, its ledger, its clocks and its machine in a history.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "tests/sim/history.h"

namespace zbroker::sim {

void History::Disaster() {
  const int die = Random(1'000);
  if (die < 10) {
    Reconfigure(configs_.Any());
  } else if (die < 40) {
    Reconfigure(configs_.Changed(config_));
  } else if (die < 80) {
    ledger_fails_ = !ledger_fails_;
    twins_.Note(now_, ledger_fails_ ? "the ledger fails" : "the ledger works");
  } else if (die < 92) {
    SetWallClock();
  } else if (die < 108) {
    Commit();
    RestartDaemon();
  } else if (die < 112) {
    EndDaemon();
  } else if (die < 118) {
    RestartMachine();
  } else if (die < 124) {
    Idle();
  }
}

void History::Reconfigure(core::BrokerConfig config) {
  Commit();  // the engine reads the ledger for this, so nothing may be unwritten
  if (ledger_failed_) return;
  for (const core::AccountConfig& account : config_.accounts) {
    const auto same = [&](const core::AccountConfig& one) {
      return one.name == account.name && one.slots.limit == account.slots.limit &&
             one.slots.learn == account.slots.learn;
    };
    if (!std::ranges::any_of(config.accounts, same)) known_[account.name].trials.clear();
  }
  config_ = std::move(config);
  rules_changed_ = now_;
  twins_.Note(now_, "reconfigured");
  twins_.Reconfigure(config_, ledger_.Recover(alive_), now_);
}

void History::SetWallClock() {
  static constexpr std::array kSteps = {absl::Milliseconds(1), absl::Seconds(30), absl::Minutes(20),
                                        absl::Hours(24), absl::Hours(24 * 40)};
  const absl::Duration step = kSteps[static_cast<size_t>(Random(kSteps.size()))];
  StepWallClock(Chance(50) ? -step : step);
}

void History::StepWallClock(absl::Duration step) {
  Commit();
  if (ledger_failed_) return;  // it is noticed when the ledger can be written again
  wall_.offset_us += absl::ToInt64Microseconds(step);
  twins_.Note(now_, absl::StrCat("the wall clock shows ", absl::FormatDuration(step), " more"));
  ledger_.WallClockStepped(step);
  twins_.SetWallClock(wall_);
  clock_unread_ = true;
  Commit();
  clock_unread_ = false;
  const core::Recovered recovered = ledger_.Recover(alive_);
  NoteWalls(recovered, now_);  // one that was over may stand again
  twins_.Reconfigure(config_, recovered, now_);
}

void History::NoteWalls(const core::Recovered& recovered, BootTime since) {
  for (const core::BlockSet& set : recovered.blocks) {
    if (set.block.Refuses() && set.block.until > since) known_[set.account].paced = true;
  }
}

void History::RestartDaemon() {
  // Dies: what was not written is gone, and so is every stream. What was held back while the ledger
  // failed was acknowledged to nobody.
  streams_.clear();
  unwritten_.clear();
  known_.clear();
  ledger_fails_ = ledger_failed_ = going_down_ = false;
  twins_.Start(config_, wall_);
  twins_.Note(now_, "a new daemon");
  ledger_.NoteStart(now_);
  const core::Recovered recovered = ledger_.Recover(alive_);
  twins_.Restore(recovered, now_);
  // Whoever waited for the end of a block while there was no daemon comes back to this one.
  NoteWalls(recovered, now_ - config_.reclaim_grace);
  Commit();
}

// Told to end: it still hears of what ends, but grants nothing.
void History::EndDaemon() {
  Commit();
  if (ledger_failed_) return;
  twins_.GoDown();
  going_down_ = true;
  const int batches = 1 + Random(3);
  for (int i = 0; i < batches; ++i) {
    Command();
    Commit();
    PassTimeUntil(now_ + absl::Milliseconds(Random(20)));
  }
  RestartDaemon();
}

// Every process is gone, and its clock begins anew.
void History::RestartMachine() {
  const absl::Duration off = absl::Seconds(Random(Chance(50) ? 60 : 3'000'000));
  const BootTime booted = BootTime::FromMicros(5'000'000 + Random(60'000'000));
  const absl::Duration shift = booted - (now_ + off);
  now_ = booted;
  wall_.offset_us -= absl::ToInt64Microseconds(shift);
  ledger_.MachineRestarted(shift);
  alive_.clear();
  living_.clear();
  left_running_.clear();
  RestartDaemon();
}

// Nobody wants anything, for hours or months.
void History::Idle() {
  Commit();
  if (ledger_failed_) return;
  std::vector<core::Command> cancels;
  for (const core::AccountSnapshot& account : twins_.TakeSnapshot(now_).accounts) {
    for (const core::WaiterSnapshot& one : account.waiters) {
      core::Client client = one.waiter.client;
      cancels.push_back(core::Cancel{client, one.waiter.request.ticket});
    }
  }
  for (const core::Command& cancel : cancels) Apply(cancel);
  Commit();
  static constexpr std::array kLengths = {absl::Hours(1), absl::Hours(5), absl::Hours(24),
                                          absl::Hours(24 * 8), absl::Hours(24 * 40)};
  PassTimeUntil(now_ + kLengths[static_cast<size_t>(Random(kLengths.size()))]);
  // Days begin with what depends on their hours.
  const absl::Time wall = wall_.At(now_);
  const absl::Time midnight = absl::FromCivil(
      absl::CivilDay(absl::ToCivilDay(wall, absl::UTCTimeZone())) + 1, absl::UTCTimeZone());
  PassTimeUntil(now_ + (midnight - wall) + absl::Minutes(Random(kBusyMinutes)));
}

}  // namespace zbroker::sim
