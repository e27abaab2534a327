// What programs say of a socket that is not for whoever runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

// Its owner, where that is not root, is not in the class of the group.
class ClosedSocketTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }

  Process::End RunAsSomebody(mode_t mode, std::vector<std::string> argv) {
    EXPECT_EQ(chmod(daemon_.dir().path().c_str(), 0755), 0);
    EXPECT_EQ(chmod(daemon_.socket().c_str(), mode), 0);
    argv[0] = Program(argv[0]);
    if (geteuid() == 0) {
      const std::string user = absl::StrCat("--reuid=", kNobody);
      const std::string group = absl::StrCat("--regid=", kNobody);
      argv.insert(argv.begin(), {"setpriv", user, group, "--clear-groups"});
    }
    const Process::End end = RunProgram(argv, {{"ZBROKER_SOCKET", daemon_.socket()}});
    chmod(daemon_.socket().c_str(), 0600);
    return end;
  }

  DaemonProcess daemon_;
};

TEST_F(ClosedSocketTest, ZleaseSaysWhichGroupItIsForAndDoesNotWait) {
  const absl::Time begin = absl::Now();
  const Process::End end = RunAsSomebody(0060, {"zlease", "--", "true"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, ContainsRegex("it is for the group [^ ]+: run `sudo usermod -aG"));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(20));
}

TEST_F(ClosedSocketTest, ZctlSaysWhichGroupItIsFor) {
  const Process::End end = RunAsSomebody(0060, {"zctl", "status"});
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, ContainsRegex("it is for the group [^ ]+: run `sudo usermod -aG"));
}

TEST_F(ClosedSocketTest, WithoutAGroupItIsForItsOwner) {
  const Process::End end = RunAsSomebody(0000, {"zctl", "status"});
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr(absl::StrCat("it is for user ", geteuid(), " only")));
}

}  // namespace
}  // namespace zbroker::testing
