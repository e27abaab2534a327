// An engine on a ledger in a directory of its own, and streams without gRPC.
#ifndef ZBROKER_TESTS_UNIT_ENGINE_HARNESS_H_
#define ZBROKER_TESTS_UNIT_ENGINE_HARNESS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "client/base/process.h"
#include "daemon/engine/engine.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::engine {

// A client whose process is `pid`.
inline core::Client ClientOn(core::StreamId stream, pid_t pid) {
  return {.stream = stream,
          .connection = stream,
          .holder = {.pid = pid,
                     .uid = getuid(),
                     .start_ticks = ReadProcessStat(pid)->start_ticks,
                     .program = "engine_test"}};
}

inline core::Client OurselvesOn(core::StreamId stream) { return ClientOn(stream, getpid()); }

// Keeps events, and lets a thread wait for the next one.
class Inbox final : public EventSink {
 public:
  void Keep(core::Event event) override {
    MutexLock lock(mutex_);
    kept_.push_back(std::move(event));
  }
  void Flush() override {
    MutexLock lock(mutex_);
    std::move(kept_.begin(), kept_.end(), std::back_inserter(events_));
    kept_.clear();
    arrived_.SignalAll();
  }

  core::Event NextEvent() {
    MutexLock lock(mutex_);
    while (next_ == events_.size()) arrived_.Wait(mutex_);
    return events_[next_++];
  }

  // The next event of the type; others are dropped.
  template <typename T>
  T Next() {
    MutexLock lock(mutex_);
    for (;;) {
      while (next_ < events_.size()) {
        if (const T* found = std::get_if<T>(&events_[next_++])) return *found;
      }
      arrived_.Wait(mutex_);
    }
  }

 private:
  Mutex mutex_;
  CondVar arrived_;
  std::vector<core::Event> kept_ ABSL_GUARDED_BY(mutex_);
  std::vector<core::Event> events_ ABSL_GUARDED_BY(mutex_);
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The machine's clocks, but for a wall clock that the test sets.
class SetClock final : public Clock {
 public:
  Now Read() const override {
    Now now = Clock::System().Read();
    now.wall += absl::Microseconds(step_us_.load());
    ++reads_;
    return now;
  }
  int reads() const { return reads_; }
  void StepWall(absl::Duration length) { step_us_ += absl::ToInt64Microseconds(length); }

 private:
  std::atomic<int64_t> step_us_{0};
  mutable std::atomic<int> reads_{0};
};

class EngineHarness : public ::testing::Test {
 protected:
  void Start() {
    auto engine = Engine::Start({.ledger_path = ledger_path_, .config = config_}, clock_);
    ASSERT_OK(engine);
    engine_ = *std::move(engine);
  }
  // As a daemon that was ended and another one.
  void Restart() {
    engine_.reset();
    Start();
  }

  core::AccountSnapshot Look() {
    Mutex mutex;
    CondVar done;
    std::shared_ptr<const core::Snapshot> result;
    EXPECT_OK(
        engine_->RequestSnapshot([&](std::shared_ptr<const core::Snapshot> snapshot, const Now&) {
          MutexLock lock(mutex);
          result = std::move(snapshot);
          done.SignalAll();
        }));
    MutexLock lock(mutex);
    while (result == nullptr) done.Wait(mutex);
    return result->accounts.at(0);
  }

  core::Acquire AskOn(core::StreamId stream, const std::string& ticket, pid_t pid = getpid()) {
    core::Acquire acquire{.client = ClientOn(stream, pid)};
    acquire.request.ticket = ticket;
    return acquire;
  }

  testing::TempDir dir_;
  const std::string ledger_path_ = dir_.File("ledger.db");
  SetClock clock_;
  core::BrokerConfig config_ = core::BrokerConfig::Defaults();
  std::unique_ptr<Engine> engine_;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_TESTS_UNIT_ENGINE_HARNESS_H_
