// Codex takes its provider from $CODEX_HOME/config.toml: `model_provider` names one of
// `model_providers`, each with a `base_url`; the built-in provider takes `openai_base_url`. `-p
// NAME` lays $CODEX_HOME/NAME.config.toml over that, and `-c KEY=VALUE` wins over both, but
// arguments are for all to see. So a run gets a profile of its own, beside the user's own files,
// with what the user's profile says in it; sessions, sign-in and history stay where they are. The
// TUI has an app-server make the requests, a process that outlives it and has read another
// configuration;
// `--no-daemon` keeps them in the run. Seen with release 0.171.0.
#include "shims/tools/codex.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/base/status.h"
#include "client/config/editable.h"
#include "shims/tools/command_words.h"
#include "shims/tools/loopback.h"
#include "shims/tools/set_up.h"
#include "shims/tools/url.h"

namespace zbroker::tools {
namespace {

using config::EditableToml;
using config::TomlPath;

constexpr char kBuiltInProvider[] = "openai";
constexpr char kProfileSuffix[] = ".config.toml";
constexpr Words kProfileOptions = {"-p", "--profile"};
constexpr Words kConfigOptions = {"-c", "--config"};
constexpr Words kWithValue = {"-c",
                              "--config",
                              "--enable",
                              "--disable",
                              "--remote",
                              "-i",
                              "--image",
                              "--remote-auth-token-env",
                              "-m",
                              "--model",
                              "--local-provider",
                              "-p",
                              "--profile",
                              "-s",
                              "--sandbox",
                              "-a",
                              "--ask-for-approval",
                              "-C",
                              "--cd",
                              "--add-dir"};

bool CallsModels(const std::vector<std::string>& arguments) {
  if (HasWord(arguments, {"--help", "-h", "--version", "-V", "--oss"})) return false;
  const std::string command = FirstWord(arguments, kWithValue);
  constexpr absl::string_view kLocalCommands[] = {
      "a",      "app-server", "apply",     "archive",     "cloud",          "completion",
      "debug",  "delete",     "doctor",    "exec-server", "features",       "help",
      "login",  "logout",     "mcp",       "mcp-server",  "migrate-nfs-db", "migrate-rollouts",
      "plugin", "sandbox",    "unarchive", "update"};
  return std::ranges::find(kLocalCommands, command) == std::end(kLocalCommands);
}

// Whether a process that stays makes the requests of such a command.
bool NeedsTheDaemon(const std::vector<std::string>& arguments) {
  const std::string command = FirstWord(arguments, kWithValue);
  return command == "queue" || command == "remote-control" ||
         OptionValue(arguments, {"--remote"}).has_value();
}

// Whether it has the TUI, which alone would use the app-server that stays.
bool IsInteractive(const std::vector<std::string>& arguments) {
  const std::string command = FirstWord(arguments, kWithValue);
  return command != "exec" && command != "e" && command != "review";
}

std::string HomeOf(const Surroundings& surroundings) {
  const auto own = surroundings.Variable("CODEX_HOME");
  return own && !own->empty() ? *own : absl::StrCat(surroundings.home(), "/.codex");
}

struct Toml {
  std::string path;
  EditableToml settings;
  std::string text;
};

// Errors: INVALID_ARGUMENT, naming the file. One that is not there is empty.
absl::StatusOr<Toml> ReadToml(const std::string& path, const Surroundings& surroundings) {
  ZB_ASSIGN_OR_RETURN(std::string text, ReadOrEmpty(path, surroundings));
  auto settings = EditableToml::Parse(text);
  if (!settings.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ":", settings.status().message()));
  }
  return Toml{path, *std::move(settings), std::move(text)};
}

// Where the base URL of a provider is written.
TomlPath PathOfUrl(const std::string& provider) {
  if (provider == kBuiltInProvider) return {"openai_base_url"};
  return {"model_providers", provider, "base_url"};
}

// The settings of one run, the source that wins first.
struct Settings {
  std::vector<std::string> overrides;  // "KEY=VALUE", the last of a key counts
  std::string profile;                 // the text of the user's, or empty
  std::vector<Toml> files;

