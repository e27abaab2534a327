#include "shims/tools/claude_extras.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using testing::Fails;
using ::testing::HasSubstr;

constexpr char kServers[] = "/home/me/.claude.json";
constexpr char kSettings[] = "/home/me/.claude/settings.json";

class ClaudeExtrasTest : public ::testing::Test {
 protected:
  // What the only file that is changed is to have; "nothing" for none.
  static std::string Content(const absl::StatusOr<tools::SetUp>& set_up, const std::string& path) {
    EXPECT_OK(set_up);
    if (!set_up.ok() || set_up->files.size() != 1) return "nothing";
    EXPECT_EQ(set_up->files[0].path, path);
    return set_up->files[0].content;
  }

  FakeSurroundings machine_;
};

TEST_F(ClaudeExtrasTest, ServerIsEnteredForAllProjectsOnce) {
  machine_.files[kServers] = "{\n  \"numStartups\": 3\n}";
  const std::string entered = Content(RegisterServer("zctl", machine_), kServers);
  EXPECT_EQ(entered,
            "{\n  \"numStartups\": 3,\n  \"mcpServers\": {\n    \"zbroker\": {\n"
            "      \"type\": \"stdio\",\n      \"command\": \"zctl\",\n      \"args\": [\"mcp\"]\n"
            "    }\n  }\n}");
  machine_.files[kServers] = entered;
  EXPECT_EQ(Content(RegisterServer("zctl", machine_), kServers), "nothing");
}

TEST_F(ClaudeExtrasTest, ServerThatSomebodyHasEnteredByAnotherNameIsEnough) {
  machine_.files[kServers] =
      R"({"mcpServers":{"quota":{"command":"/opt/bin/zctl","args":["mcp"]}}})";
  EXPECT_EQ(Content(RegisterServer("zctl", machine_), kServers), "nothing");
}

TEST_F(ClaudeExtrasTest, OtherServerOfOurNameIsNotReplaced) {
  machine_.files[kServers] = R"({"mcpServers":{"zbroker":{"type":"http","url":"https://x"}}})";
  EXPECT_THAT(RegisterServer("zctl", machine_),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr(kServers)));
}

TEST_F(ClaudeExtrasTest, HookGoesBehindThoseThatAreThereOnce) {
  machine_.files[kSettings] =
      "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash\", \"hooks\": []}\n"
      "    ]\n  }\n}\n";
  const std::string entered = Content(RegisterHook("zctl", machine_), kSettings);
  EXPECT_EQ(entered,
            "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash\", \"hooks\": "
            "[]},\n      {\"matcher\": \"Task|Agent\", \"hooks\": [{\"type\": \"command\", "
            "\"command\": \"zctl hook claude\", \"timeout\": 5}]}\n    ]\n  }\n}\n");
  machine_.files[kSettings] = entered;
  EXPECT_EQ(Content(RegisterHook("/opt/zctl", machine_), kSettings), "nothing");
}

TEST_F(ClaudeExtrasTest, FilesAreMadeWhereThereAreNone) {
  machine_.variables["CLAUDE_CONFIG_DIR"] = "/c";
  EXPECT_THAT(Content(RegisterServer("zctl", machine_), "/c/.claude.json"), HasSubstr("zbroker"));
  EXPECT_THAT(Content(RegisterHook("zctl", machine_), "/c/settings.json"), HasSubstr("hooks"));
}

TEST_F(ClaudeExtrasTest, PathIsAWordOfTheShell) {
  EXPECT_THAT(Content(RegisterHook("/my own's/zctl", machine_), kSettings),
              HasSubstr(R"("command": "'/my own'\\''s/zctl' hook claude")"));
}

TEST_F(ClaudeExtrasTest, FilesThatAreNoSettingsAreRefusedByName) {
  for (const char* text : {"[]", "{", R"({"hooks":[],"mcpServers":[]})",
                           R"({"hooks":{"PreToolUse":{}},"mcpServers":{"zbroker":1}})"}) {
    machine_.files[kServers] = machine_.files[kSettings] = text;
    EXPECT_THAT(RegisterServer("zctl", machine_).status().message(), HasSubstr(kServers)) << text;
    EXPECT_THAT(RegisterHook("zctl", machine_).status().message(), HasSubstr(kSettings)) << text;
  }
}

}  // namespace
}  // namespace zbroker::tools
