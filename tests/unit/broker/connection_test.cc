// A client's thread, and the many threads on which its user may let it go.
#include "client/broker/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/broker/connected_client.h"
#include "tests/unit/broker/fake_transport.h"

namespace zbroker::broker {
namespace {

using testing::WaitUntil;

// The machine's clock, which knows who looks at it.
class WatchedClock final : public Clock {
 public:
  Now Read() const override {
    MutexLock lock(mutex_);
    ++reads_[std::this_thread::get_id()];
    return System().Read();
  }
  size_t ReadsOn(std::thread::id thread) const {
    MutexLock lock(mutex_);
    return reads_[thread];
  }

 private:
  mutable Mutex mutex_;
  mutable std::map<std::thread::id, size_t> reads_ ABSL_GUARDED_BY(mutex_);
};

class ConnectionTest : public ::testing::Test {
 protected:
  std::string Start(const std::string& ticket, BrokerClient::Callbacks callbacks) {
    v1::Acquire request;
    request.set_ticket(ticket);
    return client_->StartAcquire(std::move(request), std::move(callbacks));
  }
  Lease Take(const std::string& ticket, uint64_t lease_id) {
    Lease taken;
    Start(ticket, {.on_end = [&](absl::StatusOr<Lease> lease) { taken = *std::move(lease); }});
    EXPECT_TRUE(daemon_.WaitFor(absl::StrCat("acquire ", ticket)));
    daemon_.Grant(ticket, lease_id);
    EXPECT_TRUE(taken.valid());
    return taken;
  }
  // A test that waits for what will never come can't end by itself.
  static void MustEnd(const std::function<void()>& action) {
    auto done = std::async(std::launch::async, action);
    if (done.wait_for(std::chrono::seconds(20)) == std::future_status::ready) return;
    fprintf(stderr, "deadlock\n");
    abort();
  }

