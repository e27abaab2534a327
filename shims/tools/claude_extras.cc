#include "shims/tools/claude_extras.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/status.h"
#include "shims/tools/json_edit.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/mcp_servers.h"
#include "shims/tools/set_up.h"

namespace zbroker::tools {
namespace {

constexpr char kName[] = "zbroker";
constexpr absl::string_view kHookCommand = " hook claude";
// Claude Code runs the hook before each call, and waits so many seconds at most.
constexpr int kHookTimeout = 5;

// For the shell by which hooks are run.
std::string ShellWord(const std::string& word) {
  const bool plain = std::ranges::all_of(word, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '.' || c == '_' || c == '-';
  });
  return plain ? word : absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

absl::StatusOr<std::string> Set(const std::string& text, const char* key, absl::string_view json) {
  return SetJson(text, Syntax::kJson, {"mcpServers", kName, key}, json);
}

}  // namespace

std::string ClaudeServersFile(const Surroundings& surroundings) {
  const std::string directory = surroundings.Variable("CLAUDE_CONFIG_DIR").value_or("");
  return absl::StrCat(directory.empty() ? surroundings.home() : directory, "/.claude.json");
}

std::string ClaudeSettingsFile(const Surroundings& surroundings) {
  const std::string directory = surroundings.Variable("CLAUDE_CONFIG_DIR").value_or("");
  return absl::StrCat(directory.empty() ? absl::StrCat(surroundings.home(), "/.claude") : directory,
                      "/settings.json");
}

absl::StatusOr<SetUp> RegisterServer(const std::string& zctl, const Surroundings& surroundings) {
  SetUp set_up;
  const std::string file = ClaudeServersFile(surroundings);
  ZB_ASSIGN_OR_RETURN(std::string text, ReadOrEmpty(file, surroundings));
  // Those of all projects.
  const auto servers = FindServers(text, {.path = file});
  if (!servers.ok()) return Annotate(servers.status(), file);
  for (const McpServer& server : *servers) {
    if (server.state == McpServer::State::kOwn) return set_up;
    if (server.name != kName) continue;
    return absl::FailedPreconditionError(absl::StrCat(file, ": there is an MCP server ", kName,
                                                      " that is not `zctl mcp`: give it "
                                                      "another name, then run this again"));
  }
  const std::pair<const char*, std::string> members[] = {
      {"type", "\"stdio\""}, {"command", JsonQuote(zctl)}, {"args", "[\"mcp\"]"}};
  for (const auto& [key, json] : members) {
    auto edited = Set(text, key, json);
    if (!edited.ok()) return Annotate(edited.status(), file);
    text = *std::move(edited);
  }
  AddFile(file, std::move(text), surroundings, set_up);
  return set_up;
}

absl::StatusOr<SetUp> RegisterHook(const std::string& zctl, const Surroundings& surroundings) {
  SetUp set_up;
  const std::string file = ClaudeSettingsFile(surroundings);
  ZB_ASSIGN_OR_RETURN(const std::string text, ReadOrEmpty(file, surroundings));
  const auto settings = JsonObject::Parse(text);
  if (settings.ok() && settings->Mentions({"hooks", "PreToolUse"}, kHookCommand)) return set_up;
  auto edited = AppendElement(
      text, Syntax::kJson, {"hooks", "PreToolUse"},
      absl::StrCat(
          "{\"matcher\": \"Task|Agent\", \"hooks\": [{\"type\": \"command\", \"command\": ",
          JsonQuote(absl::StrCat(ShellWord(zctl), kHookCommand)), ", \"timeout\": ", kHookTimeout,
          "}]}"));
  if (!edited.ok()) return Annotate(edited.status(), file);
  AddFile(file, *std::move(edited), surroundings, set_up);
  return set_up;
}

}  // namespace zbroker::tools
