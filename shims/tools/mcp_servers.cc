#include "shims/tools/mcp_servers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "shims/tools/claude_extras.h"
#include "shims/tools/json_edit.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/kilo.h"
#include "shims/tools/launcher.h"
#include "shims/tools/opencode.h"
#include "shims/tools/text_edit.h"

namespace zbroker::tools {
namespace {

using Manner = McpFile::Manner;
using State = McpServer::State;
using Keys = std::vector<std::string>;

constexpr absl::string_view kClineFile = "cline_mcp_settings.json";
// Editors that Cline is an extension of, below the home.
constexpr absl::string_view kEditors[] = {
    ".config/Code",     ".config/Code - Insiders", ".config/VSCodium",   ".config/Cursor",
    ".config/Windsurf", ".vscode-server/data",     ".cursor-server/data"};

// Of the command line; extensions of editors keep theirs with the editor.
std::string ClineFile(const Surroundings& surroundings) {
  const auto set = [&](const char* name) { return surroundings.Variable(name).value_or(""); };
  if (std::string path = set("CLINE_MCP_SETTINGS_PATH"); !path.empty()) return path;
  std::string data = set("CLINE_DATA_DIR");
  if (data.empty()) {
    const std::string own = set("CLINE_DIR");
    data = absl::StrCat(own.empty() ? absl::StrCat(surroundings.home(), "/.cline") : own, "/data");
  }
  return absl::StrCat(data, "/settings/", kClineFile);
}

// What is at keys of any number, in words that JsonObject takes.
class Entry {
 public:
  Entry(const JsonObject& root, Keys keys) : root_(root), keys_(std::move(keys)) {}

  Entry Below(const std::string& key) const {
    Keys keys = keys_;
    keys.push_back(key);
    return Entry(root_, std::move(keys));
  }
  std::optional<std::string> String() const { return root_.String(Path()); }
  std::optional<Keys> OnlyStrings() const { return root_.OnlyStrings(Path()); }
  Keys Members() const { return root_.Keys(Path()); }
  bool Has(const std::string& key) const { return root_.Has(Below(key).Path()); }
  const Keys& keys() const { return keys_; }

 private:
  std::vector<absl::string_view> Path() const { return {keys_.begin(), keys_.end()}; }