  FakeDaemon daemon_;
  // A client that ended in a callback has a thread for a moment longer, which looks at the clock.
  static inline WatchedClock clock_;
  std::unique_ptr<BrokerClient> client_ = std::make_unique<ConnectedClient>(
      BrokerClient::Options{.client_name = "test", .clock = &clock_}, daemon_.MakeTransport());
};

TEST_F(ConnectionTest, IsMadeWhenFirstNeededAndNotBefore) {
  EXPECT_EQ(daemon_.streams(), 0u);
  const Lease lease = Take("t1", 7);
  EXPECT_EQ(daemon_.streams(), 1u);
}

TEST_F(ConnectionTest, ReclaimsAfterAHangup) {
  const Lease lease = Take("t1", 7);
  daemon_.Hangup();
  EXPECT_TRUE(daemon_.WaitFor("hello 7=t1"));
}

TEST_F(ConnectionTest, IsTriedAgainUntilThereIsADaemon) {
  daemon_.SetUp(false);
  std::atomic<int> away = 0;
  Start("t1", {.on_end = [](const absl::StatusOr<Lease>&) {},
               .on_away = [&](const absl::Status&) { ++away; }});
  EXPECT_TRUE(WaitUntil([&] { return away >= 2; }));
  daemon_.SetUp(true);
  EXPECT_TRUE(daemon_.WaitFor("acquire t1"));
}

TEST_F(ConnectionTest, ClientMayEndInTheCallbackOfItsGrant) {
  Start("t1", {.on_end = [&](absl::StatusOr<Lease> lease) {
          client_.reset();
          lease = absl::UnknownError("dropped");
        }});
  ASSERT_TRUE(daemon_.WaitFor("acquire t1"));
  MustEnd([&] { daemon_.Grant("t1", 7); });
  // The lease is given back all the same, and the stream ended.
  EXPECT_TRUE(daemon_.WaitFor("release 7 OUTCOME_OK"));
  EXPECT_TRUE(WaitUntil([&] { return !daemon_.HasStream(); }));
}

TEST_F(ConnectionTest, ClientMayEndInTheCallbackOfItsRelease) {
  Lease lease = Take("t1", 7);
  lease.StartRelease(v1::OUTCOME_OK, {}, [&](const absl::Status&) { client_.reset(); });
  MustEnd([&] { daemon_.Released(7); });
  EXPECT_TRUE(WaitUntil([&] { return !daemon_.HasStream(); }));
}

TEST_F(ConnectionTest, ClientMayEndOnItsOwnThread) {
  daemon_.SetUp(false);
  std::promise<void> ended;
  Start("t1", {.on_end = [](const absl::StatusOr<Lease>&) {},
               .on_away =
                   [&](const absl::Status&) {
                     client_.reset();
                     ended.set_value();
                   }});
  MustEnd([&] { ended.get_future().wait(); });
}

TEST_F(ConnectionTest, ClientMayEndWithinItsOwnCancellation) {
  const std::string ticket =
      Start("t1", {.on_end = [&](const absl::StatusOr<Lease>&) { client_.reset(); }});
  ASSERT_TRUE(daemon_.WaitFor("acquire t1"));
  MustEnd([&] { client_->Cancel(ticket); });
  EXPECT_TRUE(daemon_.WaitFor("cancel t1"));
}

TEST_F(ConnectionTest, ClientMayBeKeptByACallbackThatIsNeverCalled) {
  // Whatever a callback owns is let go without a lock.
  auto client = std::make_shared<ConnectedClient>(
      BrokerClient::Options{.client_name = "test", .clock = &clock_}, daemon_.MakeTransport());
  v1::Acquire request;
  request.set_ticket("t1");
  auto taken = std::make_shared<Lease>();
  client->StartAcquire(
      request, {.on_end = [taken](absl::StatusOr<Lease> lease) { *taken = *std::move(lease); },
                .on_lost = [keep = client](const std::string&) {}});
  client.reset();
  ASSERT_TRUE(daemon_.WaitFor("acquire t1"));
  daemon_.Grant("t1", 7);
  MustEnd([&] { taken->StartRelease(v1::OUTCOME_OK, {}, nullptr); });
  EXPECT_TRUE(daemon_.WaitFor("release 7 OUTCOME_OK"));
}

TEST_F(ConnectionTest, LeaseOutlivesItsClient) {
  Lease lease = Take("t1", 7);
  client_.reset();
  EXPECT_TRUE(daemon_.HasStream());
  lease.StartRelease(v1::OUTCOME_FAILED, {}, nullptr);
  EXPECT_TRUE(daemon_.WaitFor("release 7 OUTCOME_FAILED"));
  EXPECT_TRUE(WaitUntil([&] { return !daemon_.HasStream(); }));
}

TEST_F(ConnectionTest, EndGivesUnansweredReleasesASecond) {
  Take("t1", 7);
  const BootTime begin = clock_.Read().boot;
  client_.reset();
  EXPECT_GE(clock_.Read().boot - begin, absl::Seconds(1));
  EXPECT_FALSE(daemon_.HasStream());
}

TEST_F(ConnectionTest, ThreadSleepsWhileAllGoesWell) {
  const Lease first = Take("first", 1);
  const std::thread::id thread = daemon_.opener();
  const size_t reads = clock_.ReadsOn(thread);
  for (uint64_t id = 2; id < 102; ++id) {
    Lease lease = Take(absl::StrCat("t", id), id);
    lease.StartRelease(v1::OUTCOME_OK, {}, nullptr);
    daemon_.Released(id);
  }
  daemon_.Hangup();  // it has surely looked at everything when it has come back from this
  ASSERT_TRUE(daemon_.WaitFor("hello 1=first"));
  EXPECT_LE(clock_.ReadsOn(thread) - reads, 20u);
}

TEST_F(ConnectionTest, ThreadWakesForWhatIsDueSooner) {
  Start("t1", {.on_end = [](const absl::StatusOr<Lease>&) {}});
  ASSERT_TRUE(daemon_.WaitFor("acquire t1"));
  v1::SessionReply busy;
  busy.mutable_refused()->set_ticket("t1");
  busy.mutable_refused()->set_code(static_cast<uint32_t>(absl::StatusCode::kUnavailable));
  daemon_.Say(busy);
  EXPECT_TRUE(WaitUntil([&] {
    const std::vector<std::string> heard = daemon_.Heard();
    return std::count(heard.begin(), heard.end(), "acquire t1") == 2;
  }));
}

}  // namespace
}  // namespace zbroker::broker
