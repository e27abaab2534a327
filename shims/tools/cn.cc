// Continue's command line, cn, and its editor extensions read their models, each with an `apiBase`,
// from ~/.continue/config.yaml; `${{ secrets.NAME }}` stands for a variable of the environment or a
// line of ~/.continue/.env, ./.continue/.env or ./.env. `--config` names another file, or an
// assistant of Continue's hub, which can't be changed from here. Seen with release 1.5.47.
#include "shims/tools/cn.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/tools/command_words.h"
#include "shims/tools/loopback.h"
#include "shims/tools/set_up.h"
#include "shims/tools/text_edit.h"
#include "shims/tools/url.h"
#include "shims/tools/yaml_settings.h"

namespace zbroker::tools {
namespace {

constexpr char kModels[] = "models";
constexpr char kApiBase[] = "apiBase";
constexpr char kProvider[] = "provider";
constexpr char kSecret[] = "ZBROKER_GATEWAY";

bool CallsModels(const std::vector<std::string>& arguments) {
  if (HasWord(arguments, {"--help", "-h", "--version", "-v"})) return false;
  if (arguments.empty()) return true;
  constexpr absl::string_view kLocalCommands[] = {"checks", "login", "logout", "ls", "update"};
  return std::ranges::find(kLocalCommands, arguments[0]) == std::end(kLocalCommands);
}

std::string HomeOf(const Surroundings& surroundings) {
  const auto own = surroundings.Variable("CONTINUE_GLOBAL_DIR");
  return own && !own->empty() ? *own : absl::StrCat(surroundings.home(), "/.continue");
}

std::string ConfigPath(const Surroundings& surroundings) {
  return absl::StrCat(HomeOf(surroundings), "/config.yaml");
}

// Whether cn takes the value of --config for a path rather than the name of an assistant.
bool IsPath(absl::string_view value) {
  return absl::StartsWith(value, ".") || absl::StartsWith(value, "/") ||
         absl::StartsWith(value, "~") || absl::StrContains(value, ".yaml") ||
         absl::StrContains(value, ".yml") || absl::StrContains(value, ".json");
}

// The value of NAME=VALUE in a file of such lines; the last one counts.
std::optional<std::string> LineIn(absl::string_view text, absl::string_view name) {
  std::optional<std::string> found;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "export ");
    if (!absl::ConsumePrefix(&line, name) || !absl::ConsumePrefix(&line, "=")) continue;
    const char quote = line.empty() ? ' ' : line[0];
    const bool quoted = line.size() > 1 && (quote == '"' || quote == '\'') && line.back() == quote;
    found = std::string(quoted ? line.substr(1, line.size() - 2) : line);
  }
  return found;
}

std::string SecretNamed(const std::string& name, const Surroundings& surroundings) {
  if (const auto value = surroundings.Variable(name); value && !value->empty()) return *value;
  const std::string here = surroundings.directory();
  for (const std::string& path :
       {absl::StrCat(HomeOf(surroundings), "/.env"), absl::StrCat(here, "/.continue/.env"),
        absl::StrCat(here, "/.env")}) {
    const auto text = surroundings.ReadFile(path);
    if (!text.ok()) continue;
    if (const auto value = LineIn(*text, name)) return *value;
  }
  return "";
}

// Puts in what `${{ secrets.NAME }}` stands for.
std::string Substitute(absl::string_view text, const Surroundings& surroundings) {
  const size_t open = text.find("${{");
  const size_t close = open == text.npos ? text.npos : text.find("}}", open);
  if (close == text.npos) return std::string(text);
  absl::string_view name = absl::StripAsciiWhitespace(text.substr(open + 3, close - open - 3));
  absl::ConsumePrefix(&name, "secrets.");
  return absl::StrCat(text.substr(0, open), SecretNamed(std::string(name), surroundings),
                      text.substr(close + 2));
}

struct Model {
  size_t index = 0;
  std::string name;
  Url url;
  bool is_named = false;  // by the file, rather than known to Continue
};

struct ModelsFile {
  std::string path;
  std::string text;
  std::vector<Model> models;  // those whose base URL can be told
};

