// The engine with a real ledger and many threads at its queue, without gRPC: what the thread
// sanitizer can see whole.
#include "daemon/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <variant>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/base/process.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::engine {
namespace {

core::Client OurselvesOn(core::StreamId stream) {
  return {.stream = stream,
          .connection = stream,
          .holder = {.pid = getpid(),
                     .uid = getuid(),
                     .start_ticks = ReadProcessStat(getpid())->start_ticks,
                     .program = "engine_test"}};
}

// Keeps events, and lets a thread wait for the next one.
class Inbox final : public EventSink {
 public:
  void OnEvent(const core::Event& event) override {
    MutexLock lock(mutex_);
    events_.push_back(event);
    arrived_.SignalAll();
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
  std::vector<core::Event> events_ ABSL_GUARDED_BY(mutex_);
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

class EngineTest : public ::testing::Test {
 protected:
  static constexpr int kSlots = 3;

  void SetUp() override { Start(); }

  void Start() {
    core::BrokerConfig config = core::BrokerConfig::Defaults();
    config.accounts[0].slots.limit = kSlots;
    auto engine =
        Engine::Start({.ledger_path = dir_.File("ledger.db"), .config = config}, Clock::System());
    ASSERT_OK(engine);
    engine_ = *std::move(engine);
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

  // Takes and gives back leases on a stream of its own; counts how many are held at once. Keeps the
  // first one until somebody has looked.
  void Worker(int number, int rounds) {
    const absl::Cleanup leave = [this] { --working_; };
    const auto inbox = std::make_shared<Inbox>();
    const core::StreamId stream = engine_->OpenStream(inbox);
    for (int i = 0; i < rounds; ++i) {
      core::Acquire acquire{.client = OurselvesOn(stream)};
      acquire.request.ticket = absl::StrCat(number, ".", i);
      ASSERT_OK(engine_->Post(acquire));
      const core::LeaseId lease = inbox->Next<core::Granted>().lease;
      EXPECT_LE(++held_, kSlots);
      looked_.wait(false);
      --held_;
      ASSERT_OK(engine_->Post(core::Release{.client = OurselvesOn(stream), .lease = lease}));
      EXPECT_EQ(inbox->Next<core::Released>().lease, lease);
    }
    engine_->CloseStream(stream);
  }

  testing::TempDir dir_;
  std::unique_ptr<Engine> engine_;
  std::atomic<int> held_{0};
  std::atomic<int> working_{0};
  std::atomic<bool> looked_{false};
};

TEST_F(EngineTest, ManyThreadsNeverHoldMoreThanTheLimit) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 40;
  std::vector<std::thread> threads;
  working_ = kThreads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([this, i] { Worker(i, kRounds); });
  while (Look().in_flight < kSlots) std::this_thread::yield();
  looked_ = true;
  looked_.notify_all();
  while (working_ > 0) EXPECT_LE(Look().in_flight, kSlots);
  for (std::thread& thread : threads) thread.join();
  const core::AccountSnapshot account = Look();
  EXPECT_EQ(account.totals.granted, kThreads * kRounds);
  EXPECT_TRUE(account.leases.empty());
}

// The stream was cancelled while its last request was being read.
TEST_F(EngineTest, WhatIsAskedOnAClosedStreamIsNotGranted) {
  core::Acquire acquire{.client = OurselvesOn(engine_->OpenStream(std::make_shared<Inbox>()))};
  acquire.request.ticket = "t";
  engine_->CloseStream(acquire.client.stream);
  ASSERT_OK(engine_->Post(acquire));
  const core::AccountSnapshot account = Look();
  EXPECT_TRUE(account.leases.empty());
  EXPECT_TRUE(account.waiters.empty());
}

TEST_F(EngineTest, StopTellsEveryStreamAndRefusesWhatComesAfter) {
  const auto inbox = std::make_shared<Inbox>();
  const core::StreamId stream = engine_->OpenStream(inbox);
  std::thread stopper([this] { engine_->Stop(); });
  inbox->Next<core::GoingDown>();
  stopper.join();
  EXPECT_THAT(engine_->Post(core::Acquire{.client = OurselvesOn(stream)}),
              testing::HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(EngineTest, NextEngineFindsTheOpenLeaseAndItsCharge) {
  const auto inbox = std::make_shared<Inbox>();
  core::Acquire acquire{.client = OurselvesOn(engine_->OpenStream(inbox))};
  acquire.request.ticket = "t";
  ASSERT_OK(engine_->Post(acquire));
  const core::LeaseId lease = inbox->Next<core::Granted>().lease;
  engine_.reset();
  Start();
  const core::AccountSnapshot account = Look();
  ASSERT_EQ(account.leases.size(), 1u);
  EXPECT_EQ(account.leases[0].id, lease);
  EXPECT_EQ(account.leases[0].state, core::LeaseState::kOrphaned);
  EXPECT_EQ(account.windows.at(0).used, *core::Amount::FromDouble(1));
}

TEST_F(EngineTest, ReloadChangesTheLimitAndLeavesWhatIsHeld) {
  const auto inbox = std::make_shared<Inbox>();
  core::Acquire acquire{.client = OurselvesOn(engine_->OpenStream(inbox))};
  for (int i = 0; i < kSlots; ++i) {
    acquire.request.ticket = absl::StrCat("t", i);
    ASSERT_OK(engine_->Post(acquire));
    inbox->Next<core::Granted>();
  }
  acquire.request.ticket = "waits";
  ASSERT_OK(engine_->Post(acquire));
  inbox->Next<core::Queued>();
  int reloads = 0;
  const auto done = [&](const absl::Status& status) {
    EXPECT_OK(status);
    ++reloads;
  };
  core::BrokerConfig config = core::BrokerConfig::Defaults();
  config.accounts[0].slots.limit = kSlots + 1;
  ASSERT_OK(engine_->Reload(config, done));
  EXPECT_EQ(inbox->Next<core::Granted>().ticket, "waits");
  config.accounts[0].slots.limit = 1;
  ASSERT_OK(engine_->Reload(config, done));
  const core::AccountSnapshot account = Look();
  EXPECT_EQ(reloads, 2);
  EXPECT_EQ(account.slot_limit, 1);
  EXPECT_EQ(account.in_flight, kSlots + 1);
}

}  // namespace
}  // namespace zbroker::engine
