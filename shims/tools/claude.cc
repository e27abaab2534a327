// Claude Code takes its base URL from ANTHROPIC_BASE_URL, and that from the first of these which
// sets it: the `env` block of managed settings, of the last `--settings` (a JSON text or a file),
// of the project's settings.local.json and settings.json, which are looked for in the current
// directory and nowhere above, of the user's settings.json, and last the environment. Files that
// are not strict JSON are passed over in silence, and `--setting-sources` limits which of the last
// three files are read. All of this was seen with release 2.1.197; documented at
// https://code.claude.com/docs/en/settings.
//
// So `--settings` is what reaches it, and only managed settings win over that.
#include "shims/tools/claude.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/tools/claude_extras.h"
#include "shims/tools/command_words.h"
#include "shims/tools/json_edit.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/loopback.h"
#include "shims/tools/set_up.h"
#include "shims/tools/settings_file.h"
#include "shims/tools/upstream.h"
#include "shims/tools/url.h"

namespace zbroker::tools {
namespace {

constexpr char kBaseUrl[] = "ANTHROPIC_BASE_URL";
constexpr char kManagedDirectory[] = "/etc/claude-code";

// As first arguments: commands and options that call no model.
constexpr absl::string_view kLocalCommands[] = {
    "--help",  "-h",        "--version",  "-v",
    "auth",    "auto-mode", "config",     "doctor",
    "gateway", "help",      "install",    "mcp",
    "plugin",  "plugins",   "project",    "migrate-installer",
    "update",  "upgrade",   "setup-token"};

bool CallsModels(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return true;
  return std::ranges::find(kLocalCommands, arguments[0]) == std::end(kLocalCommands);
}

// The command line, taken apart as far as it matters.
struct CommandLine {
  std::vector<std::string> others;      // without --settings
  std::optional<std::string> settings;  // the last one's value
  std::optional<std::string> sources;   // of --setting-sources
  bool background = false;
};

CommandLine TakeApart(const std::vector<std::string>& arguments) {
  return {.others = WithoutOption(arguments, {"--settings"}),
          .settings = OptionValue(arguments, {"--settings"}),
          .sources = OptionValue(arguments, {"--setting-sources"}),
          .background = HasWord(arguments, {"--bg", "--background"})};
}

// A source of settings. The first of several that sets a variable wins.
struct Layer {
  std::string name;
  JsonObject settings;
};

class Layers {
 public:
  void Add(std::string name, std::optional<JsonObject> settings) {
    if (settings) layers_.push_back({std::move(name), *std::move(settings)});
  }

  struct Found {
    std::string value;
    const Layer* layer;
  };
  std::optional<Found> Find(absl::string_view variable) const {
    const std::vector<Found> all = FindAll(variable);
    return all.empty() ? std::nullopt : std::optional(all.front());
  }
  // The one that wins first.
  std::vector<Found> FindAll(absl::string_view variable) const {
    std::vector<Found> all;
    for (const Layer& layer : layers_) {
      if (auto value = layer.settings.String({"env", variable})) all.push_back({*value, &layer});
    }
    return all;
  }

