// OpenCode merges its configuration from the user's files, the file in OPENCODE_CONFIG,
// opencode.json in the project, .opencode/opencode.json there, and OPENCODE_CONFIG_CONTENT, later
// ones winning (https://opencode.ai/docs/config; the order was seen with release 1.18.33, which
// also takes comments in that variable). `provider.ID.options.baseURL` is where a provider's
// requests go, else what its built-in catalogue says. A provider that the configuration names is
// offered even without a key, so only those may be named that are in use.
//
// One gateway has one upstream, so providers of one origin are put behind it. Those of others are
// other accounts, and are left alone with a remark.
#include "shims/tools/opencode.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/loopback.h"
#include "shims/tools/settings_file.h"
#include "shims/tools/upstream.h"
#include "shims/tools/url.h"
#include "shims/zai/endpoint.h"

namespace zbroker::tools {
namespace {

constexpr char kContent[] = "OPENCODE_CONFIG_CONTENT";
constexpr char kKeyVariable[] = "ZHIPU_API_KEY";
constexpr size_t kParentsMax = 64;
constexpr size_t kNamesShownMax = 200;

// As first arguments: commands and options that call no model.
constexpr absl::string_view kLocalCommands[] = {
    "--help",     "-h",     "--version", "-v",      "agent",  "attach",    "auth",
    "completion", "db",     "debug",     "export",  "import", "mcp",       "models",
    "plug",       "plugin", "providers", "session", "stats",  "uninstall", "upgrade"};

// The providers that OpenCode knows by itself and that are the subscription's, the likeliest first.
constexpr std::pair<absl::string_view, absl::string_view> kBuiltIn[] = {
    {"zai-coding-plan", "https://api.z.ai/api/coding/paas/v4"},
    {"zhipuai-coding-plan", "https://open.bigmodel.cn/api/coding/paas/v4"},
    {"zai", "https://api.z.ai/api/paas/v4"},
    {"zhipuai", "https://open.bigmodel.cn/api/paas/v4"}};

bool CallsModels(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return true;
  return std::ranges::find(kLocalCommands, arguments[0]) == std::end(kLocalCommands);
}

// The configuration as far as it matters, the source that wins first.
class Configuration {
 public:
  void Add(std::optional<JsonObject> source) {
    if (source) sources_.push_back(*std::move(source));
  }

  std::optional<std::string> String(JsonPath path) const {
    for (const JsonObject& source : sources_) {
      if (auto value = source.String(path)) return value;
    }
    return std::nullopt;
  }

  bool Has(JsonPath path) const {
    return std::ranges::any_of(sources_,
                               [&](const JsonObject& source) { return source.Has(path); });
  }

  // Each provider that is named, once.
  std::vector<std::string> Providers() const {
    std::vector<std::string> all;
    for (const JsonObject& source : sources_) {
      for (std::string& id : source.Keys({"provider"})) {
        if (std::ranges::find(all, id) == all.end()) all.push_back(std::move(id));
      }
    }
    return all;
  }

