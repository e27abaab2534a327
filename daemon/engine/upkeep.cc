// What the engine sees to in its turn besides commands: the wall clock, the ledger's files and old
// rows, and holders that can't speak for themselves.
#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "client/base/log.h"
#include "client/base/process.h"
#include "client/base/sparse_log.h"
#include "client/base/status.h"
#include "daemon/core/wall_clock.h"
#include "daemon/core/window.h"
#include "daemon/engine/engine.h"

namespace zbroker::engine {
namespace {

constexpr absl::Duration kHousekeepInterval = absl::Hours(1);
// Between two slices of a long clean-up, so that batches pass in between.
constexpr absl::Duration kHousekeepPause = absl::Milliseconds(20);
constexpr absl::Duration kRebuildPause = absl::Seconds(1);
constexpr absl::Duration kSpareShortest = absl::Milliseconds(50);
constexpr absl::Duration kSpareLongest = absl::Seconds(1);

absl::Duration LongestWindow(const core::BrokerConfig& config) {
  absl::Duration longest;
  for (const core::AccountConfig& account : config.accounts) {
    for (const core::WindowConfig& window : account.windows) {
      longest = std::max(longest, core::Window::History(window));
    }
  }
  return longest;
}

}  // namespace

void Engine::NoteWallClock(const Now& now) {
  if (failing_) return;
  const auto stepped = ledger_->NoteWallClock(now);
  absl::Status status = stepped.status();
  if (stepped.ok() && *stepped) {
    LogInfo("the wall clock was set");
    broker_.SetWallClock(core::WallClock::From(now));
    rebuild_due_ = true;
    rebuild_at_ = now.boot;
  }
  if (rebuild_due_ && now.boot >= rebuild_at_) {
    rebuild_at_ = now.boot + kRebuildPause;
    status = Reconfigure(broker_.config(), now);
  }
  if (!status.ok()) LogWarningSparsely("a step of the wall clock: ", status.message());
}

void Engine::Recorded(core::Effects& effects) {
  WatchHolders(effects.records);
  Deliver(std::move(effects.events));
  const bool news = std::ranges::any_of(effects.records, [](const core::Record& record) {
    return std::holds_alternative<core::Happening>(record);
  });
  if (news) outgoing_.Add([this] { events_.Notify(); });
}

void Engine::WatchHolders(const std::vector<core::Record>& recorded) {
  for (const core::Record& record : recorded) {
    const auto* opened = std::get_if<core::LeaseOpened>(&record);
    if (opened != nullptr && opened->request.ttl == absl::ZeroDuration()) {
      wait_set_.Watch(opened->holder, opened->lease);
    } else if (const auto* closed = std::get_if<core::LeaseClosed>(&record)) {
      wait_set_.Closed(closed->lease);
    }
  }
}

void Engine::SpareStoppedHolders(const Now& now) {
  const absl::Duration grace = broker_.config().reclaim_grace;
  std::vector<FormerHolder> left;  // a loop, as the analysis of locks sees through no lambda
  for (FormerHolder& one : former_holders_) {
    const auto stat = ReadProcessStat(one.holder.pid);
    if (!stat || stat->start_ticks != one.holder.start_ticks) continue;
    if (stat->stopped()) {
      one.running_since = now.boot;
      broker_.Apply(core::HolderStopped{one.holder.pid, one.holder.start_ticks}, now.boot,
                    effects_);
    } else if (now.boot - one.running_since > grace) {
      continue;
    }
    left.push_back(one);
  }
  former_holders_ = std::move(left);
  spare_at_ = former_holders_.empty()
                  ? BootTime::InfiniteFuture()
                  : now.boot + std::clamp(grace / 4, kSpareShortest, kSpareLongest);
}

void Engine::TakeLook(LookRequest& look, const Now& now) {
  absl::Status gone = look.home.ok() ? ledger_->CheckFiles() : look.home;
  if (gone.ok() != gone_.ok()) {
    // What was granted until now.
    Finish(now);
    if (!gone.ok()) {
      LogError(gone.message());
      core::Effects none;
      Refuse(gone, none);
    } else {
      LogInfo("the ledger is back in its place");
      if (!failing_) broker_.LedgerWorks();
    }
  }
  gone_ = std::move(gone);
  size_t open = 0;
  if (!gone_.ok()) {
    for (const auto& account : broker_.TakeSnapshot(now.boot).accounts) {
      open += account.leases.size();
    }
  }
  outgoing_.Add([done = std::move(look.done), open] { done(open); });
}

void Engine::Housekeep(const Now& now) {
  housekeep_at_ = now.boot + kHousekeepInterval;
  if (failing_) return;
  const absl::Duration retention = broker_.config().retention;
  const auto more = ledger_->Prune(now.boot - retention,
                                   now.boot - std::max(retention, LongestWindow(broker_.config())));
  if (!more.ok()) {
    LogWarning("can't drop old rows: ", more.status().message());
  } else if (*more) {
    housekeep_at_ = now.boot + kHousekeepPause;
  }
}

}  // namespace zbroker::engine
