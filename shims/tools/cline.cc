// Cline's command line reads its providers, each with a base URL and a key, from
// ~/.cline/data/settings/providers.json, or from what CLINE_PROVIDER_SETTINGS_PATH names. Unless
// CLINE_SESSION_BACKEND_MODE says "local", a hub makes the requests, a process that outlives the
// command and has read its providers before. Cline writes the file anew at each run, with the time
// in it, and when a model is chosen or a sign-in is renewed; behind a gateway it does so to the
// copy that it was given. Seen with release 3.0.65.
#include "shims/tools/cline.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "shims/tools/command_words.h"
#include "shims/tools/json_edit.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/loopback.h"
#include "shims/tools/set_up.h"
#include "shims/tools/url.h"

namespace zbroker::tools {
namespace {

constexpr char kPathVariable[] = "CLINE_PROVIDER_SETTINGS_PATH";
// What Cline takes for a file of providers, with none in it.
constexpr absl::string_view kNoProviders = "{\"version\":1,\"providers\":{}}";

// The providers whose URL Cline knows by itself and that are the subscription's.
constexpr std::pair<absl::string_view, absl::string_view> kBuiltIn[] = {
    {"zai-coding-plan", "https://api.z.ai/api/coding/paas/v4"},
    {"zai", "https://api.z.ai/api/paas/v4"}};

bool CallsModels(const std::vector<std::string>& arguments) {
  if (HasWord(arguments, {"--help", "-h", "--version", "-V", "--update"})) return false;
  if (arguments.empty()) return true;
  constexpr absl::string_view kLocalCommands[] = {"auth",    "config",  "plugin", "skill",
                                                  "mcp",     "history", "h",      "hook",
                                                  "version", "doctor",  "update"};
  return std::ranges::find(kLocalCommands, arguments[0]) == std::end(kLocalCommands);
}

// Whether a process that stays makes the requests of such a command.
bool NeedsTheHub(const std::vector<std::string>& arguments) {
  return HasWord(arguments, {"-z", "--zen", "--kanban"}) ||
         (!arguments.empty() && (arguments[0] == "schedule" || arguments[0] == "connect" ||
                                 arguments[0] == "hub" || arguments[0] == "dashboard"));
}

std::string ProvidersPath(const std::vector<std::string>& arguments,
                          const Surroundings& surroundings) {
  if (const auto directory = OptionValue(arguments, {"--data-dir"})) {
    return absl::StrCat(*directory, "/settings/providers.json");
  }
  if (const auto directory = OptionValue(arguments, {"--config"})) {
    return absl::StrCat(*directory, "/data/settings/providers.json");
  }
  const auto set = [&](const char* name) { return surroundings.Variable(name).value_or(""); };
  if (const std::string path = set(kPathVariable); !path.empty()) return path;
  const std::string own = set("CLINE_DIR");
  const std::string data = set("CLINE_DATA_DIR");
  if (!data.empty()) return absl::StrCat(data, "/settings/providers.json");
  return absl::StrCat(own.empty() ? absl::StrCat(surroundings.home(), "/.cline") : own,
                      "/data/settings/providers.json");
}

struct Provider {
  std::string id;
  Url url;
  bool is_named = false;  // by the file, rather than known to Cline
};

// The file, or an empty one if there is none.
struct ProvidersFile {
  std::string path;
  std::string text;
  JsonObject settings;

