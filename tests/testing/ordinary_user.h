// What depends on the rights to files, tested by root too.
#ifndef ZBROKER_TESTS_TESTING_ORDINARY_USER_H_
#define ZBROKER_TESTS_TESTING_ORDINARY_USER_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/testing/temp_dir.h"

namespace zbroker::testing {

// Root may read and write anything. While this lives, a root process is somebody else, to whom the
// directory belongs; for whoever is not root it does nothing.
class AsOrdinaryUser {
 public:
  static constexpr uid_t kNobody = 65'534;

  explicit AsOrdinaryUser(const TempDir& dir) {
    if (geteuid() != 0) return;
    changed_ =
        chown(dir.path().c_str(), kNobody, kNobody) == 0 && setresuid(kNobody, kNobody, 0) == 0;
    EXPECT_TRUE(changed_);
  }
  ~AsOrdinaryUser() {
    if (!changed_) return;
    EXPECT_EQ(setresuid(0, 0, 0), 0);
  }
  AsOrdinaryUser(const AsOrdinaryUser&) = delete;
  AsOrdinaryUser& operator=(const AsOrdinaryUser&) = delete;

 private:
  bool changed_ = false;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_ORDINARY_USER_H_