 private:
  std::vector<Layer> layers_;
};

void AddManaged(const Surroundings& surroundings, Layers& layers,
                std::vector<std::string>& remarks) {
  const std::string directory = absl::StrCat(kManagedDirectory, "/managed-settings.d");
  std::vector<std::string> names = surroundings.ListDirectory(directory);
  // They are merged in order of their names, so the last one wins.
  std::reverse(names.begin(), names.end());
  for (const std::string& name : names) {
    if (!absl::EndsWith(name, ".json") || absl::StartsWith(name, ".")) continue;
    const std::string path = absl::StrCat(directory, "/", name);
    layers.Add(path, ReadSettings(path, Syntax::kJson, surroundings, remarks));
  }
  const std::string path = absl::StrCat(kManagedDirectory, "/managed-settings.json");
  layers.Add(path, ReadSettings(path, Syntax::kJson, surroundings, remarks));
}

void AddFiles(const CommandLine& line, const Surroundings& surroundings, Layers& layers,
              std::vector<std::string>& remarks) {
  const std::vector<std::string> sources =
      absl::StrSplit(line.sources.value_or("user,project,local"), ',');
  const auto add = [&](absl::string_view source, const std::string& path) {
    const auto is_source = [&](absl::string_view one) {
      return absl::StripAsciiWhitespace(one) == source;
    };
    if (std::ranges::none_of(sources, is_source)) return;
    layers.Add(path, ReadSettings(path, Syntax::kJson, surroundings, remarks));
  };
  const std::string project = absl::StrCat(surroundings.directory(), "/.claude");
  add("local", absl::StrCat(project, "/settings.local.json"));
  add("project", absl::StrCat(project, "/settings.json"));
  add("user", ClaudeSettingsFile(surroundings));
}

// Proxies that the settings name, for the gateway, which is to go where Claude Code would have
// gone.
Variables ProxiesOf(const Layers& layers) {
  Variables variables;
  const auto add = [&](absl::string_view name) {
    if (const auto found = layers.Find(name)) variables.emplace_back(name, found->value);
  };
  std::ranges::for_each(kProxyVariables, add);
  std::ranges::for_each(kNoProxyVariables, add);
  return variables;
}

// What is launched in the end, all but for the gateway's URL.
struct Draft {
  std::vector<std::string> arguments;  // without --settings
  std::string settings = "{}";         // the user's, a valid object
  Variables loopback;
};

Launch LaunchFrom(const Draft& draft, absl::string_view gateway) {
  Launch launch{.arguments = {"--settings", ""}, .variables = draft.loopback};
  launch.arguments.insert(launch.arguments.end(), draft.arguments.begin(), draft.arguments.end());
  launch.variables.emplace_back(kBaseUrl, gateway);
  std::string env;
  for (const auto& [name, value] : launch.variables) {
    // JSON has no place for other bytes, and the environment has them anyway.
    if (!IsValidUtf8(value)) continue;
    absl::StrAppend(&env, env.empty() ? "" : ",", JsonQuote(name), ":", JsonQuote(value));
  }
  const auto settings = JsonObject::Parse(draft.settings);
  const auto patch = JsonObject::Parse(absl::StrCat("{\"env\":{", env, "}}"));
  launch.file = PrivateFile{
      .content = settings->MergedWith(*patch),
      .tell = [](const std::string& path, Launch& told) { told.arguments.at(1) = path; }};
  return launch;
}

absl::StatusOr<Url> FindUpstream(const Invocation& invocation, const Layers& layers,
                                 const Surroundings& surroundings) {
  if (!invocation.upstream.empty()) return ParseUrl("--upstream", invocation.upstream);
  if (const auto found = layers.Find(kBaseUrl); found && !found->value.empty()) {
    return ParseUrl(absl::StrCat(found->layer->name, ": ", kBaseUrl), found->value);
  }
  // A setting that is empty hides the environment.
  const auto variable = surroundings.Variable(kBaseUrl);
  if (variable && !variable->empty() && !layers.Find(kBaseUrl)) {
    return ParseUrl(kBaseUrl, *variable);
  }
  return AccountUpstream("claude", invocation, surroundings, Protocol::kAnthropic);
}

// Errors: INVALID_ARGUMENT for a text that is meant to be JSON and is not; FAILED_PRECONDITION when
// --settings names a file that is not there. Claude Code gives up over both.
absl::Status AddFlag(const std::string& value, const Surroundings& surroundings, Draft& draft,
                     Layers& layers, std::vector<std::string>& remarks) {
  const absl::string_view inline_text = absl::StripAsciiWhitespace(value);
  const bool is_inline = absl::StartsWith(inline_text, "{");
  auto text = is_inline ? std::string(inline_text) : surroundings.ReadFile(value);
  if (absl::IsNotFound(text.status())) {
    return absl::FailedPreconditionError(absl::StrCat("--settings ", text.status().message()));
  }
  auto settings = text.ok() ? JsonObject::Parse(*text) : text.status();
  if (!settings.ok() && is_inline) {
    // The text itself may hold a key.
    return absl::InvalidArgumentError(
        absl::StrCat("--settings: its text, which begins with \"{\", ", settings.status().message(),
                     "; expected a JSON object like {\"env\":{…}}, or the path of a file"));
  }
  if (!settings.ok()) {
    remarks.push_back(absl::StrCat("passing over --settings: ", settings.status().message()));
    return absl::OkStatus();
  }
  draft.settings = *std::move(text);
  layers.Add("--settings", *std::move(settings));
  return absl::OkStatus();
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  CommandLine line = TakeApart(invocation.arguments);
  if (line.background) {
    return absl::FailedPreconditionError(
        "a session in the background goes on after claude has returned, and the gateway would not: "
        "set ANTHROPIC_BASE_URL to the URL that `zlease gateway` prints");
  }
  Plan plan;
  Layers layers;
  AddManaged(surroundings, layers, plan.remarks);
  if (const auto managed = layers.Find(kBaseUrl)) {
    return absl::FailedPreconditionError(
        absl::StrCat(managed->layer->name, " sets ", kBaseUrl, ", and nothing wins over that"));
  }
  auto draft = std::make_shared<Draft>(Draft{.arguments = std::move(line.others)});
  if (line.settings) {
    ZB_RETURN_IF_ERROR(AddFlag(*line.settings, surroundings, *draft, layers, plan.remarks));
  }
  AddFiles(line, surroundings, layers, plan.remarks);
  ZB_ASSIGN_OR_RETURN(const Url upstream, FindUpstream(invocation, layers, surroundings));
  plan.upstream = upstream.text();
  plan.gateway_variables = ProxiesOf(layers);
  draft->loopback = ReachLoopback([&](const std::string& name) {
    const auto found = layers.Find(name);
    return found ? std::optional(found->value) : surroundings.Variable(name);
  });
  plan.launch = [draft](absl::string_view gateway) { return LaunchFrom(*draft, gateway); };
  return plan;
}

// All that says where the requests go, the one that wins first. Where that is empty, as where
// nothing says it, they go to Claude Code's maker.
std::vector<Route> FindRoutes(const Surroundings& surroundings, std::vector<std::string>& remarks) {
  Layers layers;
  AddManaged(surroundings, layers, remarks);
  AddFiles({}, surroundings, layers, remarks);
  std::vector<Route> routes;
  for (const Layers::Found& one : layers.FindAll(kBaseUrl)) {
    routes.push_back({.url = one.value, .place = one.layer->name});
  }
  const auto variable = surroundings.Variable(kBaseUrl);
  if (variable && !variable->empty()) routes.push_back({.url = *variable, .place = kBaseUrl});
  return routes;
}

std::optional<Route> FindRoute(const Surroundings& surroundings,
                               std::vector<std::string>& remarks) {
  const std::vector<Route> routes = FindRoutes(surroundings, remarks);
  if (routes.empty() || routes.front().url.empty()) return std::nullopt;
  return routes.front();
}

Look LookAt(const Surroundings& surroundings) {
  Look look{.file = ClaudeSettingsFile(surroundings)};
  std::vector<Route> routes = FindRoutes(surroundings, look.remarks);
  if (routes.empty()) return look;
  look.overridden.assign(routes.begin() + 1, routes.end());
  if (!routes.front().url.empty()) look.routes.push_back(routes.front());
  return look;
}

// Errors: what keeps Claude Code from reading its user's settings, or set-up from changing them.
absl::Status CheckUserFile(const std::string& file, const Surroundings& surroundings) {
  ZB_ASSIGN_OR_RETURN(const std::string text, ReadOrEmpty(file, surroundings));
  if (absl::StripAsciiWhitespace(text).empty()) return absl::OkStatus();
  const auto settings = JsonObject::Parse(text);
  if (settings.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(file, ": ", settings.status().message(),
                   ", so Claude Code passes over it: mend that, then run this again"));
}

absl::StatusOr<SetUp> MakeSetUp(const FixedGateway& gateway, const Surroundings& surroundings) {
  SetUp set_up;
  const std::string file = ClaudeSettingsFile(surroundings);
  ZB_RETURN_IF_ERROR(CheckUserFile(file, surroundings));
  const auto route = FindRoute(surroundings, set_up.remarks);
  if (!route) {
    return absl::FailedPreconditionError(absl::StrCat(
        "nothing says that claude's requests go to ", gateway.upstream.origin,
        ", and a sign-in with its maker must not be sent there: put the plan's key and ", kBaseUrl,
        " into `env` of ", file, " as the provider says, then run this again"));
  }
  if (route->place != file && route->place != kBaseUrl) {
    return absl::FailedPreconditionError(absl::StrCat(
        route->place, " sets ", kBaseUrl, ", which wins over ", file, ": take it out of there"));
  }
  ZB_ASSIGN_OR_RETURN(const Url url,
                      ParseUrl(absl::StrCat(route->place, ": ", kBaseUrl), route->url));
  const auto behind = PathBehind(gateway, url);
  if (!behind) return absl::FailedPreconditionError(OutOfReach("claude", url, gateway));
  ZB_ASSIGN_OR_RETURN(const std::string text, ReadOrEmpty(file, surroundings));
  auto edited =
      SetJsonString(text, Syntax::kJson, {"env", kBaseUrl}, absl::StrCat(gateway.url, *behind));
  if (!edited.ok()) return Annotate(edited.status(), file);
  AddFile(file, *std::move(edited), surroundings, set_up);
  return set_up;
}

}  // namespace

const Tool kClaude = {.name = "claude",
                      .package = "@anthropic-ai/claude-code",
                      .calls_models = CallsModels,
                      .plan = MakePlan,
                      .look = LookAt,
                      .set_up = MakeSetUp,
                      .seen_with = "2.1.197"};

}  // namespace zbroker::tools
