// Having MCP servers lease, giving Claude Code ours, and undoing both, on real files.
#include "shims/setup/mcp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "shims/setup/claude_extras.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/setup/shell.h"

namespace zbroker::setup {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::Not;

// A home, and a project in it where the tests are.
class SetUpMcpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Set("HOME", dir_.path());
    Set("ZBROKER_STATE_DIR", dir_.File("state"));
    Set("PATH", dir_.File("bin"));
    for (const char* name :
         {"CLAUDE_CONFIG_DIR", "OPENCODE_CONFIG", "KILO_CONFIG", "XDG_CONFIG_HOME", "CLINE_DIR",
          "CLINE_DATA_DIR", "CLINE_MCP_SETTINGS_PATH", "ZBROKER_CONFIG"}) {
      Set(name, "");
    }
    std::filesystem::create_directories(dir_.File("project/.git"));
    std::filesystem::create_directories(dir_.File("bin"));
    for (const char* program : {"bin/zlease", "bin/zctl"}) {
      testing::WriteFile(dir_.File(program), "");
      chmod(dir_.File(program).c_str(), 0700);
    }
    std::filesystem::current_path(dir_.File("project"));
  }
  void TearDown() override {
    std::filesystem::current_path(here_);
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
  }

  absl::Status Do(CommandLine line = {.yes = true}) {
    shown_.clear();
    const auto surroundings = tools::Surroundings::OfProcess();
    const Person person{.show = [this](absl::string_view text) { absl::StrAppend(&shown_, text); },
                        .ask = ask_};
    if (line.mcp || line.hook) return SetUpClaudeExtras(line, *surroundings, person);
    return line.undo ? UndoMcp(line, *surroundings, person) : SetUpMcp(line, *surroundings, person);
  }
  absl::Status Undo() { return Do({.yes = true, .undo = true}); }

  void Set(const char* name, const std::string& value) {
    const char* const old = getenv(name);
    before_.emplace(name, old == nullptr ? "" : old);
    setenv(name, value.c_str(), 1);
  }

  const testing::TempDir dir_;
  const std::filesystem::path here_ = std::filesystem::current_path();
  const std::string project_ = dir_.File("project/.mcp.json");
  const std::string claude_ = dir_.File(".claude.json");
  const std::string original_ =
      "\xEF\xBB\xBF{\r\n\t\"mcpServers\": {\r\n\t\t\"zai\": { \"command\": \"npx\", "
      "\"args\": [\"-y\", \"x\"] }\r\n\t},\r\n\t\"other\": 1.50\r\n}\r\n";
  std::map<std::string, std::string> before_;
  std::string shown_;
  std::function<bool(absl::string_view)> ask_;
};

TEST_F(SetUpMcpTest, UndoBringsBackEveryByteAndModeAndLink) {
  const std::string real = dir_.File("dotfiles.json");
  testing::WriteFile(real, original_);
  ASSERT_EQ(chmod(real.c_str(), 0640), 0);
  ASSERT_EQ(symlink(real.c_str(), project_.c_str()), 0);
  testing::WriteFile(claude_, R"({"projects":{"/p":{"mcpServers":{"a":{"command":"s"}}}}})");
  ASSERT_OK(Do());
  EXPECT_THAT(testing::ReadFile(real),
              HasSubstr(R"("command": "zlease", "args": ["mcp", "--", "npx", "-y", "x"] })"));
  EXPECT_THAT(testing::ReadFile(claude_), HasSubstr("zlease"));
  EXPECT_THAT(shown_, HasSubstr(R"("args": ["mcp", "--", "npx", "-y", "x"] })"));
  ASSERT_OK(Undo());
  EXPECT_EQ(testing::ReadFile(real), original_);
  EXPECT_EQ(testing::ReadFile(claude_),
            R"({"projects":{"/p":{"mcpServers":{"a":{"command":"s"}}}}})");
  EXPECT_EQ(testing::Shell("stat -c '%a %F' " + real + " " + project_),
            "640 regular file\n777 symbolic link\n");
  EXPECT_THAT(Undo(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing to undo")));
}

// As Claude Code's own is after a year: histories of a thousand projects, and a few servers.
std::string LargeClaudeFile() {
  std::string text = "{\n  \"numStartups\": 4711,\n  \"projects\": {\n";
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&text, i > 0 ? ",\n" : "", "    \"/home/a/p", i,
                    "\": {\n      \"history\": [\n");
    for (int j = 0; j < 100; ++j) {
      absl::StrAppend(&text, j > 0 ? ",\n" : "", "        {\n          \"display\": \"prompt ", j,
                      std::string(150, 'x'), "\",\n          \"pastedContents\": {}\n        }");
    }
    absl::StrAppend(&text, "\n      ],\n      \"mcpServers\": {");
    if (i % 400 == 50) {
      absl::StrAppend(
          &text, "\n        \"s", i, "\": {\n          \"command\": \"npx\",\n",
          "          \"args\": [\n            \"server\"\n          ]\n        }\n      ");
    }
    absl::StrAppend(&text, "}\n    }");
  }
  return text + "\n  }\n}\n";
}

