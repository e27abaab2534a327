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

}  // namespace
}  // namespace zbroker::rpc
