#include "daemon/engine/engine.h"

#include <malloc.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "client/base/log.h"
#include "client/base/process.h"
#include "client/base/status.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::engine {
namespace {

constexpr absl::Duration kRetryPauseFirst = absl::Milliseconds(100);
constexpr absl::Duration kRetryPauseLongest = absl::Seconds(5);
constexpr absl::Duration kRelapse = absl::Seconds(10);

// For whoever has read a ledger: a month's charges are held for a moment in the form of the file,
// which glibc would keep for us for ever. Declared before them, as it looks when they are gone.
auto ReturnMemoryAtEnd() {
  return absl::MakeCleanup([] { malloc_trim(0); });
}

bool IsAlive(const core::Holder& holder) {
  // A peer outside our pid namespace can't be seen: give it the benefit of the doubt.
  if (holder.pid == 0) return true;
  const auto stat = ReadProcessStat(holder.pid);
  return stat && stat->alive() && stat->start_ticks == holder.start_ticks;
}

// A holder that is dead, but has left a command behind: as if it had died just now, so that its end
// is noticed like any other.
void TakeForAliveIfCommandRuns(core::Recovered& recovered) {
  std::optional<RunningCommands> commands;
  for (auto& [opened, alive] : recovered.leases) {
    if (alive || opened.request.ttl > absl::ZeroDuration()) continue;
    if (!commands.has_value()) commands = FindRunningCommands();
    alive = RunsUnder(*commands, opened.holder.pid, opened.holder.start_ticks);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(Options options, const Clock& clock) {
  const auto trim = ReturnMemoryAtEnd();
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
    if (opened.request.ttl > absl::ZeroDuration()) continue;
    engine->wait_set_.Watch(opened.holder, opened.lease);
    if (alive) engine->former_holders_.push_back({opened.holder, now.boot});
  }
  if (!recovered.leases.empty()) {
    LogInfo("recovered ", recovered.leases.size(), " open leases");
  }
  engine->housekeep_at_ = now.boot + absl::Minutes(1);
  engine->turn_.Leave();
  engine->thread_ = std::thread([raw = engine.get()] { raw->RunThread(); });
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
        Run();
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
  Run();
}

absl::Status Engine::Put(core::Command command) { return Enqueue(std::move(command), false); }

absl::Status Engine::Post(core::Command command) {
  ZB_RETURN_IF_ERROR(Put(std::move(command)));
  Run();
  return absl::OkStatus();
}

absl::Status Engine::RequestSnapshot(SnapshotCallback done) {
  ZB_RETURN_IF_ERROR(Enqueue(SnapshotRequest{std::move(done)}, false));
  Run();
  return absl::OkStatus();
}

absl::Status Engine::RequestExplanation(core::Question question, ExplanationCallback done) {
  ZB_RETURN_IF_ERROR(Enqueue(ExplainRequest{std::move(question), std::move(done)}, false));
  Run();
  return absl::OkStatus();
}

absl::Status Engine::Reload(core::BrokerConfig config, StatusCallback done) {
  ZB_RETURN_IF_ERROR(Enqueue(ReloadRequest{std::move(config), std::move(done)}, false));
  Run();
  return absl::OkStatus();
}

void Engine::Look(absl::Status home, LookCallback done) {
  Enqueue(LookRequest{std::move(home), std::move(done)}, /*even_if_full=*/true).IgnoreError();
  Run();
  wait_set_.Wake();
}

void Engine::Stop() {
  Enqueue(StopRequest{}, /*even_if_full=*/true).IgnoreError();
  Run();
  if (thread_.joinable()) thread_.join();
}

absl::Status Engine::Enqueue(Input input, bool even_if_full) {
  MutexLock lock(queue_mutex_);
  if (closed_) return absl::UnavailableError("the daemon is going down");
  if (queue_.size() >= kQueueMax && !even_if_full) {
    return absl::UnavailableError("the daemon is too busy; try again");
  }
  queue_.push_back(std::move(input));
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

void Engine::Run() {
  // Looks again after each turn: whoever posted during it found the turn taken and went away.
  for (int batches = 0; HasInputs(); ++batches) {
    if (batches == kBatchesForOthersMax) return wait_set_.Wake();
    if (!turn_.TryTake()) return;
    RunBatch(TakeInputs(), clock_.Read());
    Outgoing outgoing = std::exchange(outgoing_, {});
    turn_.Leave();
    // Whoever posted during the turn has gone away, and delivering may take a while.
    if (HasInputs()) wait_set_.Wake();
    std::move(outgoing).Deliver();
  }
}

void Engine::RunThread() {
  Outgoing outgoing;
  int batches = 0;  // that are not delivered yet
  for (bool stopped = false; !stopped;) {
    turn_.Take();
    const Now now = clock_.Read();
    for (const WaitSet::Ended& one : wait_set_.Collect()) {
      if (one.wrapped != 0) {
        trees_.Look(one.process);  // says itself that the holder has exited
      } else {
        broker_.Apply(one.process, now.boot, effects_);
      }
    }
    RunBatch(TakeInputs(), now);
    if (now.boot >= housekeep_at_) Housekeep(now);
    wait_set_.SetDeadline(NextWake());
    thread_seen_us_ = now.boot.micros();
    stopped = stopping_;
    if (stopped) SayGoingDown();
    outgoing.Append(std::exchange(outgoing_, {}));
    turn_.Leave();
    // As in Run: what was posted during the turn is ours to run, and goes before what may take a
    // while.
    if (!stopped && HasInputs() && ++batches < kBatchesForOthersMax) continue;
    std::exchange(outgoing, {}).Deliver();
    batches = 0;
    if (!stopped && !HasInputs()) wait_set_.Wait();
  }
}

void Engine::RunBatch(std::vector<Input> inputs, const Now& now) noexcept {
  // First, so that what could not be granted meanwhile is settled in this very batch.
  if (failing_ && now.boot >= retry_at_) RetryLedger(now);
  NoteWallClock(now);
  if (now.boot >= spare_at_) SpareStoppedHolders(now);
  Apply(std::move(inputs), now);
  AnswerSnapshots(now);
  if (stopping_) wait_set_.Wake();
  wait_set_.SetDeadline(NextWake());
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
    Apply(*command, now);
  } else if (auto* looker = std::get_if<SnapshotRequest>(&input)) {
    lookers_.push_back(std::move(looker->done));
  } else if (auto* asker = std::get_if<ExplainRequest>(&input)) {
    askers_.push_back(std::move(*asker));
  } else if (auto* reload = std::get_if<ReloadRequest>(&input)) {
    outgoing_.Add([done = std::move(reload->done),
                   status = Reconfigure(std::move(reload->config), now)] { done(status); });
  } else if (auto* look = std::get_if<LookRequest>(&input)) {
    TakeLook(*look, now);
  } else {
    stopping_ = true;
    broker_.GoDown();
  }
}

void Engine::Apply(const core::Command& command, const Now& now) {
  if (AsksOnClosedStream(command)) return;
  const size_t before = effects_.events.size();
  broker_.Apply(command, now.boot, effects_);
  // Whoever re-claims a lease, or asks for it again with its ticket, may be another process than
  // the one that took it.
  if (const auto* hello = std::get_if<core::Hello>(&command)) {
    if (!hello->reclaims.empty()) {
      wait_set_.Watch(hello->client.holder, hello->reclaims.front().lease);
    }
  } else if (const auto* acquire = std::get_if<core::Acquire>(&command)) {
    if (acquire->request.ttl > absl::ZeroDuration()) return;
    for (size_t i = before; i < effects_.events.size(); ++i) {
      const auto* granted = std::get_if<core::Granted>(&effects_.events[i].event);
      if (granted != nullptr) wait_set_.Watch(acquire->client.holder, granted->lease);
    }
  }
}

void Engine::Refuse(const absl::Status& cause, core::Effects& effects) {
  std::vector<core::AddressedEvent> refusals;
  broker_.LedgerFailed(cause, effects, refusals);
  Deliver(std::move(refusals));
}

bool Engine::AsksOnClosedStream(const core::Command& command) {
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
  const auto trim = ReturnMemoryAtEnd();
  ZB_ASSIGN_OR_RETURN(const core::Recovered recovered, ledger_->RecoverAccounts(config, now));
  broker_.SetWallClock(core::WallClock::From(now));
  broker_.Reconfigure(std::move(config), recovered, now.boot, effects_);
  rebuild_due_ = false;
  return absl::OkStatus();
}

void Engine::Finish(const Now& now) {
  if (effects_.records.empty() && effects_.events.empty()) return;
  if (failing_) {
    if (effects_.records.empty()) {
      Deliver(std::move(effects_.events));
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
    Recorded(effects_);
  } else {
    LogError(status.message());
    failing_ = true;
    // On a disk with hardly any room left it works for one small write and fails with the next.
    const bool again = now.boot - works_since_ < kRelapse;
    retry_pause_ = again ? std::min(retry_pause_ * 2, kRetryPauseLongest) : kRetryPauseFirst;
    retry_at_ = now.boot + retry_pause_;
    Refuse(status, effects_);
    held_back_ = std::exchange(effects_, {});
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
  works_since_ = now.boot;
  Recorded(held_back_);
  held_back_.Clear();
  if (gone_.ok()) {
    broker_.LedgerWorks();
  } else {
    core::Effects none;
    Refuse(gone_, none);
  }
}

void Engine::AnswerSnapshots(const Now& now) {
  for (ExplainRequest& asker : std::exchange(askers_, {})) {
    outgoing_.Add([done = std::move(asker.done),
                   explanation = broker_.Explain(asker.question, now.boot),
                   now] { done(explanation, now); });
  }
  if (lookers_.empty()) return;
  const auto snapshot = std::make_shared<const core::Snapshot>(broker_.TakeSnapshot(now.boot));
  for (SnapshotCallback& done : std::exchange(lookers_, {})) {
    outgoing_.Add([done = std::move(done), snapshot, now] { done(snapshot, now); });
  }
}

BootTime Engine::NextWake() const {
  BootTime next = std::min({broker_.NextDeadline(), housekeep_at_, spare_at_});
  // While the ledger fails nothing can be rebuilt, and it is what is retried.
  if (rebuild_due_ && !failing_) next = std::min(next, rebuild_at_);
  return failing_ ? std::min(next, retry_at_) : next;
}

void Engine::Deliver(std::vector<core::AddressedEvent> events) {
  MutexLock lock(sinks_mutex_);
  for (core::AddressedEvent& one : events) {
    const auto found = sinks_.find(one.stream);
    if (found == sinks_.end()) continue;
    found->second->Keep(std::move(one.event));
    outgoing_.Add(found->second);
  }
}

void Engine::SayGoingDown() {
  {
    MutexLock lock(queue_mutex_);
    closed_ = true;
  }
  // What came after the last batch: a release in it is still done, as nothing else may be.
  const Now now = clock_.Read();
  Apply(TakeInputs(), now);
  if (failing_) {
    const absl::Status status = ledger_->Commit(held_back_.records);
    if (status.ok()) Deliver(std::move(held_back_.events));
    if (!status.ok()) LogError("ending with unrecorded releases: ", status.message());
  }
  AnswerSnapshots(now);
  MutexLock lock(sinks_mutex_);
  for (const auto& [stream, sink] : sinks_) {
    sink->Keep(core::GoingDown{});
    outgoing_.Add(sink);
  }
}

}  // namespace zbroker::engine
