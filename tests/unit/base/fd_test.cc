#include "client/base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace zbroker {
namespace {

int OpenSomething() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }

TEST(FdTest, HoldsNoneByDefault) {
  EXPECT_FALSE(Fd().valid());
  EXPECT_FALSE(Fd(-1).valid());
}

TEST(FdTest, ClosesAtTheEndOfItsLife) {
  const int raw = OpenSomething();
  {
    const Fd fd(raw);
    EXPECT_TRUE(IsOpen(raw));
  }
  EXPECT_FALSE(IsOpen(raw));
}

TEST(FdTest, MovingHandsTheDescriptorOver) {
  Fd first(OpenSomething());
  const int raw = first.get();
  const Fd second(std::move(first));
  EXPECT_FALSE(first.valid());
  EXPECT_EQ(second.get(), raw);
  EXPECT_TRUE(IsOpen(raw));
}

TEST(FdTest, AssigningClosesWhatWasHeldBefore) {
  Fd first(OpenSomething());
  Fd second(OpenSomething());
  const int kept = first.get();
  const int closed = second.get();
  second = std::move(first);
  EXPECT_EQ(second.get(), kept);
  EXPECT_TRUE(IsOpen(kept));
  EXPECT_FALSE(IsOpen(closed));
}

TEST(FdTest, AssigningToItselfKeepsTheDescriptor) {
  Fd fd(OpenSomething());
  Fd& same = fd;
  fd = std::move(same);
  EXPECT_TRUE(fd.valid());
  EXPECT_TRUE(IsOpen(fd.get()));
}

TEST(FdTest, ReleaseLeavesTheDescriptorOpen) {
  Fd fd(OpenSomething());
  const Fd owner(fd.Release());
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(IsOpen(owner.get()));
}

TEST(FdTest, ResetClosesAtOnce) {
  Fd fd(OpenSomething());
  const int raw = fd.get();
  fd.Reset();
  EXPECT_FALSE(fd.valid());
  EXPECT_FALSE(IsOpen(raw));
}

}  // namespace
}  // namespace zbroker