TEST_F(SetUpMcpTest, AFileThatGrewForYearsIsWrappedAndBroughtBack) {
  const std::string before = LargeClaudeFile();
  ASSERT_GT(before.size(), size_t{20} << 20);
  testing::WriteFile(claude_, before);
  ASSERT_OK(Do());
  const std::string wrapped = testing::ReadFile(claude_);
  EXPECT_EQ(
      wrapped.size(),
      before.size() +
          3 * (std::string_view("zlease").size() - 3 +
               std::string_view("\"mcp\",\n            \"--\",\n            \"npx\",\n            ")
                   .size()));
  EXPECT_THAT(shown_, HasSubstr("+          \"command\": \"zlease\""));
  EXPECT_THAT(shown_, Not(HasSubstr("prompt "))) << "only what changes is shown";
  ASSERT_OK(Undo());
  EXPECT_TRUE(testing::ReadFile(claude_) == before);
}

TEST_F(SetUpMcpTest, SecondTimeChangesNothing) {
  testing::WriteFile(project_, original_);
  ASSERT_OK(Do());
  const std::string once = testing::ReadFile(project_);
  ASSERT_OK(Do());
  EXPECT_EQ(testing::ReadFile(project_), once);
  EXPECT_THAT(shown_, HasSubstr("nothing to change"));
  ASSERT_OK(Undo());
  EXPECT_EQ(testing::ReadFile(project_), original_);
}

// Claude Code writes to its own file at each run.
TEST_F(SetUpMcpTest, FileThatHasChangedSinceIsLeftAndTheOthersAreUndone) {
  testing::WriteFile(project_, original_);
  testing::WriteFile(claude_, R"({"mcpServers":{"a":{"command":"s","args":["1"]}}})");
  ASSERT_OK(Do());
  std::string later = testing::ReadFile(claude_);
  later.insert(1, "\"runs\":2,");
  testing::WriteFile(claude_, later);
  EXPECT_THAT(Undo(), Fails(absl::StatusCode::kAborted, HasSubstr("--unwrap")));
  EXPECT_THAT(shown_, HasSubstr("\"runs\":2"));
  EXPECT_EQ(testing::ReadFile(claude_), later);
  EXPECT_EQ(testing::ReadFile(project_), original_);
  ASSERT_OK(Do({.yes = true, .unwrap = true}));
  EXPECT_EQ(testing::ReadFile(claude_),
            R"({"runs":2,"mcpServers":{"a":{"command":"s","args":["1"]}}})");
}

TEST_F(SetUpMcpTest, OnlyTheServersThatAreNamedAreWrapped) {
  testing::WriteFile(project_, R"({"mcpServers":{"a":{"command":"s"},"b":{"command":"s"}}})");
  ASSERT_OK(Do({.yes = true, .servers = {"b"}}));
  EXPECT_THAT(testing::ReadFile(project_),
              HasSubstr(R"("a":{"command":"s"},"b":{"command":"zlease")"));
  EXPECT_THAT(Do({.yes = true, .servers = {"c"}}),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("there are a, b")));
}

TEST_F(SetUpMcpTest, WithoutServersItSaysWhereItHasLooked) {
  EXPECT_THAT(Do(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr(project_)));
  EXPECT_THAT(Do(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr(claude_)));
}

TEST_F(SetUpMcpTest, BadFilesArePassedOverWithTheirReason) {
  testing::WriteFile(project_, original_);
  for (const std::string& text :
       {std::string("no json"), std::string("[]"), std::string("{\"mcpServers\":{"),
        std::string(tools::Surroundings::kFileBytesMax + 1, ' '),
        std::string("{\"mcpServers\":\xff}"), std::string(400, '[')}) {
    testing::WriteFile(claude_, text);
    ASSERT_OK(Do());
    EXPECT_THAT(shown_, HasSubstr(absl::StrCat("passing over ", claude_)));
    EXPECT_EQ(testing::ReadFile(claude_), text);
    ASSERT_OK(Undo());
  }
  testing::WriteFile(claude_, "");
  ASSERT_OK(Do());
  EXPECT_THAT(shown_, Not(HasSubstr("passing over")));
}

