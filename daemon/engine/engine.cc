#include "daemon/engine/engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/log.h"
#include "client/base/process.h"
#include "client/base/status.h"
#include "daemon/core/wall_clock.h"
#include "daemon/core/window.h"

namespace zbroker::engine {
namespace {

constexpr absl::Duration kRetryPauseFirst = absl::Milliseconds(100);
constexpr absl::Duration kRetryPauseLongest = absl::Seconds(5);
constexpr absl::Duration kHousekeepInterval = absl::Hours(1);
// Between two slices of a long clean-up, so that batches pass in between.
constexpr absl::Duration kHousekeepPause = absl::Milliseconds(20);

bool IsAlive(const core::Holder& holder) {
  // A peer outside our pid namespace can't be seen: give it the benefit of the doubt.
  if (holder.pid == 0) return true;
  const auto stat = ReadProcessStat(holder.pid);
  return stat && stat->alive() && stat->start_ticks == holder.start_ticks;
}

absl::Duration LongestWindow(const core::BrokerConfig& config) {
  absl::Duration longest;
  for (const core::AccountConfig& account : config.accounts) {
    for (const core::WindowConfig& window : account.windows) {
      longest = std::max(longest, core::Window::History(window));
    }
  }
  return longest;
}

// A holder that is dead, but has left a command behind: as if it had died just now, so that its end
// is noticed like any other.
void TakeForAliveIfCommandRuns(core::Recovered& recovered) {
  std::optional<RunningCommands> commands;
  for (auto& [opened, alive] : recovered.leases) {
    if (alive || opened.request.ttl > absl::ZeroDuration()) continue;
    if (!commands.has_value()) commands = FindRunningCommands();
    alive = RunsUnder(*commands, opened.lease, opened.holder.start_ticks);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(Options options, const Clock& clock) {
  const Now now = clock.Read();
  ZB_ASSIGN_OR_RETURN(auto ledger, ledger::Ledger::Open(options.ledger_path, ReadBootId(), now));
  ZB_ASSIGN_OR_RETURN(core::Recovered recovered, ledger->Recover(options.config, now, IsAlive));
  TakeForAliveIfCommandRuns(recovered);
  ZB_ASSIGN_OR_RETURN(WaitSet wait_set, WaitSet::Create());
  auto engine = std::unique_ptr<Engine>(
      new Engine(std::move(ledger), std::move(options.config), clock, std::move(wait_set)));
  engine->turn_.Take();
  engine->broker_.SetWallClock(core::WallClock::From(now));
  engine->broker_.Restore(recovered, now.boot);
  for (const auto& [opened, alive] : recovered.leases) {
    if (opened.request.ttl == absl::ZeroDuration()) {
      engine->wait_set_.Watch(opened.holder, opened.lease);
    }
  }
  if (!recovered.leases.empty()) {
    LogInfo("recovered ", recovered.leases.size(), " open leases");
  }
  engine->housekeep_at_ = now.boot + absl::Minutes(1);
  engine->turn_.Leave();
  engine->thread_ = std::thread([raw = engine.get()] { raw->Run(); });
  return engine;
}

Engine::Engine(std::unique_ptr<ledger::Ledger> ledger, core::BrokerConfig config,
               const Clock& clock, WaitSet wait_set)
    : clock_(clock),
      ledger_(std::move(ledger)),
      broker_(std::move(config)),
      wait_set_(std::move(wait_set)),
      trees_(clock, [this](const core::HolderExited& exited) {
        Enqueue(core::Command(exited), /*even_if_full=*/true).IgnoreError();
      }) {}

Engine::~Engine() { Stop(); }

core::StreamId Engine::OpenStream(std::shared_ptr<EventSink> sink) {
  MutexLock lock(sinks_mutex_);
  sinks_.emplace(++last_stream_, std::move(sink));
  return last_stream_;
}

void Engine::CloseStream(core::StreamId stream) {
  {
    MutexLock lock(sinks_mutex_);
    sinks_.erase(stream);
  }
  // A lost end would leak what the stream held; streams are bounded, so these fit beyond the limit.
  Enqueue(core::Command(core::StreamClosed{stream}), /*even_if_full=*/true).IgnoreError();
}

absl::Status Engine::Post(core::Command command) { return Enqueue(std::move(command), false); }

absl::Status Engine::RequestSnapshot(SnapshotCallback done) {
  return Enqueue(SnapshotRequest{std::move(done)}, false);
}

absl::Status Engine::Reload(core::BrokerConfig config, StatusCallback done) {
  return Enqueue(ReloadRequest{std::move(config), std::move(done)}, false);
}

void Engine::Stop() {
  Enqueue(StopRequest{}, /*even_if_full=*/true).IgnoreError();
  if (thread_.joinable()) thread_.join();
}

absl::Status Engine::Enqueue(Input input, bool even_if_full) {
  {
    MutexLock lock(queue_mutex_);
    if (closed_) return absl::UnavailableError("the daemon is going down");
    if (queue_.size() >= kQueueMax && !even_if_full) {
      return absl::UnavailableError("the daemon is too busy; try again");
    }
    queue_.push_back(std::move(input));
  }
  RunIfIdle();
  return absl::OkStatus();
}

std::vector<Engine::Input> Engine::TakeInputs() {
  MutexLock lock(queue_mutex_);
  return std::exchange(queue_, {});
}

bool Engine::HasInputs() {
  MutexLock lock(queue_mutex_);
  return !queue_.empty();
}

void Engine::RunIfIdle() {
  // Looks again after each turn: whoever posted during it found the turn taken and went away.
  for (int batches = 0; HasInputs(); ++batches) {
    if (batches == kBatchesForOthersMax) return wait_set_.Wake();
    if (!turn_.TryTake()) return;
    RunBatch(TakeInputs(), clock_.Read());
    turn_.Leave();
  }
}

void Engine::Run() {
  for (bool stopped = false; !stopped;) {
    turn_.Take();
    const Now now = clock_.Read();
    for (const WaitSet::Ended& one : wait_set_.Collect()) {
      if (one.wrapped != 0) {
        trees_.Look(one.process, one.wrapped);  // says itself that the holder has exited
      } else {
        broker_.Apply(one.process, now.boot, effects_);
      }
    }
    RunBatch(TakeInputs(), now);
    if (now.boot >= housekeep_at_) Housekeep(now);
    wait_set_.SetDeadline(NextWake());
    stopped = stopping_;
    if (stopped) SayGoingDown();
    turn_.Leave();
    // As in RunIfIdle: what was posted during the turn is ours to run.
    if (!stopped && !HasInputs()) wait_set_.Wait();
  }
}

void Engine::RunBatch(std::vector<Input> inputs, const Now& now) noexcept {
  NoteWallClock(now);
  Apply(std::move(inputs), now);
  if (failing_ && now.boot >= retry_at_) RetryLedger(now);
  AnswerSnapshots(now);
  if (stopping_) wait_set_.Wake();
  wait_set_.SetDeadline(NextWake());
}

void Engine::NoteWallClock(const Now& now) {
  if (failing_) return;
  const auto stepped = ledger_->NoteWallClock(now);
  absl::Status status = stepped.status();
  if (stepped.ok() && *stepped) {
    LogInfo("the wall clock was set");
    broker_.SetWallClock(core::WallClock::From(now));
    status = Reconfigure(broker_.config(), now);
  }
  if (!status.ok()) LogWarning(status.message());
}

void Engine::Apply(std::vector<Input> inputs, const Now& now) {
  for (Input& input : inputs) {
    Handle(input, now);
    // While failing, one answer must not wait for another one's record.
    if (failing_) Finish(now);
  }
  broker_.Settle(now.boot, effects_);
  Finish(now);
}

void Engine::Handle(Input& input, const Now& now) {
  if (const auto* command = std::get_if<core::Command>(&input)) {
    if (AsksInVain(*command)) return;
    if (const auto* hello = std::get_if<core::Hello>(command); hello && !hello->reclaims.empty()) {
      wait_set_.Watch(hello->client.holder, hello->reclaims.front().lease);
    }
    broker_.Apply(*command, now.boot, effects_);
  } else if (auto* looker = std::get_if<SnapshotRequest>(&input)) {
    lookers_.push_back(std::move(looker->done));
  } else if (auto* reload = std::get_if<ReloadRequest>(&input)) {
    reload->done(Reconfigure(std::move(reload->config), now));
  } else {
    stopping_ = true;
    broker_.GoDown();
  }
}

bool Engine::AsksInVain(const core::Command& command) {
  const auto* acquire = std::get_if<core::Acquire>(&command);
  const auto* hello = std::get_if<core::Hello>(&command);
  if (acquire == nullptr && hello == nullptr) return false;
  const core::Client& client = acquire != nullptr ? acquire->client : hello->client;
  MutexLock lock(sinks_mutex_);
  return !sinks_.contains(client.stream);
}

absl::Status Engine::Reconfigure(core::BrokerConfig config, const Now& now) {
  // The windows are filled from the ledger, so all that this batch did has to be there first.
  broker_.Settle(now.boot, effects_);
  Finish(now);
  if (failing_) return absl::UnavailableError("the ledger can't be written; reload again later");
  ZB_ASSIGN_OR_RETURN(const core::Recovered recovered, ledger_->RecoverAccounts(config, now));
  broker_.SetWallClock(core::WallClock::From(now));
  broker_.Reconfigure(std::move(config), recovered, now.boot, effects_);
  return absl::OkStatus();
}

void Engine::Finish(const Now& now) {
  if (effects_.records.empty() && effects_.events.empty()) return;
  if (failing_) {
    if (effects_.records.empty()) {
      Deliver(effects_.events);
    } else {
      std::move(effects_.records.begin(), effects_.records.end(),
                std::back_inserter(held_back_.records));
      std::move(effects_.events.begin(), effects_.events.end(),
                std::back_inserter(held_back_.events));
    }
    effects_.Clear();
    return;
  }
  const absl::Status status = ledger_->Commit(effects_.records);
  if (status.ok()) {
    for (const core::Record& record : effects_.records) {
      const auto* opened = std::get_if<core::LeaseOpened>(&record);
      if (opened != nullptr && opened->request.ttl == absl::ZeroDuration()) {
        wait_set_.Watch(opened->holder, opened->lease);
      }
    }
    Deliver(effects_.events);
  } else {
    LogError(status.message());
    failing_ = true;
    retry_pause_ = kRetryPauseFirst;
    retry_at_ = now.boot + retry_pause_;
    std::vector<core::AddressedEvent> refusals;
    broker_.LedgerFailed(status, effects_, refusals);
    held_back_ = std::exchange(effects_, {});
    Deliver(refusals);
  }
  effects_.Clear();
}

void Engine::RetryLedger(const Now& now) {
  absl::Status status = ledger_->Probe();
  if (status.ok()) status = ledger_->Commit(held_back_.records);
  if (!status.ok()) {
    retry_pause_ = std::min(retry_pause_ * 2, kRetryPauseLongest);
    retry_at_ = now.boot + retry_pause_;
    return;
  }
  LogInfo("the ledger can be written again");
  failing_ = false;
  broker_.LedgerWorks();
  Deliver(held_back_.events);
  held_back_.Clear();
}

void Engine::AnswerSnapshots(const Now& now) {
  if (lookers_.empty()) return;
  const auto snapshot = std::make_shared<const core::Snapshot>(broker_.TakeSnapshot(now.boot));
  for (const SnapshotCallback& done : std::exchange(lookers_, {})) done(snapshot, now);
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

BootTime Engine::NextWake() const {
  const BootTime next = std::min(broker_.NextDeadline(), housekeep_at_);
  return failing_ ? std::min(next, retry_at_) : next;
}

void Engine::Deliver(const std::vector<core::AddressedEvent>& events) {
  for (const core::AddressedEvent& one : events) {
    std::shared_ptr<EventSink> sink;
    {
      MutexLock lock(sinks_mutex_);
      const auto found = sinks_.find(one.stream);
      if (found != sinks_.end()) sink = found->second;
    }
    if (sink != nullptr) sink->OnEvent(one.event);
  }
}

void Engine::SayGoingDown() {
  {
    MutexLock lock(queue_mutex_);
    closed_ = true;
  }
  if (failing_) {
    const absl::Status status = ledger_->Commit(held_back_.records);
    if (status.ok()) Deliver(held_back_.events);
    if (!status.ok()) LogError("ending with unrecorded releases: ", status.message());
  }
  // What came after the last batch. Commands need no answer: their streams hear GoingDown.
  const Now now = clock_.Read();
  for (Input& input : TakeInputs()) {
    if (auto* looker = std::get_if<SnapshotRequest>(&input)) {
      lookers_.push_back(std::move(looker->done));
    } else if (auto* reload = std::get_if<ReloadRequest>(&input)) {
      reload->done(absl::UnavailableError("the daemon is going down"));
    }
  }
  AnswerSnapshots(now);
  std::vector<std::shared_ptr<EventSink>> all;
  {
    MutexLock lock(sinks_mutex_);
    for (const auto& [stream, sink] : sinks_) all.push_back(sink);
  }
  for (const auto& sink : all) sink->OnEvent(core::GoingDown{});
}

}  // namespace zbroker::engine
