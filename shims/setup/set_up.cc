#include "shims/setup/set_up.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/gateway_record.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/setup/diff.h"
#include "shims/setup/editors.h"
#include "shims/setup/history.h"
#include "shims/setup/installed.h"
#include "shims/setup/list.h"
#include "shims/setup/replace_file.h"
#include "shims/tools/claude.h"
#include "shims/tools/url.h"

namespace zbroker::setup {
namespace {

using tools::FixedGateway;

absl::StatusOr<FixedGateway> ToFixed(const GatewayRecord& record) {
  ZB_ASSIGN_OR_RETURN(Url upstream, ParseUrl("upstream of the gateway", record.upstream));
  return FixedGateway{.url = record.url, .upstream = std::move(upstream)};
}

// Those that run, the usual one first. Errors: FAILED_PRECONDITION without any, and how to start
// one.
absl::StatusOr<std::vector<GatewayRecord>> FindGateways(const tools::Surroundings& surroundings) {
  std::vector<GatewayRecord> gateways = RunningGateways(surroundings.state_directory());
  const auto usual = UsualGateway(gateways);
  if (!usual) {
    const bool has_service = access("/run/systemd/system", F_OK) == 0 &&
                             (surroundings.Exists(surroundings.home() +
                                                  "/.config/systemd/user/zlease-gateway.service") ||
                              surroundings.Exists("/usr/lib/systemd/user/zlease-gateway.service"));
    return absl::FailedPreconditionError(absl::StrCat(
        "no gateway runs that stays: start one with ",
        has_service
            ? "`systemctl --user enable --now zlease-gateway`"
            : "`zlease gateway`, in a terminal of its own or by whatever starts your services",
        ", then run this again"));
  }
  std::erase_if(gateways, [&](const GatewayRecord& one) { return one.url == usual->url; });
  gateways.insert(gateways.begin(), *usual);
  return gateways;
}

// By the first of the gateways that goes where the tool's requests go.
absl::StatusOr<tools::SetUp> MakeSetUp(const tools::Tool& tool,
                                       const std::vector<GatewayRecord>& gateways,
                                       const tools::Surroundings& surroundings) {
  absl::Status first_error;
  for (const GatewayRecord& record : gateways) {
    ZB_ASSIGN_OR_RETURN(FixedGateway gateway, ToFixed(record));
    for (const GatewayRecord& other : gateways) {
      if (other.url != record.url) gateway.others.push_back(other.url);
    }
    auto set_up = tool.set_up(gateway, surroundings);
    if (!absl::IsFailedPrecondition(set_up.status())) return set_up;
    if (first_error.ok()) first_error = set_up.status();
  }
  return first_error;
}

// All of them or none.
absl::Status Write(const std::vector<Change>& changes) {
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    const absl::Status written = ReplaceFile(change.path, change.before, change.after);
    if (written.ok()) continue;
    for (; i > 0; --i) {
      const Change& done = changes[i - 1];
      // Nothing better can be done about one that fails here.
      ReplaceFile(done.path, done.after, done.before).IgnoreError();
    }
    return written;
  }
  return absl::OkStatus();
}

// What a person should know of the files as they are now.
void ShowOpenFiles(const std::vector<Change>& changes, const std::vector<GatewayRecord>& gateways,
                   const Person& person) {
  for (const Change& change : changes) {
    struct stat info {};
    const bool has_url =
        change.after && std::ranges::any_of(gateways, [&](const GatewayRecord& one) {
          return absl::StrContains(*change.after, one.url);
        });
    if (!has_url || stat(change.path.c_str(), &info) != 0 || (info.st_mode & 077) == 0) continue;
    person.show(absl::StrCat("others on this machine may read ", EscapeControls(change.path),
                             ", and with it the gateway's URL: chmod 600 ",
                             EscapeControls(change.path), "\n"));
  }
}

void ShowInstallation(const tools::Tool& tool, const Person& person) {
  const Installed installed = FindInstalled(tool);
  const std::string name = SetUpName(tool);
  if (installed.path.empty()) {
    person.show(
        absl::StrCat("there is no program ", tool.name, " in PATH; its settings are there\n"));
  } else if (!installed.version.empty() && installed.version != tool.seen_with) {
    person.show(absl::StrCat(name, " ", installed.version,
                             " is installed, and this was tried with ", tool.seen_with,
                             ": after its next request `zctl ledger` shows whether it came "
                             "through\n"));
  }
  if (const auto pids = FindRunning(tool); !pids.empty()) {
    person.show(absl::StrCat(name, " runs, pid ", pids[0],
                             ": one that runs may take its settings only from its next start\n"));
  }
}

}  // namespace

absl::StatusOr<bool> MayWrite(const CommandLine& line, const Person& person) {
  if (line.print) return false;
  if (line.yes) return true;
  if (!person.ask) {
    return absl::FailedPreconditionError(
        "nothing is written: nobody can be asked here; --yes does");
  }
  return person.ask("Write this? [y/N] ");
}

void ShowChanges(const std::vector<Change>& changes, const Person& person) {
  const auto text = [](const std::optional<std::string>& content) {
    return content ? absl::string_view(*content) : absl::string_view();
  };
  for (const Change& change : changes) {
    const std::string path = EscapeControls(change.path);
    person.show(absl::StrCat("--- ", change.before ? path : "(no file)", "\n+++ ",
                             change.after ? path : "(no file)", "\n",
                             Diff(text(change.before), text(change.after))));
  }
}

