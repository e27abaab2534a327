#include "client/zctl/exit_code.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

TEST(ExitCodeTest, FineIsZero) { EXPECT_EQ(ExitCodeFor(absl::OkStatus()), 0); }

TEST(ExitCodeTest, NoDaemonIs69) { EXPECT_EQ(ExitCodeFor(absl::UnavailableError("gone")), 69); }

TEST(ExitCodeTest, SilentDaemonIs69) {
  EXPECT_EQ(ExitCodeFor(absl::DeadlineExceededError("Deadline Exceeded")), 69);
}

TEST(ExitCodeTest, RefusalIsOne) {
  EXPECT_EQ(ExitCodeFor(absl::NotFoundError("no account x")), 1);
  EXPECT_EQ(ExitCodeFor(absl::PermissionDeniedError("not for you")), 1);
}

TEST(ExitCodeTest, MessageIsTheDaemons) {
  EXPECT_EQ(MessageFor(absl::NotFoundError("no account x")), "no account x");
}

TEST(ExitCodeTest, MessageHasNoControlCharacters) {
  EXPECT_EQ(MessageFor(absl::NotFoundError("no\x1b[2J")), "no\\x1b[2J");
}

}  // namespace
}  // namespace zbroker::zctl
