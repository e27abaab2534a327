#include "shims/tools/mcp_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using Manner = McpFile::Manner;
using State = McpServer::State;

// The text with every server wrapped, and again with every one unwrapped.
std::string Changed(std::string text, const McpFile& file, bool wrap) {
  const auto servers = FindServers(text, file);
  EXPECT_OK(servers);
  for (const McpServer& server : servers.value_or(std::vector<McpServer>())) {
    if (server.state != (wrap ? State::kDirect : State::kWrapped)) continue;
    const auto edited = wrap ? Wrap(text, file, server, "zlease") : Unwrap(text, file, server);
    EXPECT_OK(edited);
    text = edited.value_or("");
  }
  return text;
}

struct Case {
  const char* what;
  McpFile file;
  const char* direct;
  const char* wrapped;
};

const Case kCases[] = {
    {"arguments come after",
     {},
     R"({"mcpServers": {"a": {"command": "npx", "args": ["-y", "@x/y"], "env": {"K": "v"}}}})",
     R"({"mcpServers": {"a": {"command": "zlease", "args": ["mcp", "--", "npx", "-y", "@x/y"], "env": {"K": "v"}}}})"},
    {"lines, ends and comments stay",
     {.syntax = Syntax::kJsonWithComments},
     "{\r\n  // mine\r\n  \"mcpServers\": {\r\n    \"a\": {\r\n      \"args\": [\r\n        "
     "\"x\" // why\r\n      ],\r\n      \"command\": \"./s\",\r\n    },\r\n  },\r\n}",
     "{\r\n  // mine\r\n  \"mcpServers\": {\r\n    \"a\": {\r\n      \"args\": [\r\n        "
     "\"mcp\",\r\n        \"--\",\r\n        \"./s\",\r\n        \"x\" // why\r\n      "
     "],\r\n      \"command\": \"zlease\",\r\n    },\r\n  },\r\n}"},
    {"servers of projects",
     {.manner = Manner::kProjects},
     R"({"projects": {"/a.b": {"mcpServers": {"": {"type": "stdio", "command": "s", "args": []}}}}, "mcpServers": {}})",
     R"({"projects": {"/a.b": {"mcpServers": {"": {"type": "stdio", "command": "zlease", "args": ["mcp", "--", "s"]}}}}, "mcpServers": {}})"},
    {"a command that is an array",
     {.syntax = Syntax::kJsonWithComments, .manner = Manner::kCommands},
     R"({"mcp": {"a": {"type": "local", "command": ["bun", "x"],}}})",
     R"({"mcp": {"a": {"type": "local", "command": ["zlease", "mcp", "--", "bun", "x"],}}})"},
    {"a way of its own",
     {},
     R"({"mcpServers": {"a": {"transport": {"type": "stdio", "command": "s", "args": ["1"]}}}})",
     R"({"mcpServers": {"a": {"transport": {"type": "stdio", "command": "zlease", "args": ["mcp", "--", "s", "1"]}}}})"},
    {"a byte order mark",
     {},
     "\xEF\xBB\xBF{\"mcpServers\":{\"a\":{\"command\":\"s\",\"args\":[\"--\"]}}}",
     "\xEF\xBB\xBF{\"mcpServers\":{\"a\":{\"command\":\"zlease\",\"args\":[\"mcp\", "
     "\"--\", \"s\", \"--\"]}}}"},
};

TEST(McpServersTest, WrappedServerIsStartedByZleaseAndNothingElseChanges) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    EXPECT_EQ(Changed(one.direct, one.file, true), one.wrapped);
    EXPECT_EQ(Changed(one.wrapped, one.file, true), one.wrapped) << "wrapped twice";
    EXPECT_EQ(Changed(one.wrapped, one.file, false), one.direct);
  }
}

TEST(McpServersTest, ServerWithoutArgumentsIsGivenSome) {
  const std::string wrapped = Changed(R"({"mcpServers":{"a":{"command":"s"}}})", {}, true);
  EXPECT_EQ(wrapped, R"({"mcpServers":{"a":{"command":"zlease", "args": ["mcp", "--", "s"]}}})");
  EXPECT_EQ(Changed(wrapped, {}, false), R"({"mcpServers":{"a":{"command":"s", "args": []}}})");
}

TEST(McpServersTest, OptionsThatSomebodyGaveAreTakenOutWithTheRest) {
  EXPECT_EQ(Changed(R"({"mcpServers":{"a":{"command":"/usr/bin/zlease","args":["mcp","--tool",)"
                    R"("web*","--","s","1"]}}})",
                    {}, false),
            R"({"mcpServers":{"a":{"command":"s","args":["1"]}}})");
}

TEST(McpServersTest, OfTwoByOneNameTheLastIsWrappedOnce) {
  EXPECT_EQ(
      Changed(R"({"mcpServers":{"a":{"command":"x"},"a":{"command":"s","args":[]}}})", {}, true),
      R"({"mcpServers":{"a":{"command":"x"},"a":{"command":"zlease","args":["mcp", "--", "s"]}}})");
}