  std::optional<std::string> Find(const TomlPath& path) const {
    const std::string prefix = absl::StrCat(absl::StrJoin(path, "."), "=");
    for (auto one = overrides.rbegin(); one != overrides.rend(); ++one) {
      absl::string_view value = *one;
      if (!absl::ConsumePrefix(&value, prefix)) continue;
      const bool quoted =
          value.size() > 1 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0];
      return std::string(quoted ? value.substr(1, value.size() - 2) : value);
    }
    for (const Toml& file : files) {
      if (auto value = file.settings.String(path)) return value;
    }
    return std::nullopt;
  }
};

// What is launched in the end, all but for the gateway's URL.
struct Draft {
  std::vector<std::string> arguments;
  std::string home;
  std::string profile;  // the text of the user's, or empty
  TomlPath path;        // of the URL
  Url upstream;
  Variables variables;
};

Launch LaunchFrom(const Draft& draft, absl::string_view gateway) {
  Launch launch{.arguments = {"-p", ""}, .variables = draft.variables};
  if (IsInteractive(draft.arguments)) launch.arguments.emplace_back("--no-daemon");
  launch.arguments.insert(launch.arguments.end(), draft.arguments.begin(), draft.arguments.end());
  const auto profile = EditableToml::Parse(draft.profile);
  const auto edited = profile.ok() ? profile->WithString(draft.path, gateway) : profile.status();
  launch.file = PrivateFile{.content = edited.ok() ? *edited : draft.profile,
                            .directory = draft.home,
                            .prefix = "zlease-",
                            .suffix = kProfileSuffix,
                            .tell = [](const std::string& path, Launch& told) {
                              const std::string name = path.substr(path.rfind('/') + 1);
                              told.arguments.at(1) = name.substr(0, name.find('.'));
                            }};
  return launch;
}

absl::StatusOr<Url> FindUpstream(const Invocation& invocation, const Settings& settings,
                                 const std::string& provider) {
  if (!invocation.upstream.empty()) return ParseUrl("--upstream", invocation.upstream);
  const auto own = settings.Find(PathOfUrl(provider));
  if (own) return ParseUrl(absl::StrCat("base URL of Codex's provider ", provider), *own);
  return absl::InvalidArgumentError(absl::StrCat(
      "Codex's provider ", provider, " has no base URL in ", settings.files.back().path,
      ", so its requests go to OpenAI: name a provider of the account there (README, \"Agents\"), "
      "give --upstream URL, or run codex without zlease"));
}

// The user's profile, if the arguments name one, and the configuration below it.
absl::StatusOr<Settings> ReadAll(const Invocation& invocation, const Surroundings& surroundings) {
  Settings settings{.overrides = OptionValues(invocation.arguments, kConfigOptions)};
  const std::string home = HomeOf(surroundings);
  if (const auto profile = OptionValue(invocation.arguments, kProfileOptions)) {
    ZB_ASSIGN_OR_RETURN(Toml file,
                        ReadToml(absl::StrCat(home, "/", *profile, kProfileSuffix), surroundings));
    settings.profile = file.text;
    settings.files.push_back(std::move(file));
  }
  ZB_ASSIGN_OR_RETURN(Toml file, ReadToml(absl::StrCat(home, "/config.toml"), surroundings));
  settings.files.push_back(std::move(file));
  return settings;
}

