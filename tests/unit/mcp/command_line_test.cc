#include "shims/mcp/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "shims/process/exit_status.h"

namespace zbroker::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class McpCommandLineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("ZLEASE_PARENT");
    unsetenv("ZLEASE_PRIORITY");
  }
  void TearDown() override { SetUp(); }

  std::variant<Options, int> Parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "mcp");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    auto parsed = ParseCommandLine(static_cast<int>(argv.size()), argv.data());
    out_ = ::testing::internal::GetCapturedStdout();
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

  std::string out_, said_;
};

TEST_F(McpCommandLineTest, CommandFollowsTheOptions) {
  const Options options = Good({"--tool", "web_*", "--tool", "read", "--priority", "background",
                                "--", "npx", "-y", "--tool", "x"});
  EXPECT_THAT(options.command, ElementsAre("npx", "-y", "--tool", "x"));
  EXPECT_THAT(options.tools, ElementsAre("web_*", "read"));
  EXPECT_EQ(options.request.priority(), v1::PRIORITY_BACKGROUND);
  EXPECT_EQ(options.request.kind(), v1::KIND_UNSPECIFIED);
  EXPECT_FALSE(options.timeout.has_value());
}

TEST_F(McpCommandLineTest, KindAndTimeOut) {
  const Options options = Good({"--kind", "call", "--timeout", "20s", "--", "server"});
  EXPECT_EQ(options.request.kind(), v1::KIND_CALL);
  EXPECT_EQ(options.timeout, absl::Seconds(20));
}

TEST_F(McpCommandLineTest, LeaseAboveIsTheParent) {
  setenv("ZLEASE_PARENT", "42", 1);
  EXPECT_EQ(Good({"--", "server"}).request.parent_lease_id(), 42u);
}

TEST_F(McpCommandLineTest, WithoutAServerThereIsNothingToRun) {
  EXPECT_EQ(Bad({}), process::kExitOwnFailure);
  EXPECT_THAT(said_, HasSubstr("no server to run"));
  EXPECT_EQ(Bad({"--nonsense", "--", "x"}), process::kExitOwnFailure);
  EXPECT_EQ(Bad({"--tool", "", "--", "x"}), process::kExitOwnFailure);
}

TEST_F(McpCommandLineTest, HelpHasExamples) {
  EXPECT_EQ(Bad({"--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("zlease mcp -- npx -y @z_ai/mcp-server"));
}

}  // namespace
}  // namespace zbroker::mcp
