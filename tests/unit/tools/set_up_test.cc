// What `zctl setup TOOL` would write, for each tool.
#include "shims/tools/set_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "shims/tools/tool.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const FixedGateway kGateway{.url = "http://127.0.0.1:8787/0123456789abcdef0123456789abcdef",
                            .upstream = {"https://api.z.ai", "/api/anthropic"}};

// A tool's file before and after. $G stands for the gateway's URL.
struct Case {
  const char* tool;
  const char* path;
  const char* before;
  const char* after;
};

constexpr Case kCases[] = {
    {"claude", "/home/me/.claude/settings.json",
     R"({"env":{"ANTHROPIC_BASE_URL":"https://api.z.ai/api/anthropic/","A":"1"}})",
     R"({"env":{"ANTHROPIC_BASE_URL":"$G/api/anthropic","A":"1"}})"},
    {"opencode", "/home/me/.config/opencode/opencode.jsonc",
     "{ // mine\n  \"provider\": {\"zai-coding-plan\": {}}\n}",
     "{ // mine\n  \"provider\": {\"zai-coding-plan\": {\n    \"options\": {\n"
     "      \"baseURL\": \"{file:/state/setup/opencode.url}/api/coding/paas/v4\"\n    }\n  "
     "}}\n}"},
    {"kilo", "/home/me/.config/kilo/kilo.json",
     R"({"provider":{"x":{"options":{"baseURL":"https://api.z.ai/api/coding/paas/v4"}}}})",
     R"({"provider":{"x":{"options":{"baseURL":"{file:/state/setup/kilo.url}/api/coding/paas/v4"}}}})"},
    {"cline", "/home/me/.cline/data/settings/providers.json",
     R"({"lastUsedProvider":"zai","providers":{"zai":{"settings":{"baseUrl":"https://api.z.ai/api/paas/v4","apiKey":"k"}}}})",
     R"({"lastUsedProvider":"zai","providers":{"zai":{"settings":{"baseUrl":"$G/api/paas/v4","apiKey":"k"}}}})"},
    {"cn", "/home/me/.continue/config.yaml",
     "models:\n- provider: openai\n  apiBase: https://api.z.ai/api/coding/paas/v4 # mine\n",
     "models:\n- provider: openai\n  apiBase: \"${{ secrets.ZBROKER_GATEWAY "
     "}}/api/coding/paas/v4\" # mine\n"},
    {"codex", "/home/me/.codex/config.toml",
     "model_provider = 'zai'\n[model_providers.zai]\nbase_url = 'https://api.z.ai/api/v1' # mine\n",
     "model_provider = 'zai'\n[model_providers.zai]\nbase_url = \"$G/api/v1\" # mine\n"},
};

// Writes what a set-up comes to.
void Write(const SetUp& set_up, FakeSurroundings& machine) {
  for (const SetUp::File& file : set_up.files) machine.files[file.path] = file.content;
}

TEST(SetUpTest, EachToolsFileIsPointedAtTheGatewayAndASecondTimeChangesNothing) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.tool);
    const Tool& tool = *FindTool(one.tool);
    FakeSurroundings machine;
    machine.files[one.path] = one.before;
    const auto set_up = tool.set_up(kGateway, machine);
    ASSERT_OK(set_up);
    Write(*set_up, machine);
    EXPECT_EQ(machine.files[one.path], absl::StrReplaceAll(one.after, {{"$G", kGateway.url}}));
    const auto again = tool.set_up(kGateway, machine);
    ASSERT_OK(again);
    EXPECT_THAT(again->files, IsEmpty());
    const Look look = tool.look(machine);
    ASSERT_EQ(look.routes.size(), 1u);
    EXPECT_THAT(look.routes[0].url, HasSubstr(kGateway.url));
    EXPECT_EQ(look.routes[0].place, one.path);
  }
}

TEST(SetUpTest, GatewayOfAnotherPortOrTokenIsFollowed) {
  FixedGateway next = kGateway;
  next.url = "http://127.0.0.1:9999/ffffffffffffffffffffffffffffffff";
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.tool);
    const Tool& tool = *FindTool(one.tool);
    FakeSurroundings machine;
    machine.files[one.path] = one.before;
    Write(*tool.set_up(kGateway, machine), machine);
    const auto moved = tool.set_up(next, machine);
    ASSERT_OK(moved);
    Write(*moved, machine);
    EXPECT_THAT(tool.look(machine).routes[0].url, HasSubstr(next.url));
  }
}

TEST(SetUpTest, ToolOfAnotherGatewayThatRunsStaysThere) {
  FixedGateway usual = kGateway;
  usual.url = "http://127.0.0.1:9999/ffffffffffffffffffffffffffffffff";
  usual.others = {kGateway.url};
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.tool);
    const Tool& tool = *FindTool(one.tool);
    FakeSurroundings machine;
    machine.files[one.path] = one.before;
    Write(*tool.set_up(kGateway, machine), machine);
    EXPECT_THAT(tool.set_up(usual, machine), HasCode(absl::StatusCode::kFailedPrecondition));
  }
}

