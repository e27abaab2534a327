// A tool that zlease can put behind a gateway, and how that is done.
#ifndef ZBROKER_SHIMS_TOOLS_TOOL_H_
#define ZBROKER_SHIMS_TOOLS_TOOL_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/base/url.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

// How a tool is asked for.
struct Invocation {
  std::vector<std::string> arguments;  // of the tool, without its name
  std::string upstream;                // as the user named it for this run; may be empty
  std::string account;                 // whose configuration counts; empty: the default account
};

struct Launch;

// A text that the tool reads from a file, as the gateway's URL is a secret, and arguments are not:
// every user of the machine can list them.
struct PrivateFile {
  std::string content;
  // Where it must be and how it must be called; the state directory where that does not matter.
  std::string directory;
  std::string prefix = "settings-";
  std::string suffix = ".json";
  // Tells the tool where it is.
  std::function<void(const std::string& path, Launch& launch)> tell;
};

// How to start a tool so that it uses a gateway.
struct Launch {
  std::vector<std::string> arguments;
  Variables variables;  // in place of those with the same names
  std::optional<PrivateFile> file;
};

// What is to be known before the gateway is started.
struct Plan {
  // The base URL that the tool would have used.
  std::string upstream;
  // The tool's own settings, where they matter for reaching the upstream.
  Variables gateway_variables;
  // For the user to hear: settings that can't be read, choices made.
  std::vector<std::string> remarks;
  // Given the gateway's base URL.
  std::function<Launch(absl::string_view gateway)> launch;
};

// Where some of a tool's requests go when it is started as it is.
struct Route {
  std::string what;   // which of them: "provider zai"; empty where there is only one kind
  std::string url;    // their base URL
  std::string place;  // the file or variable that says so; empty: the tool itself
};

struct Look {
  std::string file;  // the settings that set-up changes, whether or not they are there
  std::vector<Route> routes;
  // What other files or variables say of the same requests, to no effect.
  std::vector<Route> overridden = {};
  std::vector<std::string> remarks;
};

// A gateway that stays, for a tool's own settings.
struct FixedGateway {
  std::string url;  // without a slash at the end
  Url upstream;
  // The base URLs of those that run beside it. What goes through one of them stays there: it may
  // have another upstream, or another account.
  std::vector<std::string> others = {};
};

// What a tool's set-up comes to.
struct SetUp {
  struct File {
    std::string path;
    std::string content;  // all of it, as it is to be
  };
  std::vector<File> files;  // those that change or are new
  std::vector<std::string> remarks;
};

struct Tool {
  absl::string_view name;        // of the command; empty for a program of no known kind
  absl::string_view package;     // of npm's that has it; empty: none
  absl::string_view alias = "";  // another name of the command

  // Whether such a run calls any model. Others, like `--version`, need neither gateway nor lease.
  bool (*calls_models)(const std::vector<std::string>& arguments);

  // Reads what the tool itself would read, and changes nothing. Settings that the tool would pass
  // over are passed over with a remark. Errors: INVALID_ARGUMENT, a URL, settings among the
  // arguments or zbroker's own configuration are not valid; FAILED_PRECONDITION, this run can't be
  // put behind a gateway, and why.
  absl::StatusOr<Plan> (*plan)(const Invocation& invocation, const Surroundings& surroundings);

  // How the tool's own settings have it. Null for a program of no known kind, as is the next.
  Look (*look)(const Surroundings& surroundings) = nullptr;

  // The user's settings of the tool, changed so that it uses the gateway. Writes nothing; where
  // nothing is to be changed there are no files. Errors: FAILED_PRECONDITION when its requests
  // don't go to the gateway's upstream, or something that set-up may not change says where they go;
  // INVALID_ARGUMENT for settings that are not valid, naming the file; those of
  // Surroundings::ReadFile.
  absl::StatusOr<SetUp> (*set_up)(const FixedGateway& gateway,
                                  const Surroundings& surroundings) = nullptr;

  // Whether two texts of the settings differ only in what the tool writes there at each run, if it
  // does: then set-up can still be undone. Null: it writes nothing by itself.
  bool (*alike)(absl::string_view one, absl::string_view other) = nullptr;

  // What set-up calls the tool; empty: as the command.
  absl::string_view set_up_name = "";

  // The release of the tool with which all this was seen to work.
  absl::string_view seen_with = "";
};

// The tool that a command is; null for one that is not known. Paths are looked at by their last
// part.
const Tool* FindTool(absl::string_view command);

// The tool that a command line runs in the end, through launchers such as `env` and `npx` too, and
// which of the words names it; null if it is not known.
struct FoundTool {
  const Tool* tool = nullptr;
  size_t at = 0;
  bool is_bare = false;  // nothing of the environment reaches it
};
FoundTool FindToolIn(const std::vector<std::string>& command);

// Any program whose libraries take their base URL from the environment.
const Tool& AnyProgram();

// Those that FindTool knows.
const std::vector<const Tool*>& AllTools();

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_TOOL_H_