absl::Status MakeChanges(const std::string& subject, const std::vector<Change>& changes,
                         const std::string& state_directory, bool join) {
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(state_directory));
  History history(state_directory, subject);
  ZB_ASSIGN_OR_RETURN(const auto former, history.Last());
  ZB_RETURN_IF_ERROR(history.Record(changes, join));
  absl::Status written = Write(changes);
  // What could not be written matters more than what is left of its record.
  if (!written.ok()) history.Retract(former).IgnoreError();
  return written;
}

absl::Status SetUpTool(const tools::Tool& tool, const CommandLine& line,
                       const tools::Surroundings& surroundings, const Person& person) {
  ZB_ASSIGN_OR_RETURN(const auto gateways, FindGateways(surroundings));
  if (FindInstalled(tool).path.empty() && !surroundings.Exists(tool.look(surroundings).file)) {
    return absl::FailedPreconditionError(
        absl::StrCat(SetUpName(tool), " is not installed: there is neither a program ", tool.name,
                     " in PATH nor ", tool.look(surroundings).file));
  }
  ZB_ASSIGN_OR_RETURN(tools::SetUp set_up, MakeSetUp(tool, gateways, surroundings));
  for (const std::string& remark : set_up.remarks) person.show(absl::StrCat(remark, "\n"));
  if (set_up.files.empty()) {
    person.show(absl::StrCat(SetUpName(tool), " is set up already; nothing to change\n"));
    return absl::OkStatus();
  }
  std::vector<Change> changes;
  for (tools::SetUp::File& file : set_up.files) {
    ZB_ASSIGN_OR_RETURN(auto before, ReadIfThere(file.path));
    changes.push_back({file.path, std::move(before), std::move(file.content)});
  }
  ShowChanges(changes, person);
  ZB_ASSIGN_OR_RETURN(const bool may_write, MayWrite(line, person));
  if (!may_write) return absl::OkStatus();
  ZB_RETURN_IF_ERROR(MakeChanges(SetUpName(tool), changes, surroundings.state_directory()));
  person.show(absl::StrCat("written; `zctl setup ", SetUpName(tool), " --undo` brings it back\n"));
  ShowOpenFiles(changes, gateways, person);
  ShowInstallation(tool, person);
  if (&tool == &tools::kClaude) {
    person.show("`zctl setup claude --mcp` lets its model ask what is left\n");
  }
  return absl::OkStatus();
}

absl::Status UndoChanges(const std::string& subject, absl::string_view command,
                         bool (*alike)(absl::string_view one, absl::string_view other),
                         const CommandLine& line, const std::string& state_directory,
                         const Person& person) {
  History history(state_directory, subject);
  ZB_ASSIGN_OR_RETURN(const auto last, history.Last());
  if (!last) {
    return absl::FailedPreconditionError(
        absl::StrCat("nothing to undo: ", command, " has changed nothing"));
  }
  std::vector<Change> back;
  for (const Change& change : last->changes) {
    ZB_ASSIGN_OR_RETURN(const auto now, ReadIfThere(change.path));
    if (now == change.before) continue;
    const bool is_ours = now == change.after ||
                         (alike != nullptr && now && change.after && alike(*now, *change.after));
    if (!is_ours) {
      ShowChanges({{change.path, change.after, now}}, person);
      return absl::AbortedError(
          absl::StrCat(EscapeControls(change.path),
                       " has been changed since, as shown; what it was before is in ",
                       state_directory, "/setup/", subject, "/", last->number));
    }
    back.push_back({change.path, now, change.before});
  }
  ShowChanges(back, person);
  ZB_ASSIGN_OR_RETURN(const bool may_write, MayWrite(line, person));
  if (!may_write) return absl::OkStatus();
  ZB_RETURN_IF_ERROR(Write(back));
  ZB_RETURN_IF_ERROR(history.Forget(*last));
  person.show(back.empty() ? "it is as it was before already\n" : "undone\n");
  return absl::OkStatus();
}

absl::Status UndoSetUp(const tools::Tool& tool, const CommandLine& line,
                       const tools::Surroundings& surroundings, const Person& person) {
  const std::string name = SetUpName(tool);
  return UndoChanges(name, absl::StrCat("zctl setup ", name), tool.alike, line,
                     surroundings.state_directory(), person);
}

absl::Status InstructForEditor(const std::string& name, const CommandLine& line,
                               const tools::Surroundings& surroundings, const Person& person) {
  std::string url = "URL";
  if (name != "cursor") {
    ZB_ASSIGN_OR_RETURN(const auto gateways, FindGateways(surroundings));
    ZB_ASSIGN_OR_RETURN(const FixedGateway gateway, ToFixed(gateways[0]));
    const Url target = tools::ForProtocol(gateway.upstream, tools::Protocol::kOpenAi);
    url = tools::Through(gateway.url, gateway.upstream, target).value_or(gateway.url);
  }
  const auto instructions = InstructionsFor(name, url);
  person.show(instructions->words);
  if (instructions->import_name.empty() || line.print) return absl::OkStatus();
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(surroundings.state_directory()));
  const std::string path =
      absl::StrCat(surroundings.state_directory(), "/setup/", instructions->import_name);
  ZB_ASSIGN_OR_RETURN(const auto before, ReadIfThere(path));
  ZB_RETURN_IF_ERROR(ReplaceFile(path, before, instructions->import_content));
  person.show(absl::StrCat("The file: ", path, "\n"));
  return absl::OkStatus();
}

}  // namespace zbroker::setup
