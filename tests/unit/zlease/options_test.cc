#include "shims/zlease/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <variant>
#include <vector>

#include "shims/process/exit_status.h"

namespace zbroker::zlease {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OptionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("ZLEASE_PARENT");
    unsetenv("ZLEASE_PRIORITY");
  }
  void TearDown() override { SetUp(); }

  std::variant<Options, int> Parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "zlease");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    auto parsed = ParseOptions(static_cast<int>(argv.size()), argv.data());
    ::testing::internal::GetCapturedStdout();
    said_ = ::testing::internal::GetCapturedStderr();
    return parsed;
  }
  Options Good(std::vector<std::string> arguments) {
    auto parsed = Parse(std::move(arguments));
    EXPECT_TRUE(std::holds_alternative<Options>(parsed)) << said_;
    return std::holds_alternative<Options>(parsed) ? std::get<Options>(parsed) : Options();
  }
  int Bad(std::vector<std::string> arguments) {
    auto parsed = Parse(std::move(arguments));
    EXPECT_TRUE(std::holds_alternative<int>(parsed));
    return std::holds_alternative<int>(parsed) ? std::get<int>(parsed) : -1;
  }

  std::string said_;
};

TEST_F(OptionsTest, CommandThatIsSetOffHasOneLease) {
  const Options options = Good({"--", "claude", "-p", "hi"});
  EXPECT_EQ(options.mode, Mode::kPerCommand);
  EXPECT_THAT(options.command, ElementsAre("claude", "-p", "hi"));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(OptionsTest, KnownAgentHasOneLeaseForEachRequest) {
  const Options options = Good({"--session", "s", "claude", "-p", "hi"});
  EXPECT_EQ(options.mode, Mode::kPerRequest);
  EXPECT_THAT(options.command, ElementsAre("claude", "-p", "hi"));
  EXPECT_EQ(Good({"/opt/bin/opencode"}).mode, Mode::kPerRequest);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(OptionsTest, OptionsOfTheAgentAreTheAgents) {
  EXPECT_THAT(Good({"claude", "--quiet", "--model", "x"}).command,
              ElementsAre("claude", "--quiet", "--model", "x"));
}

TEST_F(OptionsTest, AgentThatCallsNoModelNeedsNothing) {
  EXPECT_EQ(Good({"claude", "--version"}).mode, Mode::kPlain);
  EXPECT_EQ(Good({"claude", "mcp", "list"}).mode, Mode::kPlain);
  EXPECT_EQ(Good({"--per-command", "claude", "mcp", "list"}).mode, Mode::kPerCommand);
}

TEST_F(OptionsTest, UnknownCommandHasOneLeaseAndIsToldSo) {
  EXPECT_EQ(Good({"python3", "a.py"}).mode, Mode::kPerCommand);
  EXPECT_THAT(said_, HasSubstr("python3"));
  EXPECT_EQ(Good({"--quiet", "python3", "a.py"}).mode, Mode::kPerCommand);
  EXPECT_THAT(said_, IsEmpty());
  EXPECT_EQ(Good({"--per-command", "python3", "a.py"}).mode, Mode::kPerCommand);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(OptionsTest, ModeCanBeChosen) {
  EXPECT_EQ(Good({"--per-command", "claude"}).mode, Mode::kPerCommand);
  EXPECT_EQ(Good({"--per-request", "python3", "a.py"}).mode, Mode::kPerRequest);
  EXPECT_EQ(Good({"--per-request", "--", "python3", "a.py"}).mode, Mode::kPerRequest);
  EXPECT_EQ(Bad({"--per-request", "--per-command", "python3"}), process::kExitOwnFailure);
}

TEST_F(OptionsTest, GatewayIsAWordUnlessItIsSetOff) {
  const Options options =
      Good({"--account", "work", "gateway", "--listen", "127.0.0.1:0", "--help"});
  EXPECT_EQ(options.mode, Mode::kGateway);
  EXPECT_EQ(options.request.account(), "work");
  EXPECT_THAT(options.command, ElementsAre("--listen", "127.0.0.1:0", "--help"));
  EXPECT_EQ(Good({"--", "gateway"}).mode, Mode::kPerCommand);
}

TEST_F(OptionsTest, OptionOfTheOtherModeIsRefused) {
  EXPECT_EQ(Bad({"--no-wait", "claude"}), process::kExitOwnFailure);
  EXPECT_THAT(said_, HasSubstr("--no-wait is for a lease per command: add --per-command"));
  EXPECT_EQ(Bad({"--model", "m", "gateway"}), process::kExitOwnFailure);
  EXPECT_EQ(Bad({"--upstream", "http://a", "--", "true"}), process::kExitOwnFailure);
  EXPECT_THAT(said_, HasSubstr("--upstream is for a lease per request: add --per-request"));
  EXPECT_EQ(Bad({"--upstream", "", "claude"}), process::kExitOwnFailure);
}

TEST_F(OptionsTest, PriorityIsTheOptionsElseTheEnvironmentsElseTheDaemons) {
  EXPECT_EQ(Good({"--", "true"}).request.priority(), v1::PRIORITY_UNSPECIFIED);
  setenv("ZLEASE_PRIORITY", "background", 1);
  EXPECT_EQ(Good({"--", "true"}).request.priority(), v1::PRIORITY_BACKGROUND);
  EXPECT_EQ(Good({"claude"}).request.priority(), v1::PRIORITY_BACKGROUND);
  EXPECT_EQ(Good({"--priority", "normal", "--", "true"}).request.priority(), v1::PRIORITY_NORMAL);
}

TEST_F(OptionsTest, PriorityOfTheEnvironmentIsLeftToALongLivedGateway) {
  // Both would name it otherwise, and an option is taken once.
  setenv("ZLEASE_PRIORITY", "background", 1);
  const Options options = Good({"gateway", "--priority", "interactive"});
  EXPECT_EQ(options.request.priority(), v1::PRIORITY_UNSPECIFIED);
}

TEST_F(OptionsTest, UnknownPriorityIsRefusedWithTheKnownOnes) {
  EXPECT_EQ(Bad({"--priority", "urgent", "--", "true"}), process::kExitOwnFailure);
  EXPECT_THAT(said_,
              HasSubstr("--priority: \"urgent\" is none of interactive, normal, background"));
  setenv("ZLEASE_PRIORITY", "urgent", 1);
  EXPECT_EQ(Bad({"--", "true"}), process::kExitOwnFailure);
  EXPECT_THAT(said_, HasSubstr("zlease: ZLEASE_PRIORITY: \"urgent\" is none of interactive"));
  EXPECT_EQ(Good({"claude", "--version"}).mode, Mode::kPlain);
}

TEST_F(OptionsTest, ParentIsTheLeaseThatTheEnvironmentNames) {
  EXPECT_EQ(Good({"--", "true"}).request.parent_lease_id(), 0u);
  setenv("ZLEASE_PARENT", "7", 1);
  EXPECT_EQ(Good({"--", "true"}).request.parent_lease_id(), 7u);
  setenv("ZLEASE_PARENT", "7 or so", 1);
  EXPECT_EQ(Good({"--", "true"}).request.parent_lease_id(), 0u);
}

}  // namespace
}  // namespace zbroker::zlease