TEST_F(SetUpMcpTest, ReadOnlyFileIsRefusedAndTheOthersAreWrapped) {
  testing::WriteFile(project_, original_);
  testing::WriteFile(claude_, R"({"mcpServers":{"a":{"command":"s"}}})");
  ASSERT_EQ(chmod(project_.c_str(), 0400), 0);
  EXPECT_THAT(Do(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod u+w")));
  EXPECT_EQ(testing::ReadFile(project_), original_);
  EXPECT_THAT(testing::ReadFile(claude_), HasSubstr("zlease"));
}

TEST_F(SetUpMcpTest, FileThatIsWrittenMeanwhileIsLeftAlone) {
  testing::WriteFile(project_, original_);
  ask_ = [&](absl::string_view) {
    testing::WriteFile(project_, "meanwhile");
    return true;
  };
  EXPECT_THAT(Do({}), HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(testing::ReadFile(project_), "meanwhile");
}

TEST_F(SetUpMcpTest, OneFileByTwoNamesIsChangedOnce) {
  testing::WriteFile(claude_, original_);
  ASSERT_EQ(symlink(claude_.c_str(), project_.c_str()), 0);
  ASSERT_OK(Do());
  EXPECT_THAT(testing::ReadFile(claude_), HasSubstr(R"(["mcp", "--", "npx", "-y", "x"])"));
  ASSERT_OK(Undo());
  EXPECT_EQ(testing::ReadFile(claude_), original_);
}

TEST_F(SetUpMcpTest, ServerWithAPathOfItsOwnIsGivenThePathOfZlease) {
  testing::WriteFile(project_,
                     R"({"mcpServers":{"a":{"command":"s","args":[],"env":{"PATH":"/x"}}}})");
  ASSERT_OK(Do());
  EXPECT_THAT(testing::ReadFile(project_),
              HasSubstr(absl::StrCat("\"command\":\"", dir_.File("bin/zlease"), "\"")));
}

TEST_F(SetUpMcpTest, PrintWritesNothing) {
  testing::WriteFile(project_, original_);
  ASSERT_OK(Do({.print = true}));
  EXPECT_EQ(testing::ReadFile(project_), original_);
  EXPECT_NE(access(dir_.File("state/setup").c_str(), F_OK), 0);
  EXPECT_THAT(Do({}), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("--yes")));
}

TEST_F(SetUpMcpTest, ClaudeIsGivenServerAndHookAndBothAreUndone) {
  const std::string settings = dir_.File(".claude/settings.json");
  testing::WriteFile(claude_, "{\"numStartups\": 1}");
  ASSERT_OK(Do({.yes = true, .mcp = true, .hook = true}));
  EXPECT_THAT(testing::ReadFile(claude_), HasSubstr(R"("command": "zctl", "args": ["mcp"])"));
  EXPECT_THAT(testing::ReadFile(settings), HasSubstr("\"zctl hook claude\""));
  ASSERT_OK(Do({.yes = true, .mcp = true, .hook = true}));
  EXPECT_THAT(shown_, HasSubstr("nothing to change"));
  ASSERT_OK(Do({.yes = true, .undo = true, .hook = true}));
  EXPECT_NE(access(settings.c_str(), F_OK), 0);
  ASSERT_OK(Do({.yes = true, .undo = true, .mcp = true}));
  EXPECT_EQ(testing::ReadFile(claude_), "{\"numStartups\": 1}");
}

TEST_F(SetUpMcpTest, ServerThatClaudeHasWrittenBesideIsSaidHowToTakeOut) {
  ASSERT_OK(Do({.yes = true, .mcp = true}));
  testing::WriteFile(claude_, testing::ReadFile(claude_) + " ");
  EXPECT_THAT(Do({.yes = true, .undo = true, .mcp = true}),
              Fails(absl::StatusCode::kAborted, HasSubstr("claude mcp remove")));
}

// It must answer while nothing else is let through.
TEST_F(SetUpMcpTest, OurOwnServerIsNotWrapped) {
  ASSERT_OK(Do({.yes = true, .mcp = true}));
  const std::string given = testing::ReadFile(claude_);
  ASSERT_OK(Do());
  EXPECT_EQ(testing::ReadFile(claude_), given);
}

}  // namespace
}  // namespace zbroker::setup