  const JsonObject& root_;
  Keys keys_;
};

std::optional<Keys> CommandOf(const Entry& entry, Manner manner) {
  if (manner == Manner::kCommands) return entry.Below("command").OnlyStrings();
  const auto program = entry.Below("command").String();
  const auto arguments = entry.Has("args") ? entry.Below("args").OnlyStrings() : Keys();
  if (!program || !arguments) return std::nullopt;
  Keys command = {*program};
  command.insert(command.end(), arguments->begin(), arguments->end());
  return command;
}

State StateOf(const Keys& command) {
  if (command.empty() || command[0].empty()) return State::kUnclear;
  const auto is = [&](size_t at, absl::string_view name) {
    return at < command.size() && BaseName(command[at]) == name;
  };
  const auto launched = FindLaunched(command);
  const size_t at = launched ? launched->at : 0;
  if (is(at, "zctl-mcp") || (is(at, "zctl") && is(at + 1, "mcp"))) return State::kOwn;
  if (!is(at, "zlease")) return State::kDirect;
  const auto mark = std::ranges::find(command, "--");
  const bool has_command = mark != command.end() && mark + 1 != command.end();
  return at == 0 && is(1, "mcp") && has_command ? State::kWrapped : State::kLeased;
}

McpServer ToServer(const std::string& name, const Entry& entry, Manner manner) {
  // Newer releases of Cline keep all that concerns the way to a server in an object of its own.
  const Entry way = entry.Has("transport") ? entry.Below("transport") : entry;
  McpServer server{.name = name, .entry = way.keys()};
  server.names_path = entry.Below("env").Has("PATH") || way.Below("env").Has("PATH") ||
                      entry.Below("environment").Has("PATH");
  const std::string usual = manner == Manner::kCommands ? "local" : "stdio";
  if (way.Below("type").String().value_or(usual) != usual || !way.Has("command")) {
    server.state = State::kRemote;
  } else if (auto command = CommandOf(way, manner)) {
    server.command = *std::move(command);
    server.state = StateOf(server.command);
  }
  return server;
}

void AddServers(const Entry& servers, Manner manner, std::vector<McpServer>& all) {
  const Keys names = servers.Members();
  for (size_t i = 0; i < names.size(); ++i) {
    // Of two by one name the last counts, for the tools as for us.
    if (std::find(names.begin() + static_cast<long>(i) + 1, names.end(), names[i]) != names.end()) {
      continue;
    }
    all.push_back(ToServer(names[i], servers.Below(names[i]), manner));
  }
}

Keys Quoted(const Keys& words) {
  Keys quoted;
  for (const std::string& word : words) quoted.push_back(JsonQuote(word));
  return quoted;
}

Keys Below(Keys keys, const char* key) {
  keys.emplace_back(key);
  return keys;
}

}  // namespace

std::vector<McpFile> McpFiles(const Surroundings& surroundings) {
  std::vector<McpFile> files;
  for (const std::string& directory : ProjectDirectories(surroundings)) {
    files.push_back({.path = absl::StrCat(directory, "/.mcp.json")});
  }
  files.push_back({.path = ClaudeServersFile(surroundings), .manner = Manner::kProjects});
  const auto add = [&](const std::string& path, Syntax syntax, Manner manner) {
    if (std::ranges::find(files, path, &McpFile::path) != files.end()) return;
    files.push_back({path, syntax, manner});
  };
  for (const OpenCodeNames* names : {&NamesOfOpenCode(), &NamesOfKilo()}) {
    for (const OpenCodeFile& file : FilesOf(*names, surroundings)) {
      add(file.path, Syntax::kJsonWithComments, Manner::kCommands);
    }
  }
  add(ClineFile(surroundings), Syntax::kJson, Manner::kServers);
  for (const absl::string_view editor : kEditors) {
    add(absl::StrCat(surroundings.home(), "/", editor,
                     "/User/globalStorage/saoudrizwan.claude-dev/settings/", kClineFile),
        Syntax::kJson, Manner::kServers);
  }
  return files;
}

absl::StatusOr<std::vector<McpServer>> FindServers(absl::string_view text, const McpFile& file) {
  std::vector<McpServer> all;
  const absl::string_view body = text.substr(ByteOrderMarkLength(text));
  if (absl::StripAsciiWhitespace(body).empty()) return all;
  ZB_ASSIGN_OR_RETURN(
      const JsonObject root,
      JsonObject::Parse(file.syntax == Syntax::kJsonWithComments ? PlainJson(body)
                                                                 : std::string(body)));
  const Entry top(root, {});
  AddServers(top.Below(file.manner == Manner::kCommands ? "mcp" : "mcpServers"), file.manner, all);
  if (file.manner != Manner::kProjects) return all;
  const Entry projects = top.Below("projects");
  for (const std::string& project : projects.Members()) {
    AddServers(projects.Below(project).Below("mcpServers"), file.manner, all);
  }
  return all;
}

absl::StatusOr<std::string> Wrap(absl::string_view text, const McpFile& file,
                                 const McpServer& server, const std::string& zlease) {
  const Keys command = Below(server.entry, "command");
  if (file.manner == Manner::kCommands) {
    return ReplaceFirst(text, file.syntax, command, 0, Quoted({zlease, "mcp", "--"}));
  }
  ZB_ASSIGN_OR_RETURN(const std::string edited, SetJsonString(text, file.syntax, command, zlease));
  return ReplaceFirst(edited, file.syntax, Below(server.entry, "args"), 0,
                      Quoted({"mcp", "--", server.command[0]}));
}

absl::StatusOr<std::string> Unwrap(absl::string_view text, const McpFile& file,
                                   const McpServer& server) {
  const auto mark = std::ranges::find(server.command, "--");
  const auto count = static_cast<size_t>(mark - server.command.begin()) + 1;
  const Keys command = Below(server.entry, "command");
  if (file.manner == Manner::kCommands) {
    return ReplaceFirst(text, file.syntax, command, count, {});
  }
  ZB_ASSIGN_OR_RETURN(const std::string edited,
                      SetJsonString(text, file.syntax, command, server.command[count]));
  return ReplaceFirst(edited, file.syntax, Below(server.entry, "args"), count, {});
}

}  // namespace zbroker::tools