// Errors: NOT_FOUND without such a file; INVALID_ARGUMENT for one that is not valid.
absl::StatusOr<ModelsFile> ReadModels(const std::string& path, const Surroundings& surroundings) {
  ModelsFile file{.path = path};
  ZB_ASSIGN_OR_RETURN(file.text, surroundings.ReadFile(path));
  const auto yaml = YamlSettings::Parse(file.text);
  if (!yaml.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ":", yaml.status().message()));
  }
  for (size_t i = 0; i < yaml->SizeOf(kModels); ++i) {
    const auto base = yaml->String(kModels, i, kApiBase);
    const bool is_zai =
        absl::EqualsIgnoreCase(yaml->String(kModels, i, kProvider).value_or(""), "zai");
    if ((!base || base->empty()) && !is_zai) continue;
    const bool is_named = base && !base->empty();
    const auto url = ParseUrl(
        kApiBase, is_named ? Substitute(*base, surroundings) : "https://api.z.ai/api/paas/v4");
    const std::string name = yaml->String(kModels, i, "name").value_or(absl::StrCat(i + 1));
    if (url.ok()) file.models.push_back({i, EscapeControls(name), *url, is_named});
  }
  return file;
}

absl::StatusOr<std::string> WithApiBase(const std::string& text, size_t index,
                                        absl::string_view url) {
  ZB_ASSIGN_OR_RETURN(const YamlSettings yaml, YamlSettings::Parse(text));
  return yaml.WithString(kModels, index, kApiBase, url, kProvider);
}

// What is launched in the end, all but for the gateway's URL.
struct Draft {
  std::vector<std::string> arguments;  // without --config
  std::string text;
  std::vector<Model> models;  // as they are to be reached, on the upstream's origin
  Url upstream;
  Variables variables;
};

Launch LaunchFrom(const Draft& draft, absl::string_view gateway) {
  Launch launch{.arguments = {"--config", ""}, .variables = draft.variables};
  launch.arguments.insert(launch.arguments.end(), draft.arguments.begin(), draft.arguments.end());
  std::string text = draft.text;
  for (const Model& model : draft.models) {
    const auto url = Through(gateway, draft.upstream, model.url);
    if (!url) continue;
    if (auto next = WithApiBase(text, model.index, *url); next.ok()) text = *std::move(next);
  }
  launch.file = PrivateFile{
      .content = std::move(text),
      .suffix = ".yaml",
      .tell = [](const std::string& path, Launch& told) { told.arguments.at(1) = path; }};
  return launch;
}

// Puts the models of the first one's origin behind the gateway. REQUIRES: one at least.
absl::Status Settle(const Invocation& invocation, std::vector<Model> models, Draft& draft,
                    std::vector<std::string>& remarks) {
  const Url own = models[0].url;
  draft.upstream = own;
  if (!invocation.upstream.empty()) {
    ZB_ASSIGN_OR_RETURN(const Url named, ParseUrl("--upstream", invocation.upstream));
    draft.upstream = ForProtocol(named, Protocol::kOpenAi);
  }
  for (Model& model : models) {
    if (model.url.origin != own.origin) {
      remarks.push_back(absl::StrCat("leaving Continue's model ", model.name,
                                     " alone: one gateway has one upstream, here ",
                                     draft.upstream.origin));
      continue;
    }
    // The same place on the other server; for the one that was looked for, exactly what was named.
    model.url.origin = draft.upstream.origin;
    if (model.url.path == own.path) model.url.path = draft.upstream.path;
    draft.models.push_back(std::move(model));
  }
  return absl::OkStatus();
}

