#include "client/base/proto_time.h"

#include <gtest/gtest.h>

namespace zbroker {
namespace {

// What Timestamp and Duration have in common.
struct Proto {
  int64_t seconds() const { return seconds_; }
  int32_t nanos() const { return nanos_; }
  void set_seconds(int64_t value) { seconds_ = value; }
  void set_nanos(int32_t value) { nanos_ = value; }

  int64_t seconds_ = 0;
  int32_t nanos_ = 0;
};

TEST(ProtoTimeTest, InstantsComeBackAsTheyWent) {
  for (const absl::Time time : {absl::FromUnixNanos(1'800'000'000'123'456'789), absl::UnixEpoch(),
                                absl::FromUnixNanos(-1)}) {
    Proto proto;
    SetProtoTime(time, &proto);
    EXPECT_GE(proto.nanos(), 0);
    EXPECT_EQ(FromProtoTime(proto), time);
  }
}

TEST(ProtoTimeTest, LengthsComeBackAsTheyWent) {
  for (const absl::Duration length :
       {absl::Milliseconds(2500), absl::ZeroDuration(), -absl::Milliseconds(1500)}) {
    Proto proto;
    SetProtoDuration(length, &proto);
    EXPECT_EQ(FromProtoDuration(proto), length);
  }
}

TEST(ProtoTimeTest, SecondsAndNanosOfALengthHaveOneSign) {
  Proto proto;
  SetProtoDuration(-absl::Milliseconds(1500), &proto);
  EXPECT_EQ(proto.seconds(), -1);
  EXPECT_EQ(proto.nanos(), -500'000'000);
}

}  // namespace
}  // namespace zbroker
