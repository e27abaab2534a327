// The client library against a real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "client/broker/broker_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

class ClientTest : public ::testing::Test {
 protected:
  std::unique_ptr<broker::BrokerClient> MakeClient() {
    auto client = broker::BrokerClient::Create(
        {.socket_path = daemon_.socket(), .client_name = "test", .start_daemon = false});
    EXPECT_OK(client);
    return *std::move(client);
  }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 512\nlearn = false\n"};
};

TEST_F(ClientTest, EndsInTheCallbackOfItsOwnGrant) {
  daemon_.Start();
  auto client = MakeClient();
  // What a callback owns is let go when it is over.
  auto alive = std::make_shared<int>(0);
  const std::weak_ptr<int> over = alive;
  client->StartAcquire({}, {.on_end = [&client, alive](absl::StatusOr<broker::Lease> lease) {
                         EXPECT_OK(lease);
                         client.reset();
                       }});
  alive.reset();
  EXPECT_TRUE(WaitUntil([&] { return over.expired(); }));
  EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
  const auto rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_OK);
}

TEST_F(ClientTest, NoReleaseIsLostWhenTheDaemonStopsAmidstThem) {
  constexpr int kClients = 16;
  constexpr int kLeasesEach = 32;
  constexpr uint32_t kStatus = 201;
  std::vector<std::unique_ptr<broker::BrokerClient>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(MakeClient());
  v1::ReleaseDetails details;
  details.set_http_status(kStatus);
  for (int round = 1; round <= 3; ++round) {
    daemon_.Start();
    std::vector<std::vector<broker::Lease>> held(kClients);
    for (int i = 0; i < kClients; ++i) {
      for (int n = 0; n < kLeasesEach; ++n) {
        auto lease = clients[i]->Acquire({});
        ASSERT_OK(lease);
        held[i].push_back(*std::move(lease));
      }
    }
    std::atomic<int> released = 0;
    std::vector<std::thread> crowd;
    for (auto& leases : held) {
      crowd.emplace_back([&] {
        for (broker::Lease& lease : leases) {
          lease.StartRelease(v1::OUTCOME_FAILED, details, [&](const absl::Status& status) {
            EXPECT_OK(status);
            ++released;
          });
        }
      });
    }
    // Some are answered by then, and most are on their way.
    EXPECT_TRUE(WaitUntil([&] { return released >= 20 * round; }));
    daemon_.Stop(SIGTERM);
    for (std::thread& one : crowd) one.join();
    daemon_.Start();
    EXPECT_TRUE(WaitUntil([&] { return released == kClients * kLeasesEach; })) << released;
    for (const v1::LedgerRow& row : daemon_.Rows()) {
      EXPECT_EQ(row.outcome(), v1::OUTCOME_FAILED) << row.ShortDebugString();
      EXPECT_EQ(row.http_status(), kStatus) << row.ShortDebugString();
    }
    daemon_.Stop(SIGTERM);
  }
}

}  // namespace
}  // namespace zbroker::testing
