#include "shims/setup/mcp.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/setup/each_file.h"
#include "shims/setup/history.h"
#include "shims/tools/claude_extras.h"
#include "shims/tools/mcp_servers.h"

namespace zbroker::setup {
namespace {

using tools::McpFile;
using tools::McpServer;
using State = McpServer::State;

Work Words() {
  return {.kind = "mcp",
          .command = "zctl setup mcp",
          .way_out = "`zctl setup mcp --unwrap` takes `zlease mcp --` out and no more"};
}

// A file by two names is one.
std::vector<McpFile> DistinctFiles(const tools::Surroundings& surroundings) {
  std::vector<McpFile> files = tools::McpFiles(surroundings);
  std::set<std::string> seen;
  std::erase_if(files, [&](const McpFile& file) {
    char real[PATH_MAX];
    return !seen.insert(realpath(file.path.c_str(), real) == nullptr ? file.path : real).second;
  });
  return files;
}

// What is done, and what there is to say of it.
class Wrapping {
 public:
  Wrapping(const CommandLine& line, const tools::Surroundings& surroundings, const Person& person)
      : line_(line), surroundings_(surroundings), person_(person) {}

  // Errors: those of HowToCall and tools::Wrap.
  absl::Status LookAt(const McpFile& file) {
    const auto text = surroundings_.ReadFile(file.path);
    if (absl::IsNotFound(text.status())) return absl::OkStatus();
    const auto servers = text.ok() ? tools::FindServers(*text, file) : text.status();
    if (!servers.ok()) {
      const std::string words(servers.status().message());
      Remark(
          absl::StrCat("passing over ", text.ok() ? absl::StrCat(file.path, ": ", words) : words));
      return absl::OkStatus();
    }
    std::string edited = *text;
    for (const McpServer& server : *servers) {
      found_.push_back(server.name);
      if (!IsMeant(server)) continue;
      ++meant_;
      ZB_ASSIGN_OR_RETURN(edited, Edit(edited, file, server));
    }
    if (edited != *text) changes_.push_back({file.path, *text, std::move(edited)});
    return absl::OkStatus();
  }

  // Whether there was anything to do it to.
  absl::Status Check(const std::vector<McpFile>& files) const {
    if (meant_ > 0) return absl::OkStatus();
    if (!line_.servers.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "no MCP server ", Shown(absl::StrJoin(line_.servers, ", ")), ": there ",
          found_.empty() ? "is none" : absl::StrCat("are ", Shown(absl::StrJoin(found_, ", ")))));
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "no MCP server is configured: there is none in ", EscapeControls(files.front().path),
        ", in ", EscapeControls(tools::ClaudeServersFile(surroundings_)),
        ", or in the settings of OpenCode, Kilo and Cline"));
  }

  const std::vector<Change>& changes() const { return changes_; }

 private:
  static constexpr size_t kNamesBytesMax = 400;
  static std::string Shown(const std::string& names) {
    return Ellipsize(EscapeControls(names), kNamesBytesMax);
  }
  void Remark(absl::string_view text) const {
    person_.show(absl::StrCat(EscapeControls(text), "\n"));
  }

  bool IsMeant(const McpServer& server) const {
    return line_.servers.empty() || std::ranges::count(line_.servers, server.name) > 0;
  }

  absl::StatusOr<std::string> Edit(const std::string& text, const McpFile& file,
                                   const McpServer& server) const {
    const auto leave = [&](absl::string_view why) {
      Remark(absl::StrCat("leaving ", server.name, " of ", file.path, " alone: ", why));
      return text;
    };
    switch (server.state) {
      case State::kDirect: {
        if (line_.unwrap) return text;
        ZB_ASSIGN_OR_RETURN(const std::string zlease, HowToCall("zlease", server.names_path));
        return tools::Wrap(text, file, server, zlease);
      }
      case State::kWrapped:
        return line_.unwrap ? tools::Unwrap(text, file, server) : text;
      case State::kLeased:
        return line_.unwrap ? leave("zlease starts it, but not as `zlease mcp -- CMD`") : text;
      case State::kRemote:
        return line_.unwrap ? text
                            : leave("no command starts it; a gateway can lease for its requests");
      case State::kUnclear:
        return leave("its command is not one that its tool would start");
      case State::kOwn:
        return text;
    }
    return text;
  }

  const CommandLine& line_;
  const tools::Surroundings& surroundings_;
  const Person& person_;
  std::vector<Change> changes_;
  std::vector<std::string> found_;
  size_t meant_ = 0;
};

}  // namespace

absl::Status SetUpMcp(const CommandLine& line, const tools::Surroundings& surroundings,
                      const Person& person) {
  Wrapping wrapping(line, surroundings, person);
  const std::vector<McpFile> files = DistinctFiles(surroundings);
  for (const McpFile& file : files) ZB_RETURN_IF_ERROR(wrapping.LookAt(file));
  ZB_RETURN_IF_ERROR(wrapping.Check(files));
  if (wrapping.changes().empty()) {
    person.show(line.unwrap ? "none is wrapped; nothing to change\n"
                            : "all are wrapped already; nothing to change\n");
    return absl::OkStatus();
  }
  return ChangeEach(Words(), wrapping.changes(), line, surroundings.state_directory(), person);
}

absl::Status UndoMcp(const CommandLine& line, const tools::Surroundings& surroundings,
                     const Person& person) {
  std::vector<std::string> paths;
  for (const McpFile& file : DistinctFiles(surroundings)) paths.push_back(file.path);
  return UndoEach(Words(), paths, line, surroundings.state_directory(), person);
}

}  // namespace zbroker::setup