 private:
  std::vector<JsonObject> sources_;
};

// The current directory and those above it, up to the root of its repository.
std::vector<std::string> ProjectDirectories(const Surroundings& surroundings) {
  std::vector<std::string> directories;
  std::string at = surroundings.directory();
  while (!at.empty() && directories.size() < kParentsMax) {
    directories.push_back(at);
    if (surroundings.Exists(absl::StrCat(at, "/.git"))) break;
    at.resize(at.rfind('/'));
  }
  return directories;
}

Configuration ReadConfiguration(const Surroundings& surroundings,
                                std::vector<std::string>& remarks) {
  Configuration configuration;
  const auto read = [&](const std::string& path) {
    configuration.Add(ReadSettings(path, Syntax::kJsonWithComments, surroundings, remarks));
  };
  const auto read_in = [&](const std::string& directory) {
    for (const absl::string_view name : {"opencode.json", "opencode.jsonc"}) {
      read(absl::StrCat(directory, "/", name));
    }
  };
  if (const auto content = surroundings.Variable(kContent); content && !content->empty()) {
    auto object = JsonObject::Parse(StripComments(*content));
    if (object.ok()) {
      configuration.Add(*std::move(object));
    } else {
      remarks.push_back(
          absl::StrCat("passing over ", kContent, ", which ", object.status().message()));
    }
  }
  const std::vector<std::string> directories = ProjectDirectories(surroundings);
  for (const auto& directory : directories) read_in(absl::StrCat(directory, "/.opencode"));
  for (const auto& directory : directories) read_in(directory);
  if (const auto path = surroundings.Variable("OPENCODE_CONFIG"); path && !path->empty()) {
    read(*path);
  }
  const auto base = surroundings.Variable("XDG_CONFIG_HOME");
  const std::string user = absl::StrCat(
      base && !base->empty() ? *base : absl::StrCat(surroundings.home(), "/.config"), "/opencode");
  read_in(user);
  read(absl::StrCat(user, "/config.json"));
  return configuration;
}

// The providers that `opencode auth login` has keys of.
std::vector<std::string> LoggedIn(const Surroundings& surroundings,
                                  std::vector<std::string>& remarks) {
  const auto base = surroundings.Variable("XDG_DATA_HOME");
  const std::string path = absl::StrCat(
      base && !base->empty() ? *base : absl::StrCat(surroundings.home(), "/.local/share"),
      "/opencode/auth.json");
  const auto auth = ReadSettings(path, Syntax::kJson, surroundings, remarks);
  return auth ? auth->Keys({}) : std::vector<std::string>();
}

struct Provider {
  std::string id;
  Url url;
};

// The providers in use whose base URL can be told, the likeliest first.
std::vector<Provider> FindProviders(const Configuration& configuration,
                                    const Surroundings& surroundings,
                                    std::vector<std::string>& remarks) {
  std::vector<Provider> providers;
  const std::vector<std::string> named = configuration.Providers();
  const std::vector<std::string> logged_in = LoggedIn(surroundings, remarks);
  const bool has_key = !surroundings.Variable(kKeyVariable).value_or("").empty();
  const auto add = [&](const std::string& id, const std::string& text) {
    auto url = ParseUrl(absl::StrCat("OpenCode's provider ", id), text);
    if (url.ok()) {
      providers.push_back({id, *std::move(url)});
    } else {
      remarks.push_back(absl::StrCat("leaving it alone: ", url.status().message()));
    }
  };
  for (const auto& [id, url] : kBuiltIn) {
    const bool in_use = has_key || std::ranges::find(named, id) != named.end() ||
                        std::ranges::find(logged_in, id) != logged_in.end();
    if (!in_use) continue;
    add(std::string(id),
        configuration.String({"provider", id, "options", "baseURL"}).value_or(std::string(url)));
  }
  for (const std::string& id : named) {
    const bool is_built_in =
        std::ranges::any_of(kBuiltIn, [&](const auto& built_in) { return built_in.first == id; });
    const auto url = configuration.String({"provider", id, "options", "baseURL"});
    if (url && !is_built_in) add(id, *url);
  }
  return providers;
}

// The provider of the model that the arguments or the configuration name; empty if neither does.
std::string ChosenProvider(const std::vector<std::string>& arguments,
                           const Configuration& configuration) {
  std::string model = configuration.String({"model"}).value_or("");
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    absl::string_view value = arguments[i];
    if ((value == "-m" || value == "--model") && i + 1 < arguments.size()) {
      model = arguments[i + 1];
    } else if (absl::ConsumePrefix(&value, "--model=")) {
      model = std::string(value);
    }
  }
  const size_t slash = model.find('/');
  return slash == std::string::npos ? "" : model.substr(0, slash);
}

// What is launched in the end, all but for the gateway's URL.
struct Draft {
  std::vector<std::string> arguments;
  std::string content = "{}";       // the user's, a valid object
  std::vector<Provider> providers;  // as they are to be reached, on the upstream's origin
  Url upstream;
  Variables variables;
};

Launch LaunchFrom(const Draft& draft, absl::string_view gateway) {
  std::string members;
  for (const Provider& provider : draft.providers) {
    const auto url = Through(gateway, draft.upstream, provider.url);
    if (!url) continue;
    absl::StrAppend(&members, members.empty() ? "" : ",", JsonQuote(provider.id),
                    ":{\"options\":{\"baseURL\":", JsonQuote(*url), "}}");
  }
  const auto content = JsonObject::Parse(draft.content);
  const auto patch = JsonObject::Parse(absl::StrCat("{\"provider\":{", members, "}}"));
  Launch launch{.arguments = draft.arguments, .variables = draft.variables};
  launch.variables.emplace_back(kContent, content->MergedWith(*patch));
  return launch;
}

// Names those whose requests take no lease, but not their URLs, which may hold a secret.
std::string DescribeOutsiders(const std::vector<std::string>& ids, const Url& upstream) {
  const std::string names = Ellipsize(EscapeControls(absl::StrJoin(ids, ", ")), kNamesShownMax);
  return absl::StrCat("leaving OpenCode's provider", ids.size() == 1 ? " " : "s ", names,
                      " alone: one gateway has one upstream, here ", upstream.origin);
}

// Settles what goes behind the gateway. `chosen` is the provider to look at first.
absl::Status Settle(const Invocation& invocation, const Surroundings& surroundings,
                    std::vector<Provider> providers, const std::string& chosen, Draft& draft,
                    std::vector<std::string>& remarks) {
  auto first = std::ranges::find(providers, chosen, &Provider::id);
  if (first == providers.end()) first = providers.begin();
  if (providers.empty()) {
    // Without any key it asks for one, and offers this provider.
    ZB_ASSIGN_OR_RETURN(const std::string configured,
                        ConfiguredUpstream(invocation.account, surroundings));
    ZB_ASSIGN_OR_RETURN(const Url url,
                        ParseUrl("upstream", configured.empty() ? zai::kProviderUrl : configured));
    providers.push_back({std::string(kBuiltIn[0].first), ForProtocol(url, Protocol::kOpenAi)});
    first = providers.begin();
  }
  const Url own = first->url;
  std::vector<std::string> outsiders;
  for (const Provider& one : providers) {
    if (one.url.origin != own.origin) outsiders.push_back(one.id);
  }
  std::erase_if(providers, [&](const Provider& one) { return one.url.origin != own.origin; });
  draft.upstream = own;
  if (!invocation.upstream.empty()) {
    ZB_ASSIGN_OR_RETURN(const Url named, ParseUrl("--upstream", invocation.upstream));
    draft.upstream = ForProtocol(named, Protocol::kOpenAi);
    for (Provider& provider : providers) {
      // The same place on the other server; for the one that was looked for, exactly what was
      // named.
      provider.url.origin = draft.upstream.origin;
      if (provider.url.path == own.path) provider.url.path = draft.upstream.path;
    }
  }
  for (const Provider& one : providers) {
    if (!Through("", draft.upstream, one.url)) outsiders.push_back(one.id);
  }
  if (!outsiders.empty()) remarks.push_back(DescribeOutsiders(outsiders, draft.upstream));
  draft.providers = std::move(providers);
  return absl::OkStatus();
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  Plan plan;
  auto draft = std::make_shared<Draft>(Draft{.arguments = invocation.arguments});
  const Configuration configuration = ReadConfiguration(surroundings, plan.remarks);
  const std::string content = StripComments(surroundings.Variable(kContent).value_or(""));
  if (JsonObject::Parse(content).ok()) draft->content = content;
  ZB_RETURN_IF_ERROR(
      Settle(invocation, surroundings, FindProviders(configuration, surroundings, plan.remarks),
             ChosenProvider(invocation.arguments, configuration), *draft, plan.remarks));
  plan.upstream = draft->upstream.text();
  draft->variables =
      ReachLoopback([&](const std::string& name) { return surroundings.Variable(name); });
  plan.launch = [draft](absl::string_view gateway) { return LaunchFrom(*draft, gateway); };
  return plan;
}

}  // namespace

const Tool kOpenCode = {
    .name = "opencode", .package = "opencode-ai", .calls_models = CallsModels, .plan = MakePlan};

}  // namespace zbroker::tools