TEST(SetUpTest, RunOfAToolThatIsSetUpKnowsItsGateway) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.tool);
    const Tool& tool = *FindTool(one.tool);
    FakeSurroundings machine;
    machine.files[one.path] = one.before;
    Write(*tool.set_up(kGateway, machine), machine);
    const auto plan = tool.plan({}, machine);
    ASSERT_OK(plan);
    EXPECT_THAT(plan->upstream, HasSubstr(kGateway.url));
  }
}

TEST(SetUpTest, ToolThatGoesElsewhereIsLeftAlone) {
  FixedGateway other = kGateway;
  other.upstream = {"https://other.example", "/v1"};
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.tool);
    FakeSurroundings machine;
    machine.files[one.path] = one.before;
    EXPECT_THAT(FindTool(one.tool)->set_up(other, machine),
                HasCode(absl::StatusCode::kFailedPrecondition));
  }
}

TEST(SetUpTest, FilesThatCannotBeReadAsWhatTheyAreAreNamed) {
  for (const Case& one : kCases) {
    for (const char* bad : {"{\"a", "a: [", "[[["}) {
      FakeSurroundings machine;
      machine.files[one.path] = bad;
      const auto set_up = FindTool(one.tool)->set_up(kGateway, machine);
      EXPECT_FALSE(set_up.ok()) << one.tool << " took " << bad;
    }
    FakeSurroundings machine;
    machine.broken_files[one.path] = absl::PermissionDeniedError(one.path);
    EXPECT_FALSE(FindTool(one.tool)->set_up(kGateway, machine).ok()) << one.tool;
  }
}

// Claude Code passes over what it can't read; to say that nothing names a URL there would be wrong.
TEST(SetUpTest, SettingsOfClaudeThatCannotBeUsedAreSaidToBeSo) {
  const std::string file = "/home/me/.claude/settings.json";
  const auto set_up = [](const FakeSurroundings& machine) {
    return FindTool("claude")->set_up(kGateway, machine).status();
  };
  FakeSurroundings machine;
  EXPECT_THAT(set_up(machine).message(), HasSubstr("put the plan's key and ANTHROPIC_BASE_URL"));
  machine.files[file] = " \n";
  EXPECT_THAT(set_up(machine).message(), HasSubstr("put the plan's key and ANTHROPIC_BASE_URL"));
  machine.files[file] = "{'env':{}}";
  EXPECT_THAT(set_up(machine), Fails(absl::StatusCode::kInvalidArgument, HasSubstr("mend that")));
  machine.broken_files[file] = absl::PermissionDeniedError(file + ": permission denied");
  EXPECT_THAT(set_up(machine),
              Fails(absl::StatusCode::kPermissionDenied, HasSubstr("permission denied")));
  FakeSurroundings dangling;
  dangling.dangling_links = {file};
  EXPECT_THAT(set_up(dangling),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("is a link to something")));
  dangling.variables["ANTHROPIC_BASE_URL"] = "https://api.z.ai/api/anthropic";
  EXPECT_THAT(set_up(dangling),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("is a link to something")));
}

TEST(SetUpTest, SettingsThatWinOverTheUsersOwnAreNamed) {
  FakeSurroundings machine;
  machine.files["/work/project/.claude/settings.json"] =
      R"({"env":{"ANTHROPIC_BASE_URL":"https://api.z.ai/api/anthropic"}})";
  EXPECT_THAT(FindTool("claude")->set_up(kGateway, machine),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("/work/project/.claude")));
}

TEST(SetUpTest, OfSeveralSecretsOfContinueTheOneThatCountsIsChanged) {
  FakeSurroundings machine;
  machine.files[kCases[4].path] = kCases[4].before;
  machine.files["/home/me/.continue/.env"] =
      "ZBROKER_GATEWAY=a\nMY_ZBROKER_GATEWAY=b\n"
      "ZBROKER_GATEWAY=c\n";
  Write(*FindTool("cn")->set_up(kGateway, machine), machine);
  EXPECT_THAT(FindTool("cn")->look(machine).routes[0].url, HasSubstr(kGateway.url));
}

TEST(SetUpTest, SecretsOfContinueKeepTheOtherLines) {
  FakeSurroundings machine;
  machine.files[kCases[4].path] = kCases[4].before;
  machine.files["/home/me/.continue/.env"] = "A=1\r\nZBROKER_GATEWAY=old\r\nB=2";
  Write(*FindTool("cn")->set_up(kGateway, machine), machine);
  EXPECT_EQ(machine.files["/home/me/.continue/.env"],
            absl::StrCat("A=1\r\nZBROKER_GATEWAY=", kGateway.url, "\r\nB=2"));
}

}  // namespace
}  // namespace zbroker::tools
