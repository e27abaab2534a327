// The one thread that owns the core and the writing side of the ledger.
//
// It takes everything that is queued, applies it in order, commits once, and only then answers:
// nothing is acknowledged that is not recorded. When the ledger can't be written it keeps what
// still has to be recorded, retries with back-off, and until then lets the core refuse.
#ifndef ZBROKER_DAEMON_ENGINE_ENGINE_H_
#define ZBROKER_DAEMON_ENGINE_ENGINE_H_

#include <atomic>
#include <functional>
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
#include "daemon/engine/wait_set.h"
#include "daemon/ledger/ledger.h"

namespace zbroker::engine {

// Where the events of a stream go.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Called on the engine's thread, in order; must not block nor call the engine's destructor.
  virtual void OnEvent(const core::Event& event) = 0;
};

class Engine {
 public:
  // Inputs waiting to be taken; beyond it Post refuses.
  static constexpr size_t kQueueMax = 65'536;

  using SnapshotCallback =
      std::function<void(std::shared_ptr<const core::Snapshot> snapshot, const Now& now)>;
  using StatusCallback = std::function<void(const absl::Status&)>;

  struct Options {
    std::string ledger_path;
    core::BrokerConfig config;
  };

  // Opens the ledger, recovers what it remembers, and starts the thread. Errors: those of
  // Ledger::Open.
  static absl::StatusOr<std::unique_ptr<Engine>> Start(Options options, const Clock& clock);
  // REQUIRES: no other thread uses the engine any more.
  ~Engine();

  // All of these are thread-safe.

  core::StreamId OpenStream(std::shared_ptr<EventSink> sink);
  // No event reaches the sink after this returns, except those that are being delivered.
  void CloseStream(core::StreamId stream);

  // UNAVAILABLE when the queue is full.
  absl::Status Post(core::Command command);

  // Both callbacks run on the engine's thread.
  absl::Status RequestSnapshot(SnapshotCallback done);
  absl::Status Reload(core::BrokerConfig config, StatusCallback done);

  // Refuses new leases, tells every stream GoingDown, writes what is left, and ends the thread.
  // Idempotent.
  void Stop();

 private:
  struct SnapshotRequest {
    SnapshotCallback done;
  };
  struct ReloadRequest {
    core::BrokerConfig config;
    StatusCallback done;
  };
  struct StopRequest {};
  using Input = std::variant<core::Command, SnapshotRequest, ReloadRequest, StopRequest>;

  Engine(std::unique_ptr<ledger::Ledger> ledger, core::BrokerConfig config, const Clock& clock,
         WaitSet wait_set);

  absl::Status Enqueue(Input input, bool even_if_full);
  std::vector<Input> TakeInputs();

  // On the engine's thread.
  void Run();
  // Keeps windows and rows right when somebody sets the wall clock.
  void NoteWallClock(const Now& now);
  void TakeBatch(std::vector<Input> inputs, const Now& now);
  void Handle(Input& input, const Now& now);
  absl::Status Reconfigure(core::BrokerConfig config, const Now& now);
  // Records and delivers the effects of the batch so far.
  void Finish(const Now& now);
  void RetryLedger(const Now& now);
  void AnswerSnapshots(const Now& now);
  void Housekeep(const Now& now);
  BootTime NextWake() const;
  void Deliver(const std::vector<core::AddressedEvent>& events);
  void SayGoingDown();

  const Clock& clock_;

  // Engine's thread only.
  std::unique_ptr<ledger::Ledger> ledger_;
  core::Broker broker_;
  core::Effects effects_;  // of the present batch
  std::vector<SnapshotCallback> lookers_;
  bool stopping_ = false;
  bool failing_ = false;     // the ledger could not be written
  core::Effects held_back_;  // while failing: what must be recorded, and said after that
  absl::Duration retry_pause_;
  BootTime retry_at_;
  BootTime housekeep_at_;

  WaitSet wait_set_;  // Wake() from any thread, the rest on the engine's

  Mutex queue_mutex_;
  std::vector<Input> queue_ ABSL_GUARDED_BY(queue_mutex_);
  bool closed_ ABSL_GUARDED_BY(queue_mutex_) = false;

  Mutex sinks_mutex_;
  absl::flat_hash_map<core::StreamId, std::shared_ptr<EventSink>> sinks_
      ABSL_GUARDED_BY(sinks_mutex_);
  core::StreamId last_stream_ ABSL_GUARDED_BY(sinks_mutex_) = 0;

  std::thread thread_;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_ENGINE_H_