// The file of the run. Errors: FAILED_PRECONDITION when it is not on this machine or names no URL.
absl::StatusOr<ModelsFile> FindFile(const Invocation& invocation,
                                    const Surroundings& surroundings) {
  const auto named = OptionValue(invocation.arguments, {"--config"});
  if (named && !IsPath(*named)) {
    return absl::FailedPreconditionError(
        "an assistant of Continue's hub has its base URLs there: name a file with --config");
  }
  auto file = ReadModels(named.value_or(ConfigPath(surroundings)), surroundings);
  if (absl::IsNotFound(file.status())) {
    return absl::FailedPreconditionError(file.status().message());
  }
  if (file.ok() && file->models.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(file->path, " names no `apiBase` of a model"));
  }
  return file;
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  const std::string command = invocation.arguments.empty() ? "" : invocation.arguments[0];
  if (command == "serve" || command == "review") {
    return absl::FailedPreconditionError(absl::StrCat(
        "cn ", command,
        " takes no other configuration: `zctl setup continue` points it at a gateway"));
  }
  ZB_ASSIGN_OR_RETURN(ModelsFile file, FindFile(invocation, surroundings));
  Plan plan;
  auto draft =
      std::make_shared<Draft>(Draft{.arguments = WithoutOption(invocation.arguments, {"--config"}),
                                    .text = std::move(file.text)});
  ZB_RETURN_IF_ERROR(Settle(invocation, std::move(file.models), *draft, plan.remarks));
  draft->variables =
      ReachLoopback([&](const std::string& name) { return surroundings.Variable(name); });
  plan.upstream = draft->upstream.text();
  plan.launch = [draft](absl::string_view gateway) { return LaunchFrom(*draft, gateway); };
  return plan;
}

Look LookAt(const Surroundings& surroundings) {
  Look look{.file = ConfigPath(surroundings)};
  const auto file = ReadModels(look.file, surroundings);
  if (!file.ok()) {
    if (!absl::IsNotFound(file.status())) look.remarks.emplace_back(file.status().message());
    return look;
  }
  for (const Model& model : file->models) {
    look.routes.push_back(
        {absl::StrCat("model ", model.name), model.url.text(), model.is_named ? look.file : ""});
  }
  return look;
}

// The text of a file of NAME=VALUE lines with the gateway's URL in it.
std::string WithSecret(const std::string& text, const std::string& url) {
  const std::string line = absl::StrCat(kSecret, "=", url);
  const absl::string_view line_end = LineEndOf(text);
  // The last one, as it is the one that counts.
  size_t at = text.rfind(absl::StrCat(kSecret, "="));
  while (at != text.npos && at > 0 && text[at - 1] != '\n') {
    at = text.rfind(absl::StrCat(kSecret, "="), at - 1);
  }
  if (at != text.npos) return Replace(text, {{{at, EndOfLine(text, at)}, line}});
  const bool is_open = !text.empty() && !absl::EndsWith(text, "\n");
  return absl::StrCat(text, is_open ? line_end : "", line, line_end);
}

absl::StatusOr<SetUp> MakeSetUp(const FixedGateway& gateway, const Surroundings& surroundings) {
  SetUp set_up;
  ZB_ASSIGN_OR_RETURN(const ModelsFile file, ReadModels(ConfigPath(surroundings), surroundings));
  const std::string secrets = absl::StrCat(HomeOf(surroundings), "/.env");
  ZB_ASSIGN_OR_RETURN(const std::string lines, ReadOrEmpty(secrets, surroundings));
  ZB_RETURN_IF_ERROR(CheckFree(LineIn(lines, kSecret).value_or(""), gateway));
  std::string text = file.text;
  bool found = false;
  for (const Model& model : file.models) {
    const auto behind = PathBehind(gateway, model.url);
    if (!behind) {
      set_up.remarks.push_back(absl::StrCat(
          "leaving alone: ", OutOfReach(absl::StrCat("model ", model.name), model.url, gateway)));
      continue;
    }
    found = true;
    auto edited =
        WithApiBase(text, model.index, absl::StrCat("${{ secrets.", kSecret, " }}", *behind));
    if (!edited.ok()) return Annotate(edited.status(), file.path);
    text = *std::move(edited);
  }
  if (!found) {
    return absl::FailedPreconditionError(
        absl::StrCat(file.path, " has no model whose `apiBase` leads to ", gateway.upstream.origin,
                     ": give it one, such as ", gateway.upstream.origin, "/api/coding/paas/v4"));
  }
  AddFile(secrets, WithSecret(lines, gateway.url), surroundings, set_up);
  AddFile(file.path, std::move(text), surroundings, set_up);
  return set_up;
}

}  // namespace

const Tool kContinue = {.name = "cn",
                        .package = "@continuedev/cli",
                        .calls_models = CallsModels,
                        .plan = MakePlan,
                        .look = LookAt,
                        .set_up = MakeSetUp,
                        .set_up_name = "continue",
                        .seen_with = "1.5.47"};

}  // namespace zbroker::tools
