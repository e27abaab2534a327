#include "daemon/rpc/lease_view.h"

#include <gtest/gtest.h>

namespace zbroker::rpc {
namespace {

constexpr uint32_t kOwner = 1000;

const Now kNow = {.boot = BootTime::FromMicros(60'000'000), .wall = absl::FromUnixSeconds(1'000)};

core::Lease NestedLease() {
  core::Lease lease;
  lease.id = 8;
  lease.request.session = "secret";
  lease.client.holder.uid = kOwner;
  lease.granted = kNow.boot;
  lease.host = 7;
  lease.shadow = true;
  lease.trial = true;
  return lease;
}

v1::LeaseInfo SeenBy(uint32_t uid) {
  core::Client viewer;
  viewer.holder.uid = uid;
  v1::LeaseInfo info;
  FillLease(NestedLease(), kNow, viewer, &info);
  return info;
}

TEST(LeaseViewTest, OwnerSeesItAll) {
  EXPECT_EQ(SeenBy(kOwner).session(), "secret");
  EXPECT_EQ(SeenBy(kOwner).host_lease_id(), 7u);
}

TEST(LeaseViewTest, OthersSeeWhetherItHasASlotAndNotWhatItIsFor) {
  const v1::LeaseInfo info = SeenBy(kOwner + 1);
  EXPECT_EQ(info.session(), "");
  EXPECT_EQ(info.host_lease_id(), 7u);
  EXPECT_TRUE(info.shadow());
  EXPECT_TRUE(info.trial());
}

TEST(LeaseViewTest, ProgramIsTheOneThatAskedThroughAGateway) {
  core::Lease lease = NestedLease();
  lease.client.holder.program = "gateway";
  lease.client.holder.pid = 4'194'303;
  lease.request.program = "cline";
  lease.request.program_pid = 77;
  lease.request.project = "shop";
  core::Client viewer;
  viewer.holder.uid = kOwner;
  v1::LeaseInfo info;
  FillLease(lease, kNow, viewer, &info);
  EXPECT_EQ(info.holder().program(), "cline");
  EXPECT_EQ(info.holder().pid(), 77);
  EXPECT_EQ(info.holder().via(), "gateway");
  EXPECT_EQ(info.holder().via_pid(), 4'194'303);
  EXPECT_EQ(info.project(), "shop");
  viewer.holder.uid = kOwner + 1;
  v1::LeaseInfo hidden;
  FillLease(lease, kNow, viewer, &hidden);
  EXPECT_EQ(hidden.holder().program(), "");
  EXPECT_EQ(hidden.holder().via(), "");
  EXPECT_EQ(hidden.project(), "") << "it is another user's";
}

TEST(LeaseViewTest, ProgramThatAsksForItselfIsTheHolder) {
  core::Lease lease = NestedLease();
  lease.client.holder.program = "claude";
  lease.client.holder.pid = 4'194'303;
  core::Client viewer;
  viewer.holder.uid = kOwner;
  v1::LeaseInfo info;
  FillLease(lease, kNow, viewer, &info);
  EXPECT_EQ(info.holder().program(), "claude");
  EXPECT_EQ(info.holder().pid(), 4'194'303);
  EXPECT_EQ(info.holder().via(), "");
}

}  // namespace
}  // namespace zbroker::rpc