// The arguments without what would win over the profile of the run.
std::vector<std::string> ArgumentsBeside(const std::vector<std::string>& arguments,
                                         const TomlPath& path) {
  const std::string ours = absl::StrCat(absl::StrJoin(path, "."), "=");
  return WithoutOption(WithoutOption(arguments, kProfileOptions), kConfigOptions,
                       [&](absl::string_view value) { return absl::StartsWith(value, ours); });
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  if (NeedsTheDaemon(invocation.arguments)) {
    return absl::InvalidArgumentError(
        "Codex's app-server makes the requests of such a command, and goes on when it has ended: "
        "point it at a gateway with `zctl setup codex`, then run codex without zlease");
  }
  ZB_ASSIGN_OR_RETURN(const Settings settings, ReadAll(invocation, surroundings));
  const std::string provider = settings.Find({"model_provider"}).value_or(kBuiltInProvider);
  auto draft = std::make_shared<Draft>(Draft{
      .home = HomeOf(surroundings), .profile = settings.profile, .path = PathOfUrl(provider)});
  ZB_ASSIGN_OR_RETURN(draft->upstream, FindUpstream(invocation, settings, provider));
  ZB_ASSIGN_OR_RETURN(const EditableToml profile, EditableToml::Parse(draft->profile));
  // Once the gateway runs it is too late to find out.
  ZB_RETURN_IF_ERROR(profile.WithString(draft->path, "").status());
  draft->arguments = ArgumentsBeside(invocation.arguments, draft->path);
  draft->variables =
      ReachLoopback([&](const std::string& name) { return surroundings.Variable(name); });
  Plan plan{.upstream = draft->upstream.text()};
  plan.launch = [draft](absl::string_view gateway) { return LaunchFrom(*draft, gateway); };
  return plan;
}

// The providers of a file that have a base URL.
std::vector<std::pair<TomlPath, std::string>> UrlsIn(const EditableToml& settings) {
  std::vector<std::pair<TomlPath, std::string>> urls;
  const auto add = [&](const std::string& provider) {
    const TomlPath path = PathOfUrl(provider);
    if (auto url = settings.String(path)) urls.emplace_back(path, *std::move(url));
  };
  add(kBuiltInProvider);
  for (const std::string& provider : settings.Keys({"model_providers"})) {
    if (provider != kBuiltInProvider) add(provider);
  }
  return urls;
}

std::string NameOf(const TomlPath& path) {
  return absl::StrCat("provider ", path.size() > 1 ? path[1] : kBuiltInProvider);
}

Look LookAt(const Surroundings& surroundings) {
  Look look{.file = absl::StrCat(HomeOf(surroundings), "/config.toml")};
  const auto file = ReadToml(look.file, surroundings);
  if (!file.ok()) {
    look.remarks.emplace_back(file.status().message());
    return look;
  }
  for (const auto& [path, url] : UrlsIn(file->settings)) {
    look.routes.push_back({NameOf(path), url, look.file});
  }
  return look;
}

absl::StatusOr<SetUp> MakeSetUp(const FixedGateway& gateway, const Surroundings& surroundings) {
  SetUp set_up;
  ZB_ASSIGN_OR_RETURN(Toml file,
                      ReadToml(absl::StrCat(HomeOf(surroundings), "/config.toml"), surroundings));
  bool found = false;
  for (const auto& [path, text] : UrlsIn(file.settings)) {
    const auto url = ParseUrl(NameOf(path), text);
    const auto behind = url.ok() ? PathBehind(gateway, *url) : std::nullopt;
    if (!behind) {
      set_up.remarks.push_back(
          absl::StrCat("leaving alone: ", url.ok() ? OutOfReach(NameOf(path), *url, gateway)
                                                   : std::string(url.status().message())));
      continue;
    }
    found = true;
    auto edited = file.settings.WithString(path, absl::StrCat(gateway.url, *behind));
    if (!edited.ok()) {
      return absl::Status(edited.status().code(),
                          absl::StrCat(file.path, ":", edited.status().message()));
    }
    ZB_ASSIGN_OR_RETURN(file.settings, EditableToml::Parse(*edited));
    file.text = *std::move(edited);
  }
  if (!found) {
    return absl::FailedPreconditionError(absl::StrCat(
        file.path, " has no provider whose `base_url` leads to ", gateway.upstream.origin,
        ": add one (README, \"Agents\"), then run this again"));
  }
  AddFile(file.path, std::move(file.text), surroundings, set_up);
  return set_up;
}

}  // namespace

const Tool kCodex = {.name = "codex",
                     .package = "@openai/codex",
                     .calls_models = CallsModels,
                     .plan = MakePlan,
                     .look = LookAt,
                     .set_up = MakeSetUp,
                     .seen_with = "0.171.0"};

}  // namespace zbroker::tools
