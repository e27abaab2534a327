// Owns the core and the writing side of the ledger, and runs batches over them, one at a time.
//
// A batch takes everything that is queued, applies it in order, commits once, and only then
// answers: nothing is acknowledged that is not recorded. When the ledger can't be written the
// engine keeps what still has to be recorded, retries with back-off, and until then lets the core
// refuse.
//
// A thread that posts to an idle engine runs the batch itself, since waking another one would take
// longer than the batch. What is posted meanwhile makes the next batch, so work comes in groups as
// soon as there is much of it. The engine's own thread does what time and the ends of processes
// bring, and takes over from threads that have run a few batches for others.
#ifndef ZBROKER_DAEMON_ENGINE_ENGINE_H_
#define ZBROKER_DAEMON_ENGINE_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "daemon/core/broker.h"
#include "daemon/engine/event_hub.h"
#include "daemon/engine/outgoing.h"
#include "daemon/engine/process_trees.h"
#include "daemon/engine/turn.h"
#include "daemon/engine/wait_set.h"
#include "daemon/ledger/ledger.h"

namespace zbroker::engine {

class Engine {
 public:
  // Inputs waiting to be taken; beyond it Post refuses.
  static constexpr size_t kQueueMax = 65'536;

  using SnapshotCallback =
      std::function<void(std::shared_ptr<const core::Snapshot> snapshot, const Now& now)>;
  using StatusCallback = std::function<void(const absl::Status&)>;
  using ExplanationCallback =
      std::function<void(const absl::StatusOr<core::Explanation>& explanation, const Now& now)>;

  // `open_leases` is only counted while something is gone, and 0 else.
  using LookCallback = std::function<void(size_t open_leases)>;

  struct Options {
    std::string ledger_path;
    core::BrokerConfig config;
  };

  // Opens the ledger, recovers what it remembers, and starts the thread. Errors: those of
  // Ledger::Open.
  static absl::StatusOr<std::unique_ptr<Engine>> Start(Options options, const Clock& clock);
  // REQUIRES: no other thread uses the engine any more.
  ~Engine();

  // All of these are thread-safe, and may run a batch before they return: hold no lock that a sink
  // or a callback takes.

  core::StreamId OpenStream(std::shared_ptr<EventSink> sink);
  // No event reaches the sink after this returns, except those that are being delivered.
  void CloseStream(core::StreamId stream);

  // UNAVAILABLE when the queue is full, or the engine ends: nothing of it will be done.
  absl::Status Post(core::Command command);
  // Post in two steps, for a thread that has something to begin after the command has its place in
  // the order, and before a batch is run.
  absl::Status Put(core::Command command);
  void Run();

  // The callbacks run after the turn, as events are delivered.
  absl::Status RequestSnapshot(SnapshotCallback done);
  absl::Status RequestExplanation(core::Question question, ExplanationCallback done);
  absl::Status Reload(core::BrokerConfig config, StatusCallback done);

  // Says when there are new events in the ledger.
  EventHub& events() { return events_; }

  // To be called once a second: sees whether the ledger's files are where they were. When they are
  // not, or `home`, the state of the directory they are in, is not OK, nothing is granted until all
  // is back, and status says why; what is held can still be given back.
  void Look(absl::Status home, LookCallback done);

  // When the engine's own thread was last seen at work. Look() wakes it: if this is still before a
  // look that was answered a while ago, time and the ends of processes are not being seen to.
  // Thread-safe.
  BootTime ThreadSeen() const { return BootTime::FromMicros(thread_seen_us_); }

  // Refuses new leases, tells every stream GoingDown, writes what is left, and ends the thread.
  // Idempotent.
  void Stop();

 private:
  struct SnapshotRequest {
    SnapshotCallback done;
  };
  struct ExplainRequest {
    core::Question question;
    ExplanationCallback done;
  };
  struct ReloadRequest {
    core::BrokerConfig config;
    StatusCallback done;
  };
  struct LookRequest {
    absl::Status home;
    LookCallback done;
  };
  struct StopRequest {};
  using Input = std::variant<core::Command, SnapshotRequest, ExplainRequest, ReloadRequest,
                             LookRequest, StopRequest>;

  Engine(std::unique_ptr<ledger::Ledger> ledger, core::BrokerConfig config, const Clock& clock,
         WaitSet wait_set);

  // Batches that a thread runs which has come to post something.
  static constexpr int kBatchesForOthersMax = 4;

