// The engine with a real ledger and many threads at its queue, without gRPC: what the thread
// sanitizer can see whole.
#include "daemon/engine/engine.h"

#include <atomic>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/process.h"
#include "tests/unit/engine/harness.h"

namespace zbroker::engine {
namespace {

class EngineTest : public EngineHarness {
 protected:
  static constexpr int kSlots = 3;

  EngineTest() {
    config_.accounts[0].slots.limit = kSlots;
    Start();
  }

  // Takes and gives back leases on a stream of its own; counts how many are held at once. Keeps the
  // first one until somebody has looked.
  void Worker(int number, int rounds, const std::string& name = "") {
    const absl::Cleanup leave = [this] { --working_; };
    const auto inbox = std::make_shared<Inbox>();
    const core::StreamId stream = engine_->OpenStream(inbox);
    for (int i = 0; i < rounds; ++i) {
      ASSERT_OK(engine_->Post(AskOn(stream, absl::StrCat(name, number, ".", i))));
      const core::LeaseId lease = inbox->Next<core::Granted>().lease;
      EXPECT_LE(++held_, kSlots);
      looked_.wait(false);
      --held_;
      ASSERT_OK(engine_->Post(core::Release{.client = OurselvesOn(stream), .lease = lease}));
      EXPECT_EQ(inbox->Next<core::Released>().lease, lease);
    }
    engine_->CloseStream(stream);
  }

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
  Restart();
  const core::AccountSnapshot account = Look();
  ASSERT_EQ(account.leases.size(), 1u);
  EXPECT_EQ(account.leases[0].id, lease);
  EXPECT_EQ(account.leases[0].state, core::LeaseState::kOrphaned);
  EXPECT_EQ(account.windows.at(0).used, *core::Amount::FromDouble(1));
}

// Events of a stream in the order in which the core made them, whichever threads ran the batches.
TEST_F(EngineTest, AStreamHearsOfItsEventsInOrder) {
  const auto inbox = std::make_shared<Inbox>();
  const core::StreamId stream = engine_->OpenStream(inbox);
  looked_ = true;
  std::atomic<bool> done{false};
  std::vector<std::thread> others;
  for (int i = 0; i < 3; ++i) {
    others.emplace_back([this, i, &done] {
      for (int round = 0; !done; ++round) Worker(i, 1, absl::StrCat(i, "-", round));
    });
  }
  core::LeaseId last = 0;
  for (int i = 0; i < 200; ++i) {
    ASSERT_OK(engine_->Put(AskOn(stream, absl::StrCat("t", i))));
    ASSERT_OK(engine_->Put(core::Cancel{OurselvesOn(stream), absl::StrCat("t", i)}));
    engine_->Run();
  }
  for (int i = 0; i < 200; ++i) {
    const std::string ticket = absl::StrCat("t", i);
    for (bool answered = false; !answered;) {
      const core::Event event = inbox->NextEvent();
      if (const auto* granted = std::get_if<core::Granted>(&event)) {
        EXPECT_EQ(granted->ticket, ticket);
        EXPECT_GT(granted->lease, last);
        last = granted->lease;
        ASSERT_OK(engine_->Post(core::Release{.client = OurselvesOn(stream), .lease = last}));
        answered = true;
      } else if (const auto* refused = std::get_if<core::Refused>(&event)) {
        EXPECT_EQ(refused->ticket, ticket);
        answered = true;
      }
    }
  }
  done = true;
  for (std::thread& other : others) other.join();
}

// While a sink or a callback takes its time, batches go on.
TEST_F(EngineTest, WhoeverLooksDoesNotHoldUpAGrant) {
  struct Gate {
    Mutex mutex;
    CondVar changed;
    bool looking = false, enough = false;
  };
  // The look may be the engine's own thread's, which is done with it only some time after this test
  // lets it go on.
  const auto gate = std::make_shared<Gate>();
  std::thread looker([&] {
    ASSERT_OK(engine_->RequestSnapshot([gate](std::shared_ptr<const core::Snapshot>, const Now&) {
      MutexLock lock(gate->mutex);
      gate->looking = true;
      gate->changed.SignalAll();
      while (!gate->enough) gate->changed.Wait(gate->mutex);
    }));
  });
  {
    MutexLock lock(gate->mutex);
    while (!gate->looking) gate->changed.Wait(gate->mutex);
  }
  looked_ = true;
  Worker(1, 1, "x");
  {
    MutexLock lock(gate->mutex);
    gate->enough = true;
    gate->changed.SignalAll();
  }
  looker.join();
}

// In the turn it lets another thread post, who finds the turn taken; after it, it delivers nothing
// until it is told to.
class SlowSink final : public EventSink {
 public:
  explicit SlowSink(std::function<void()> in_turn) : in_turn_(std::move(in_turn)) {}
  void Keep(core::Event) override {
    if (!std::exchange(kept_, true)) in_turn_();
  }
  void Flush() override { let_.wait(false); }
  void Let() {
    let_ = true;
    let_.notify_all();
  }

 private:
  const std::function<void()> in_turn_;
  bool kept_ = false;
  std::atomic<bool> let_{false};
};

TEST_F(EngineTest, WhatIsPostedDuringATurnDoesNotWaitForItsDelivery) {
  class Granted final : public EventSink {
   public:
    void Keep(core::Event) override {}
    void Flush() override { flushed = true; }
    std::atomic<bool> flushed{false};
  };
  const auto prompt = std::make_shared<Granted>();
  const core::StreamId prompt_stream = engine_->OpenStream(prompt);
  const auto slow = std::make_shared<SlowSink>([&] {
    std::thread([&] { ASSERT_OK(engine_->Post(AskOn(prompt_stream, "prompt"))); }).join();
  });
  const core::StreamId slow_stream = engine_->OpenStream(slow);
  std::thread poster([&] { ASSERT_OK(engine_->Post(AskOn(slow_stream, "slow"))); });
  EXPECT_TRUE(testing::WaitUntil([&] { return prompt->flushed.load(); }));
  slow->Let();
  poster.join();
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
