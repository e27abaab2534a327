#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(FindToolTest, EachNameIsFound) {
  for (const std::string& name : ToolNames()) EXPECT_EQ(FindTool(name)->name, name);
}

}  // namespace
}  // namespace zbroker::tools
