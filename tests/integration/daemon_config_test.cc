// Configuration as a real daemon meets it: at the start, by SIGHUP and by `zctl reload`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>
#include <string>

#include "absl/strings/match.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Mistake {
  std::string name;
  std::string config;
  std::string message;  // after the file's name
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.config; }

class MistakeTest : public ::testing::TestWithParam<Mistake> {
 protected:
  DaemonProcess daemon_{GetParam().config};
};

TEST_P(MistakeTest, EndsTheStartWithFileLineKeyAndExpectation) {
  const Process::End end = Process::Start({Program("zbrokerd")}, daemon_.Environment()).Wait();
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr(daemon_.dir().File("config.toml:") + GetParam().message));
}

TEST_P(MistakeTest, LeavesNoLedgerBehind) {
  Process::Start({Program("zbrokerd")}, daemon_.Environment()).Wait();
  EXPECT_THAT(ReadFile(daemon_.ledger()), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, MistakeTest,
    ::testing::Values(Mistake{"UnknownKey", "[broker]\nqueue_mx = 3\n",
                              "2: broker.queue_mx: unknown key; did you mean \"queue_max\"?"},
                      Mistake{"WrongType", "[account.default.slots]\nlimit = \"three\"\n",
                              "2: account.default.slots.limit: found \"three\"; "
                              "expected an integer from 1 to 1000"},
                      Mistake{"BadDuration", "[broker]\nreclaim_grace = \"soon\"\n",
                              "2: broker.reclaim_grace: found \"soon\"; expected a duration from"},
                      Mistake{
                          "TwoWindowsOfOneName",
                          "[[account.default.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 9\n"
                          "[[account.default.window]]\nname = \"5h\"\nlength = \"1h\"\nlimit = 9\n",
                          "6: account.default.window.name: \"5h\" is also the window on line 2; "
                          "expected a name of its own"},
                      Mistake{"NotToml", "[broker\n", "1: "}),
    [](const auto& test) { return test.param.name; });

class ReloadTest : public ::testing::Test {
 protected:
  static std::string WithLimit(const std::string& limit) {
    return "[account.default.slots]\nlimit = " + limit + "\n";
  }

  void SetUp() override { daemon_.Start(); }

  // The file is read again; what came of it shows in the status.
  void HangUp(const std::string& config) {
    daemon_.SetConfig(config);
    kill(daemon_.RunningPid(), SIGHUP);
  }

  std::string ConfigError() { return daemon_.Status().daemon().config_error(); }

  DaemonProcess daemon_{WithLimit("2")};
};

TEST_F(ReloadTest, HangUpWithAGoodFileChangesTheLimit) {
  HangUp(WithLimit("7"));
  EXPECT_TRUE(WaitUntil([&] { return daemon_.Slots().limit() == 7; })) << daemon_.Log();
}

TEST_F(ReloadTest, HangUpWithABadFileKeepsTheOldOneAndSaysSo) {
  HangUp(WithLimit("0"));
  ASSERT_TRUE(WaitUntil([&] { return !ConfigError().empty(); })) << daemon_.Log();
  EXPECT_THAT(ConfigError(), HasSubstr("config.toml:2: account.default.slots.limit: found 0"));
  EXPECT_EQ(daemon_.Slots().limit(), 2u);
  EXPECT_THAT(daemon_.Zctl({"status"}).out, HasSubstr("CONFIGURATION NOT RELOADED"));
}

TEST_F(ReloadTest, GoodFileAfterABadOneClearsTheError) {
  HangUp(WithLimit("0"));
  ASSERT_TRUE(WaitUntil([&] { return !ConfigError().empty(); })) << daemon_.Log();
  HangUp(WithLimit("4"));
  EXPECT_TRUE(WaitUntil([&] { return ConfigError().empty() && daemon_.Slots().limit() == 4; }))
      << daemon_.Log();
}

TEST_F(ReloadTest, FileThatIsGoneKeepsTheOldConfiguration) {
  unlink(daemon_.dir().File("config.toml").c_str());
  kill(daemon_.RunningPid(), SIGHUP);
  ASSERT_TRUE(WaitUntil([&] { return !ConfigError().empty(); })) << daemon_.Log();
  EXPECT_EQ(daemon_.Slots().limit(), 2u);
}

TEST_F(ReloadTest, ZctlReloadTellsTheMistake) {
  daemon_.SetConfig(WithLimit("-1"));
  const Process::End end = daemon_.Zctl({"reload"});
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("config.toml:2: account.default.slots.limit: found -1"));
  EXPECT_EQ(daemon_.Slots().limit(), 2u);
}

TEST_F(ReloadTest, ZctlReloadReturnsWhenTheNewConfigurationIsInForce) {
  daemon_.SetConfig(WithLimit("5"));
  const Process::End end = daemon_.Zctl({"reload"});
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_EQ(daemon_.Slots().limit(), 5u);
}

TEST(ReloadWithoutFileTest, FindsTheOneThatThereIsByNow) {
  TempDir home;
  const EnvironmentVariables environment = {{"HOME", home.path()},
                                            {"ZBROKER_STATE_DIR", home.path()}};
  const Process daemon = Process::Start({Program("zbrokerd")}, environment);
  ASSERT_TRUE(WaitUntil([&] { return absl::StrContains(daemon.Err(), "serves on"); }))
      << daemon.Err();
  const std::string file = home.File(".config/zbroker/config.toml");
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  WriteFile(file, "[account.default.slots]\nlimit = 7\n");
  const Process::End end = RunProgram({Program("zctl"), "reload"}, environment);
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr(file));
  EXPECT_THAT(RunProgram({Program("zctl"), "status"}, environment).out, HasSubstr("0 of 7"));
}

}  // namespace
}  // namespace zbroker::testing
