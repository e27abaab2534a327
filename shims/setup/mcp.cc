#include "shims/setup/mcp.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/setup/history.h"
#include "shims/setup/installed.h"
#include "shims/tools/claude.h"
#include "shims/tools/mcp_servers.h"

namespace zbroker::setup {
namespace {

using tools::McpFile;
using tools::McpServer;
using State = McpServer::State;

constexpr char kKind[] = "mcp";
constexpr char kCommand[] = "zctl setup mcp";

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
class Work {
 public:
  Work(const CommandLine& line, const tools::Surroundings& surroundings, const Person& person)
      : line_(line), surroundings_(surroundings), person_(person) {}

  // Errors: FAILED_PRECONDITION when zlease can't be found.
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
    return absl::FailedPreconditionError(
        absl::StrCat("no MCP server is configured here: there is none in ",
                     absl::StrJoin(files, ", ", [](std::string* out, const McpFile& file) {
                       absl::StrAppend(out, EscapeControls(file.path));
                     })));
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

void ShowRunning(const std::vector<Change>& changes, const Person& person) {
  const bool is_claudes = std::ranges::any_of(
      changes, [](const Change& change) { return BaseName(change.path) == ".claude.json"; });
  const auto pids = is_claudes ? FindRunning(tools::kClaude) : std::vector<pid_t>();
  if (!pids.empty()) {
    person.show(absl::StrCat("claude runs, pid ", pids[0],
                             ", and may write its .claude.json as it knows it: look again when it "
                             "has ended\n"));
  }
}

}  // namespace

absl::StatusOr<std::string> HowToCall(const std::string& program, bool by_path) {
  const std::string in_path = FindInPath(program);
  if (!in_path.empty()) return by_path ? in_path : program;
  for (const char* const place : {"/", "/../../bin/"}) {
    char real[PATH_MAX];
    const std::string path = absl::StrCat(ExecutableDirectory(), place, program);
    if (realpath(path.c_str(), real) != nullptr && access(real, X_OK) == 0)
      return std::string(real);
  }
  return absl::NotFoundError(absl::StrCat("there is no program ", program, " in PATH, nor beside ",
                                          ExecutableDirectory(), ": install zbroker again"));
}

std::string SubjectOf(const std::string& kind, const std::string& path) {
  // FNV-1a: a name of a folder, that must stay the same from release to release.
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return absl::StrFormat("%s-%016x", kind, hash);
}

absl::Status SetUpMcp(const CommandLine& line, const tools::Surroundings& surroundings,
                      const Person& person) {
  Work work(line, surroundings, person);
  const std::vector<McpFile> files = DistinctFiles(surroundings);
  for (const McpFile& file : files) ZB_RETURN_IF_ERROR(work.LookAt(file));
  ZB_RETURN_IF_ERROR(work.Check(files));
  if (work.changes().empty()) {
    person.show(line.unwrap ? "none is wrapped; nothing to change\n"
                            : "all are wrapped already; nothing to change\n");
    return absl::OkStatus();
  }
  ShowChanges(work.changes(), person);
  ZB_ASSIGN_OR_RETURN(const bool may_write, MayWrite(line, person));
  if (!may_write) return absl::OkStatus();
  absl::Status first_error;
  std::vector<Change> made;
  for (const Change& change : work.changes()) {
    const absl::Status status =
        MakeChanges(SubjectOf(kKind, change.path), {change}, surroundings.state_directory());
    if (status.ok()) made.push_back(change);
    first_error.Update(status);
  }
  if (!made.empty()) {
    person.show(absl::StrCat("written; `", kCommand, " --undo` brings it back\n"));
    ShowRunning(made, person);
  }
  return first_error;
}

absl::Status UndoMcp(const CommandLine& line, const tools::Surroundings& surroundings,
                     const Person& person) {
  absl::Status first_error;
  bool any = false;
  for (const McpFile& file : DistinctFiles(surroundings)) {
    const std::string subject = SubjectOf(kKind, file.path);
    const auto last = History(surroundings.state_directory(), subject).Last();
    if (last.ok() && !*last) continue;
    any = true;
    absl::Status status =
        UndoChanges(subject, kCommand, nullptr, line, surroundings.state_directory(), person);
    if (absl::IsAborted(status)) {
      status = absl::AbortedError(absl::StrCat(status.message(), "; `", kCommand,
                                               " --unwrap` takes `zlease mcp --` out and no more"));
    }
    first_error.Update(status);
  }
  if (any) return first_error;
  return absl::FailedPreconditionError(
      absl::StrCat("nothing to undo: ", kCommand, " has changed nothing that is read here"));
}

}  // namespace zbroker::setup
