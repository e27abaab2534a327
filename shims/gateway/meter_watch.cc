#include "shims/gateway/meter_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "client/base/log.h"
#include "client/base/sparse_log.h"

namespace zbroker::gateway {
namespace {

// As Anthropic's clients send it, or as all others do.
absl::string_view KeyOf(const Headers& headers) {
  absl::string_view key = FindHeader(headers, "x-api-key");
  if (!key.empty()) return key;
  key = FindHeader(headers, "authorization");
  constexpr absl::string_view kBearer = "bearer ";
  if (absl::StartsWithIgnoreCase(key, kBearer)) key.remove_prefix(kBearer.size());
  return key;
}

// A wall clock that is set back must not put the next question off.
BootTime ReadBoot() { return Clock::System().Read().boot; }

}  // namespace

MeterWatch::MeterWatch(Options options) : options_(std::move(options)) {
  thread_ = std::thread([this] { Run(); });
}

MeterWatch::~MeterWatch() {
  {
    MutexLock lock(mutex_);
    ended_ = true;
    changed_.SignalAll();
  }
  thread_.join();
}

void MeterWatch::Passed(const Headers& headers, bool wall) { Keep(headers, true, wall); }

void MeterWatch::Refused(const Headers& headers) { Keep(headers, false, true); }

void MeterWatch::Keep(const Headers& headers, bool let_in, bool wall) {
  const absl::string_view text = KeyOf(headers);
  if (text.empty()) return;
  MutexLock lock(mutex_);
  if (let_in || !let_in_) {
    if (key_.text() != text) {
      auto key = meter::Key::Parse("the request", text);
      if (!key.ok()) return;
      key_ = *std::move(key);
    }
    let_in_ = let_in;
  }
  if (wall) wall_met_ = ReadBoot();
  if (!std::exchange(traffic_, true)) changed_.SignalAll();
}

bool MeterWatch::Await(absl::Duration gap, bool wall) {
  const BootTime due = ReadBoot() + gap;
  MutexLock lock(mutex_);
  while (!ended_) {
    const absl::Duration left = due - ReadBoot();
    const bool reason = !key_.empty() && (traffic_ || wall);
    if (reason && left <= absl::ZeroDuration()) {
      traffic_ = false;
      return true;
    }
    if (reason) {
      changed_.WaitFor(mutex_, left);
    } else {
      changed_.Wait(mutex_);
    }
  }
  return false;
}

void MeterWatch::Run() {
  meter::Pace pace(options_.every);
  meter::Reader reader({.account = options_.account,
                        .origin = options_.origin,
                        .apart = std::max(options_.apart, options_.every * 9 / 10)});
  absl::Duration gap;
  bool wall = false;
  while (Await(gap, wall)) {
    meter::Key key;
    bool wall_met = false;
    {
      MutexLock lock(mutex_);
      key = key_;
      // Until the round after the next at least.
      wall_met = wall_met_ && ReadBoot() - *wall_met_ < 2 * options_.every + absl::Minutes(1);
    }
    const BootTime began = ReadBoot();
    const meter::Reader::Round round = reader.Read(key);
    using State = meter::Reader::Round::State;
    if (round.state == State::kTrouble) LogWarningSparsely("meter: ", round.words);
    if (!round.lifted.empty()) LogInfo("meter: ", round.words);
    // Without a daemon nobody knows that it is gone.
    if (round.state != State::kNoDaemon) wall = round.wall || wall_met;
    pace.Ended(ResultOf(round.state));
    gap = began + pace.gap() - ReadBoot();
  }
}

}  // namespace zbroker::gateway
