#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "shims/tools/tool.h"

namespace zbroker::tools {
namespace {

TEST(FindToolTest, KnowsAgentsByTheLastPartOfTheirPath) {
  ASSERT_NE(FindTool("claude"), nullptr);
  EXPECT_EQ(FindTool("claude")->name, "claude");
  EXPECT_EQ(FindTool("/usr/local/bin/claude"), FindTool("claude"));
  EXPECT_EQ(FindTool("./opencode")->name, "opencode");
}

TEST(FindToolTest, KnowsNoOthers) {
  for (const char* command : {"", "python", "claude-code", "claude/", "/claude/x", "CLAUDE"}) {
    EXPECT_EQ(FindTool(command), nullptr) << command;
  }
}

// The tool's name, and which word it is.
std::pair<std::string, size_t> Find(const std::vector<std::string>& command) {
  const FoundTool found = FindToolIn(command);
  return {found.tool == nullptr ? "" : std::string(found.tool->name), found.at};
}

TEST(FindToolInTest, LooksThroughLaunchers) {
  using Found = std::pair<std::string, size_t>;
  EXPECT_EQ(Find({"/opt/claude", "npx"}), Found("claude", 0));
  EXPECT_EQ(Find({"npx", "claude"}), Found("claude", 1));
  EXPECT_EQ(Find({"npx", "-y", "-p", "x", "@anthropic-ai/claude-code@latest", "-p"}),
            Found("claude", 4));
  EXPECT_EQ(Find({"bunx", "opencode-ai"}), Found("opencode", 1));
  EXPECT_EQ(Find({"bun", "x", "opencode"}), Found("opencode", 2));
  EXPECT_EQ(Find({"pnpm", "dlx", "opencode-ai@1.2"}), Found("opencode", 2));
  EXPECT_EQ(Find({"npm", "exec", "--", "opencode"}), Found("opencode", 3));
  EXPECT_EQ(Find({"env", "X=1", "-u", "Y", "claude"}), Found("claude", 4));
  EXPECT_EQ(Find({"nohup", "/usr/bin/env", "X=1", "npx", "claude"}), Found("claude", 4));
  EXPECT_EQ(Find({"timeout", "10m", "claude"}), Found("claude", 2));
  EXPECT_EQ(Find({"timeout", "-k5s", "--signal=INT", "--foreground", "10m", "nice", "claude"}),
            Found("claude", 6));
  EXPECT_EQ(Find({"nice", "-n", "10", "claude"}), Found("claude", 3));
  EXPECT_EQ(Find({"nice", "-n10", "claude"}), Found("claude", 2));
  EXPECT_EQ(Find({"nice", "-10", "claude"}), Found("claude", 2));
  EXPECT_EQ(Find({"nice", "-5", "claude"}), Found("claude", 2));
  EXPECT_EQ(Find({"nice", "--adjustment=5", "codex", "exec", "x=1"}), Found("codex", 2));
  EXPECT_EQ(Find({"ionice", "-c2", "-n", "7", "stdbuf", "-oL", "codex"}), Found("codex", 6));
  EXPECT_EQ(Find({"env", "-uANTHROPIC_API_KEY", "--", "X=1", "claude"}), Found("claude", 4));
}

TEST(FindToolInTest, LooksThroughTheOptionsOfPackageRunners) {
  using Found = std::pair<std::string, size_t>;
  EXPECT_EQ(Find({"npx", "--no-install", "claude"}), Found("claude", 2));
  EXPECT_EQ(Find({"npx", "--no", "--offline", "--", "claude"}), Found("claude", 4));
  EXPECT_EQ(Find({"npx", "-y", "--package=@kilocode/cli", "kilo"}), Found("kilo", 3));
  EXPECT_EQ(Find({"npx", "--registry", "http://127.0.0.1:1", "claude"}), Found("claude", 3));
  EXPECT_EQ(Find({"bunx", "-p", "opencode-ai", "opencode"}), Found("opencode", 3));
  EXPECT_EQ(Find({"bunx", "--no-install", "-i", "cline"}), Found("cline", 3));
  EXPECT_EQ(Find({"npm", "x", "-y", "--", "opencode-ai"}), Found("opencode", 4));
  EXPECT_EQ(Find({"pnpm", "dlx", "--silent", "opencode-ai"}), Found("opencode", 3));
}

// What points most tools at a gateway is their environment.
TEST(FindToolInTest, SaysThatNothingOfTheEnvironmentReachesTheTool) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"env", "-i", "claude"},
                                             {"env", "-", "HOME=/h", "claude"},
                                             {"env", "--ignore-environment", "nice", "claude"},
                                             {"timeout", "1m", "env", "-i", "npx", "claude"}}) {
    const FoundTool found = FindToolIn(command);
    EXPECT_EQ(found.tool, FindTool("claude")) << ::testing::PrintToString(command);
    EXPECT_TRUE(found.is_bare) << ::testing::PrintToString(command);
  }
  EXPECT_FALSE(FindToolIn({"env", "-u", "X", "claude"}).is_bare);
}

TEST(FindToolInTest, KnowsEachPackage) {
  for (const Tool* tool : AllTools()) {
    const std::string package(tool->package);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"npx", "-y", package + "@latest"},
                                               {"bunx", package},
                                               {"pnpm", "dlx", package},
                                               {"env", "X=1", "npx", package}}) {
      EXPECT_EQ(FindToolIn(command).tool, tool) << ::testing::PrintToString(command);
    }
  }
  EXPECT_EQ(FindTool("/usr/bin/kilocode"), FindTool("kilo"));
}

TEST(FindToolInTest, KnowsNothingBehindOptionsThatMayMeanAnything) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{},
                                             {"npx"},
                                             {"env", "X=1"},
                                             {"env", "-S", "claude -p"},
                                             {"timeout", "10m"},
                                             {"timeout", "-x", "10m", "claude"},
                                             {"nice", "-n"},
                                             {"npx", "--call=claude"},
                                             {"npx", "-c", "claude"},
                                             {"npm", "run", "claude"},
                                             {"bun", "claude"},
                                             {"pnpm", "claude"},
                                             {"env", "@anthropic-ai/claude-code"},
                                             {"npx", "some-package", "claude"},
                                             {"sh", "-c", "claude"}}) {
    EXPECT_EQ(FindToolIn(command).tool, nullptr) << ::testing::PrintToString(command);
  }
}

TEST(FindToolTest, EachNameIsFound) {
  for (const Tool* tool : AllTools()) EXPECT_EQ(FindTool(tool->name), tool);
}

}  // namespace
}  // namespace zbroker::tools