  std::optional<Provider> Find(const std::string& id) const {
    const auto own = settings.String({"providers", id, "settings", "baseUrl"});
    if (own && !own->empty()) {
      const auto url = ParseUrl(absl::StrCat(path, ": provider ", id), *own);
      return url.ok() ? std::optional(Provider{id, *url, true}) : std::nullopt;
    }
    for (const auto& [name, url] : kBuiltIn) {
      if (name == id) return Provider{id, *ParseUrl("built in", url), false};
    }
    return std::nullopt;
  }
  // The one that Cline uses when it is told of none.
  std::string last_used() const { return settings.String({"lastUsedProvider"}).value_or("cline"); }
};

absl::StatusOr<ProvidersFile> ReadProviders(const std::string& path,
                                            const Surroundings& surroundings) {
  ZB_ASSIGN_OR_RETURN(std::string text, ReadOrEmpty(path, surroundings));
  if (text.empty()) text = std::string(kNoProviders);
  auto settings = JsonObject::Parse(text);
  if (!settings.ok()) return Annotate(settings.status(), path);
  return ProvidersFile{path, std::move(text), *std::move(settings)};
}

// The file's text with the provider at another base URL. One that is not in it yet is entered.
absl::StatusOr<std::string> WithBaseUrl(const std::string& text, const std::string& id,
                                        absl::string_view url) {
  ZB_ASSIGN_OR_RETURN(
      std::string edited,
      SetJsonString(text, Syntax::kJson, {"providers", id, "settings", "baseUrl"}, url));
  const auto before = JsonObject::Parse(text);
  if (before.ok() && before->Has({"providers", id})) return edited;
  ZB_ASSIGN_OR_RETURN(
      edited, SetJsonString(edited, Syntax::kJson, {"providers", id, "settings", "provider"}, id));
  return SetJsonString(edited, Syntax::kJson, {"providers", id, "updatedAt"},
                       "1970-01-01T00:00:00.000Z");
}

// What is launched in the end, all but for the gateway's URL.
struct Draft {
  std::vector<std::string> arguments;
  std::string text;
  std::vector<Provider> providers;
  Url upstream;
  Variables variables;
};

Launch LaunchFrom(const Draft& draft, absl::string_view gateway) {
  Launch launch{.arguments = draft.arguments, .variables = draft.variables};
  std::string text = draft.text;
  for (const Provider& provider : draft.providers) {
    const auto url = Through(gateway, draft.upstream, provider.url);
    if (!url) continue;
    if (auto edited = WithBaseUrl(text, provider.id, *url); edited.ok()) text = *std::move(edited);
  }
  launch.variables.emplace_back("CLINE_SESSION_BACKEND_MODE", "local");
  launch.file =
      PrivateFile{.content = std::move(text), .tell = [](const std::string& path, Launch& told) {
                    told.variables.emplace_back(kPathVariable, path);
                  }};
  return launch;
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  if (NeedsTheHub(invocation.arguments)) {
    return absl::InvalidArgumentError(
        "Cline's hub makes the requests of such a command, and goes on when it has ended: point it "
        "at a gateway with `zctl setup cline`, then run cline without zlease");
  }
  ZB_ASSIGN_OR_RETURN(
      ProvidersFile file,
      ReadProviders(ProvidersPath(invocation.arguments, surroundings), surroundings));
  const std::string chosen =
      OptionValue(invocation.arguments, {"-P", "--provider"}).value_or(file.last_used());
  auto used = file.Find(chosen);
  if (!used && invocation.upstream.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("only Cline knows where its provider ",
                                                      chosen,
                                                      " sends requests: name another with -P, or "
                                                      "its base URL in ",
                                                      file.path));
  }
  auto draft = std::make_shared<Draft>(Draft{.arguments = invocation.arguments});
  if (!invocation.upstream.empty()) {
    ZB_ASSIGN_OR_RETURN(const Url named, ParseUrl("--upstream", invocation.upstream));
    used = Provider{chosen, ForProtocol(named, Protocol::kOpenAi)};
  }
  draft->upstream = used->url;
  draft->providers = {*used};
  for (const std::string& id : file.settings.Keys({"providers"})) {
    const auto other = file.Find(id);
    if (id != chosen && other) draft->providers.push_back(*other);
  }
  draft->text = std::move(file.text);
  draft->variables =
      ReachLoopback([&](const std::string& name) { return surroundings.Variable(name); });
  Plan plan{.upstream = draft->upstream.text()};
  plan.launch = [draft](absl::string_view gateway) { return LaunchFrom(*draft, gateway); };
  return plan;
}

Look LookAt(const Surroundings& surroundings) {
  Look look{.file = ProvidersPath({}, surroundings)};
  const auto file = ReadProviders(look.file, surroundings);
  if (!file.ok()) {
    look.remarks.emplace_back(file.status().message());
    return look;
  }
  for (const std::string& id : file->settings.Keys({"providers"})) {
    const auto provider = file->Find(id);
    if (!provider) continue;
    look.routes.push_back(
        {absl::StrCat("provider ", id), provider->url.text(), provider->is_named ? look.file : ""});
  }
  return look;
}

absl::StatusOr<SetUp> MakeSetUp(const FixedGateway& gateway, const Surroundings& surroundings) {
  ZB_ASSIGN_OR_RETURN(const ProvidersFile file,
                      ReadProviders(ProvidersPath({}, surroundings), surroundings));
  SetUp set_up;
  std::string text = file.text;
  bool found = false;
  for (const std::string& id : file.settings.Keys({"providers"})) {
    const auto provider = file.Find(id);
    if (!provider) continue;
    const auto behind = PathBehind(gateway, provider->url);
    if (!behind) {
      set_up.remarks.push_back(absl::StrCat(
          "leaving alone: ", OutOfReach(absl::StrCat("provider ", id), provider->url, gateway)));
      continue;
    }
    found = true;
    auto edited = WithBaseUrl(text, id, absl::StrCat(gateway.url, *behind));
    if (!edited.ok()) return Annotate(edited.status(), file.path);
    text = *std::move(edited);
  }
  if (!found) {
    return absl::FailedPreconditionError(
        absl::StrCat(file.path, " has no provider whose requests go to ", gateway.upstream.origin,
                     ": sign in with `cline auth -p zai-coding-plan -k KEY -m MODEL`"));
  }
  AddFile(file.path, std::move(text), surroundings, set_up);
  return set_up;
}

// The text as Cline writes it at each run, but for the time.
std::string AsWritten(absl::string_view text) {
  const auto object = JsonObject::Parse(text);
  if (!object.ok()) return "";
  std::string whole = object->MergedWith(*JsonObject::Parse("{\"modes\":{}}"));
  for (const std::string& id : object->Keys({"providers"})) {
    const auto set = [&](const char* key, absl::string_view value) {
      const auto edited = SetJsonString(whole, Syntax::kJson, {"providers", id, key}, value);
      if (edited.ok()) whole = *edited;
    };
    set("updatedAt", "");
    if (!object->Has({"providers", id, "tokenSource"})) set("tokenSource", "manual");
  }
  const auto written = JsonObject::Parse(whole);
  return written.ok() ? written->Canonical() : "";
}

bool Alike(absl::string_view one, absl::string_view other) {
  const std::string written = AsWritten(one);
  return !written.empty() && written == AsWritten(other);
}

}  // namespace

const Tool kCline = {.name = "cline",
                     .package = "cline",
                     .calls_models = CallsModels,
                     .plan = MakePlan,
                     .look = LookAt,
                     .set_up = MakeSetUp,
                     .alike = Alike,
                     .seen_with = "3.0.65"};

}  // namespace zbroker::tools
