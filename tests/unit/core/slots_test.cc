#include "daemon/core/slots.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

class SlotsTest : public ::testing::Test {
 protected:
  SlotsTest() {
    slots_.Configure({.reserve_interactive = 1},
                     {{.models = {"m*"}, .limit = 2}, {.models = {"x"}, .limit = 1}});
  }

  Lease Make(LeaseId id, const std::string& model, Priority priority = Priority::kNormal) {
    Lease lease{.id = id, .pools = slots_.PoolsOf(model)};
    lease.request.priority = priority;
    return lease;
  }

  Slots slots_;
};

TEST_F(SlotsTest, ModelIsInThePoolsThatMatchIt) {
  EXPECT_EQ(slots_.PoolsOf("m1"), 0b01u);
  EXPECT_EQ(slots_.PoolsOf("x"), 0b10u);
  EXPECT_EQ(slots_.PoolsOf("other"), 0u);
}

TEST_F(SlotsTest, LeaseIsCountedOnceHoweverOftenItIsPut) {
  const Lease lease = Make(1, "m1");
  slots_.Put(lease, nullptr);
  slots_.Put(lease, nullptr);
  EXPECT_EQ(slots_.taken(), 1);
  EXPECT_EQ(slots_.taken_in_pool(0), 1);
  slots_.Remove(lease);
  EXPECT_EQ(slots_.taken(), 0);
  EXPECT_EQ(slots_.taken_in_pool(0), 0);
}

TEST_F(SlotsTest, GuestTakesOnlyThePoolsThatItsHostIsNotIn) {
  const Lease host = Make(1, "m1");
  const Lease guest = Make(2, "m2");
  const Lease stranger = Make(3, "x");
  slots_.Put(host, nullptr);
  slots_.Put(guest, &host);
  slots_.Put(stranger, &host);
  EXPECT_EQ(slots_.taken(), 1);
  EXPECT_EQ(slots_.taken_in_pool(0), 1);
  EXPECT_EQ(slots_.taken_in_pool(1), 1);
  slots_.Remove(host);
  slots_.Put(guest, nullptr);
  EXPECT_EQ(slots_.taken(), 1);
  EXPECT_EQ(slots_.taken_in_pool(0), 1);
}

TEST_F(SlotsTest, ShadowTakesNothing) {
  Lease lease = Make(1, "m1");
  lease.shadow = true;
  slots_.Put(lease, nullptr);
  EXPECT_EQ(slots_.taken(), 0);
  EXPECT_EQ(slots_.taken_in_pool(0), 0);
}

TEST_F(SlotsTest, PoolIsFullAtItsLimit) {
  slots_.Put(Make(1, "m1"), nullptr);
  EXPECT_EQ(slots_.FullPools(), 0u);
  slots_.Put(Make(2, "m1"), nullptr);
  EXPECT_EQ(slots_.FullPools(), 0b01u);
  slots_.Put(Make(3, "x"), nullptr);
  EXPECT_EQ(slots_.FullPools(), 0b11u);
}

TEST_F(SlotsTest, ReservedSlotsCountAgainstOthersThanInteractiveLeases) {
  slots_.Put(Make(1, "", Priority::kInteractive), nullptr);
  EXPECT_FALSE(slots_.OnlyForInteractive(2));
  slots_.Put(Make(2, ""), nullptr);
  EXPECT_TRUE(slots_.OnlyForInteractive(2));
  EXPECT_FALSE(slots_.OnlyForInteractive(3));
}

TEST_F(SlotsTest, OneSlotIsNeverReserved) {
  EXPECT_FALSE(slots_.OnlyForInteractive(1));
  slots_.Put(Make(1, ""), nullptr);
  EXPECT_TRUE(slots_.OnlyForInteractive(1));
}

}  // namespace
}  // namespace zbroker::core