  absl::Status Enqueue(Input input, bool even_if_full);
  std::vector<Input> TakeInputs();
  bool HasInputs();

  // The engine's thread.
  void RunThread();

  // An exception, which could only be a defect, ends the process: gRPC would swallow it, and leave
  // the turn taken for ever.
  void RunBatch(std::vector<Input> inputs, const Now& now) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  // Keeps windows and rows right when somebody sets the wall clock.
  void NoteWallClock(const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  // A holder that is stopped can't re-claim its leases: their grace begins when it goes on.
  void SpareStoppedHolders(const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void Apply(std::vector<Input> inputs, const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void Handle(Input& input, const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void Apply(const core::Command& command, const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void TakeLook(LookRequest& look, const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  // From now on the core refuses, because of `cause`.
  void Refuse(const absl::Status& cause, core::Effects& effects)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  // Whether it asks for leases on a stream that has been closed, and so would not give them back: a
  // stream may be cancelled while its last request is being read.
  bool AsksOnClosedStream(const core::Command& command);
  absl::Status Reconfigure(core::BrokerConfig config, const Now& now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  // They are in the ledger: what waited for that is delivered, and then who follows events is
  // woken.
  void Recorded(core::Effects& effects) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  // Watches the holders of leases that are open from now on, and no longer those of what has ended.
  void WatchHolders(const std::vector<core::Record>& recorded) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  // Records and delivers the effects of the batch so far.
  void Finish(const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void RetryLedger(const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void AnswerSnapshots(const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void Housekeep(const Now& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  BootTime NextWake() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void Deliver(std::vector<core::AddressedEvent> events) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void SayGoingDown() ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);

  const Clock& clock_;

  Turn turn_;
  std::unique_ptr<ledger::Ledger> ledger_ ABSL_GUARDED_BY(turn_);
  core::Broker broker_ ABSL_GUARDED_BY(turn_);
  core::Effects effects_ ABSL_GUARDED_BY(turn_);  // of the present batch
  Outgoing outgoing_ ABSL_GUARDED_BY(turn_);
  std::vector<SnapshotCallback> lookers_ ABSL_GUARDED_BY(turn_);
  std::vector<ExplainRequest> askers_ ABSL_GUARDED_BY(turn_);
  bool stopping_ ABSL_GUARDED_BY(turn_) = false;
  absl::Status gone_
      ABSL_GUARDED_BY(turn_);  // why nothing is granted although it could be recorded
  bool failing_ ABSL_GUARDED_BY(turn_) = false;  // the ledger could not be written
  // While failing: what must be recorded, and said after that.
  core::Effects held_back_ ABSL_GUARDED_BY(turn_);
  absl::Duration retry_pause_ ABSL_GUARDED_BY(turn_);
  BootTime works_since_ ABSL_GUARDED_BY(turn_) =
      BootTime::FromMicros(std::numeric_limits<int64_t>::min());  // when it last worked again
  BootTime retry_at_ ABSL_GUARDED_BY(turn_);
  BootTime housekeep_at_ ABSL_GUARDED_BY(turn_);
  // The windows have to be built anew, because the wall clock was set.
  bool rebuild_due_ ABSL_GUARDED_BY(turn_) = false;
  BootTime rebuild_at_ ABSL_GUARDED_BY(turn_);
  // Holders of leases of a former daemon, which may not have re-claimed them yet.
  struct FormerHolder {
    core::Holder holder;
    BootTime running_since;
  };
  std::vector<FormerHolder> former_holders_ ABSL_GUARDED_BY(turn_);
  BootTime spare_at_ ABSL_GUARDED_BY(turn_);

  WaitSet wait_set_;  // Wake() from any thread, Wait() on the engine's, the rest in a turn

  Mutex queue_mutex_;
  std::vector<Input> queue_ ABSL_GUARDED_BY(queue_mutex_);
  bool closed_ ABSL_GUARDED_BY(queue_mutex_) = false;

  Mutex sinks_mutex_;
  absl::flat_hash_map<core::StreamId, std::shared_ptr<EventSink>> sinks_
      ABSL_GUARDED_BY(sinks_mutex_);
  core::StreamId last_stream_ ABSL_GUARDED_BY(sinks_mutex_) = 0;

  std::atomic<int64_t> thread_seen_us_ = 0;
  EventHub events_;

  ProcessTrees trees_;
  std::thread thread_;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_ENGINE_H_
