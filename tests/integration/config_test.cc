// What is in force, and what would be: zctl config, reload --check, limit set --dry-run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ConfigTest : public ::testing::Test {
 protected:
  std::string Said(const std::vector<std::string>& arguments, int exit_status = 0) {
    const Process::End end = daemon_.Zctl(arguments);
    EXPECT_EQ(end.exit_status, exit_status) << end.out << end.err;
    return exit_status == 0 ? end.out : end.err;
  }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 2\n"};
  const std::string file_ = daemon_.dir().File("config.toml");
};

TEST_F(ConfigTest, SaysWhatIsInForceAndNotWhatTheFileSaysByNow) {
  daemon_.Start();
  daemon_.SetConfig("[account.default.slots]\n\nlimit = 5\n");
  std::string text = Said({"config", "--origin"});
  EXPECT_THAT(text, StartsWith(absl::StrCat("# in force, from ", file_, "\n")));
  EXPECT_THAT(text, HasSubstr("account.default.slots.limit = 2 "));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("  # ", file_, ":2\n")));
  EXPECT_THAT(text, HasSubstr("  # default\n"));
  EXPECT_THAT(text, HasSubstr("# environment\n"));
  EXPECT_THAT(Said({"config"}), HasSubstr("account.default.slots.limit = 2\n"));
  Said({"reload"});
  text = Said({"config", "--origin"});
  EXPECT_THAT(text, HasSubstr("account.default.slots.limit = 5 "));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("  # ", file_, ":3\n")));
}

TEST_F(ConfigTest, WithoutADaemonItSaysWhatOneWouldHaveAndStartsNone) {
  const std::string text = Said({"config"});
  EXPECT_THAT(text, StartsWith("# no daemon runs; one that starts has this, from "));
  EXPECT_THAT(text, HasSubstr("account.default.slots.limit = 2\n"));
  EXPECT_EQ(daemon_.RunningPid(), 0);
  daemon_.SetConfig("\nnonsense = 1\n");
  EXPECT_THAT(Said({"config"}, 1), HasSubstr(absl::StrCat(file_, ":2: nonsense: unknown key")));
}

TEST_F(ConfigTest, CheckOfAFileIsTheDaemonsOwn) {
  EXPECT_EQ(Said({"config", "--check", file_}), absl::StrCat(file_, ": valid\n"));
  daemon_.SetConfig("[broker]\nqueue_mx = 3\n");
  EXPECT_EQ(Said({"config", "--check", file_}, 1),
            absl::StrCat("zctl: ", file_,
                         ":2: broker.queue_mx: unknown key; did you mean \"queue_max\"?\n"));
  EXPECT_THAT(Said({"config", "--check", "/no/such"}, 1), HasSubstr("No such file"));
  EXPECT_EQ(daemon_.Zctl({"config", "--check", ""}).exit_status, 2);
  EXPECT_EQ(daemon_.Zctl({"config", "--check", file_, "--origin"}).exit_status, 2);
  EXPECT_EQ(daemon_.RunningPid(), 0);
}

TEST_F(ConfigTest, CheckOfAReloadChangesNothing) {
  daemon_.Start();
  EXPECT_THAT(Said({"reload", "--check"}), HasSubstr("a reload changes nothing\n"));
  daemon_.SetConfig(
      "[account.default.slots]\nlimit = 5\n[[account.default.window]]\nname = \"w\"\n"
      "length = \"1h\"\nlimit = 7\n");
  const std::string text = Said({"reload", "--check"});
  EXPECT_THAT(text, StartsWith(absl::StrCat(file_, ": valid; a reload changes ")));
  EXPECT_THAT(text, HasSubstr("  account.default.slots.limit: 2 → 5\n"));
  EXPECT_THAT(text, HasSubstr("  account.default.window[w].limit: not there → 7\n"));
  EXPECT_THAT(text, HasSubstr("  account.default.window[5h].limit: 0 → not there\n"));
  EXPECT_EQ(daemon_.Slots().limit(), 2u);
  Said({"reload"});
  EXPECT_EQ(daemon_.Slots().limit(), 5u);
  EXPECT_THAT(Said({"reload", "--check"}), HasSubstr("a reload changes nothing\n"));
}

TEST_F(ConfigTest, CheckOfAReloadThatWouldBeRefusedIsNoTroubleOfTheDaemon) {
  daemon_.Start();
  daemon_.SetConfig("nonsense = 1\n");
  EXPECT_THAT(Said({"reload", "--check"}, 1), HasSubstr(absl::StrCat(file_, ":1: nonsense: ")));
  EXPECT_THAT(daemon_.Status().daemon().config_error(), IsEmpty());
  EXPECT_THAT(Said({"events", "--kind", "config_error"}), HasSubstr("nothing worth telling"));
}

TEST_F(ConfigTest, DryRunOfALimitPinsNothing) {
  daemon_.Start();
  const Process first = daemon_.StartZlease({"--", "sleep", "60"});
  const Process second = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(2, 0));
  EXPECT_THAT(Said({"limit", "set", "1", "--dry-run"}),
              StartsWith("default: limit 2, would be 1; nothing was changed\n  2 in flight: "));
  EXPECT_THAT(Said({"limit", "set", "4", "--model", "glm-5", "--dry-run"}),
              StartsWith("default: glm-5: limit none of its own, would be 4; "));
  EXPECT_EQ(daemon_.Slots().limit(), 2u);
  EXPECT_FALSE(daemon_.Slots().pinned());
  EXPECT_THAT(Said({"limit"}), Not(HasSubstr("glm-5")));
  Said({"limit", "set", "7"});
  EXPECT_THAT(Said({"limit", "auto", "--dry-run"}), StartsWith("default: limit 7, would be 2; "));
  EXPECT_TRUE(daemon_.Slots().pinned());
  EXPECT_THAT(Said({"limit", "set", "1", "--dry-run", "--account", "nope"}, 1), HasSubstr("nope"));
}

}  // namespace
}  // namespace zbroker::testing