State StateOf(const std::string& entry, Manner manner = Manner::kServers) {
  const std::string key = manner == Manner::kCommands ? "mcp" : "mcpServers";
  const auto servers = FindServers("{\"" + key + "\":{\"a\":" + entry + "}}", {.manner = manner});
  EXPECT_OK(servers);
  return servers.ok() && servers->size() == 1 ? (*servers)[0].state : State::kUnclear;
}

TEST(McpServersTest, WhoseCallsAreLeasedAlreadyIsSeen) {
  EXPECT_EQ(StateOf(R"({"command":"npx","args":["-y","zlease-like"]})"), State::kDirect);
  EXPECT_EQ(StateOf(R"({"command":"/opt/zlease","args":["mcp","-q","--","s"]})"), State::kWrapped);
  EXPECT_EQ(StateOf(R"({"command":"zlease","args":["mcp","s"]})"), State::kLeased);
  EXPECT_EQ(StateOf(R"({"command":"zlease","args":["mcp","--"]})"), State::kLeased);
  EXPECT_EQ(StateOf(R"({"command":"zlease","args":["--","s"]})"), State::kLeased);
  EXPECT_EQ(StateOf(R"({"command":"env","args":["A=1","zlease","mcp","--","s"]})"), State::kLeased);
  EXPECT_EQ(StateOf(R"({"type":"local","command":["zlease","mcp","--","s"]})", Manner::kCommands),
            State::kWrapped);
}

// A wall must not keep agents from asking how long it stands.
TEST(McpServersTest, OurOwnServerIsNeverWrapped) {
  EXPECT_EQ(StateOf(R"({"command":"zctl","args":["mcp"]})"), State::kOwn);
  EXPECT_EQ(StateOf(R"({"command":"/usr/libexec/zbroker/zctl-mcp"})"), State::kOwn);
  EXPECT_EQ(StateOf(R"({"type":"local","command":["zctl","mcp"]})", Manner::kCommands),
            State::kOwn);
}

TEST(McpServersTest, WhatNoCommandStartsIsLeftAlone) {
  EXPECT_EQ(StateOf(R"({"type":"http","url":"https://x"})"), State::kRemote);
  EXPECT_EQ(StateOf(R"({"url":"https://x"})"), State::kRemote);
  EXPECT_EQ(StateOf(R"({"type":"sse","command":"s"})"), State::kRemote);
  EXPECT_EQ(StateOf(R"({"type":"remote","url":"https://x"})", Manner::kCommands), State::kRemote);
  EXPECT_EQ(StateOf("1"), State::kRemote);
}

TEST(McpServersTest, WhatItsToolWouldNotStartIsLeftAlone) {
  for (const char* entry :
       {R"({"command":""})", R"({"command":1})", R"({"command":"s","args":"x"})",
        R"({"command":"s","args":[1]})", R"({"command":"s","args":null})", R"({"command":[]})"}) {
    EXPECT_EQ(StateOf(entry), State::kUnclear) << entry;
  }
  for (const char* entry : {R"({"command":[]})", R"({"command":"s"})", R"({"command":["s",1]})"}) {
    EXPECT_EQ(StateOf(entry, Manner::kCommands), State::kUnclear) << entry;
  }
}

TEST(McpServersTest, TextsWithoutServersHaveNone) {
  for (const char* text : {"", " \n", "{}", R"({"mcpServers":[]})", R"({"mcpServers":{}})",
                           R"({"projects":{"/a":1}})"}) {
    const auto servers = FindServers(text, {.manner = Manner::kProjects});
    ASSERT_OK(servers) << text;
    EXPECT_TRUE(servers->empty()) << text;
  }
  EXPECT_THAT(FindServers("[1]", {}), testing::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FindServers("{/**/}", {}), testing::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(McpFilesTest, FilesAreThoseThatToolsReadHere) {
  FakeSurroundings surroundings;
  surroundings.files["/work/.git/config"] = "";
  surroundings.variables["CLAUDE_CONFIG_DIR"] = "/c";
  surroundings.variables["OPENCODE_CONFIG"] = "/o.json";
  const std::vector<McpFile> files = McpFiles(surroundings);
  for (const char* path :
       {"/work/project/.mcp.json", "/work/.mcp.json", "/c/.claude.json", "/o.json",
        "/work/project/opencode.json", "/home/me/.config/opencode/opencode.jsonc",
        "/home/me/.cline/data/settings/cline_mcp_settings.json"}) {
    EXPECT_THAT(files, Contains(Field(&McpFile::path, path)));
  }
  for (const McpFile& file : files) EXPECT_FALSE(absl::StartsWith(file.path, "/.")) << file.path;
  surroundings.variables["CLINE_DIR"] = "/cl";
  EXPECT_THAT(McpFiles(surroundings),
              Contains(Field(&McpFile::path, "/cl/data/settings/cline_mcp_settings.json")));
}

}  // namespace
}  // namespace zbroker::tools
