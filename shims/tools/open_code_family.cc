#include "shims/tools/open_code_family.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/tools/command_words.h"
#include "shims/tools/json_edit.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/loopback.h"
#include "shims/tools/set_up.h"
#include "shims/tools/upstream.h"
#include "shims/tools/url.h"
#include "shims/zai/endpoint.h"

namespace zbroker::tools {
namespace {

constexpr size_t kNamesShownMax = 200;

// The provider of the model that the arguments or the configuration name; empty if neither does.
std::string ChosenProvider(const std::vector<std::string>& arguments,
                           const OpenCodeConfig& config) {
  const auto configured = config.String({"model"});
  const std::string model =
      OptionValue(arguments, {"-m", "--model"}).value_or(configured ? configured->value : "");
  const size_t slash = model.find('/');
  return slash == std::string::npos ? "" : model.substr(0, slash);
}

// What is launched in the end, all but for the gateway's URL.
struct Draft {
  std::string content_variable;
  std::vector<std::string> arguments;
  std::string content = "{}";               // the user's, a valid object
  std::vector<OpenCodeProvider> providers;  // as they are to be reached, on the upstream's origin
  Url upstream;
  Variables variables;
};

Launch LaunchFrom(const Draft& draft, absl::string_view gateway) {
  std::string members;
  for (const OpenCodeProvider& provider : draft.providers) {
    const auto url = Through(gateway, draft.upstream, provider.url);
    if (!url) continue;
    absl::StrAppend(&members, members.empty() ? "" : ",", JsonQuote(provider.id),
                    ":{\"options\":{\"baseURL\":", JsonQuote(*url), "}}");
  }
  const auto content = JsonObject::Parse(draft.content);
  const auto patch = JsonObject::Parse(absl::StrCat("{\"provider\":{", members, "}}"));
  Launch launch{.arguments = draft.arguments, .variables = draft.variables};
  launch.variables.emplace_back(draft.content_variable, content->MergedWith(*patch));
  return launch;
}

// Names those whose requests take no lease, but not their URLs, which may hold a secret.
std::string DescribeOutsiders(const OpenCodeNames& names, const std::vector<std::string>& ids,
                              const Url& upstream) {
  const std::string list = Ellipsize(EscapeControls(absl::StrJoin(ids, ", ")), kNamesShownMax);
  return absl::StrCat("leaving ", names.title, "'s provider", ids.size() == 1 ? " " : "s ", list,
                      " alone: one gateway has one upstream, here ", upstream.origin);
}

// Settles what goes behind the gateway. `chosen` is the provider to look at first.
absl::Status Settle(const OpenCodeNames& names, const Invocation& invocation,
                    const Surroundings& surroundings, std::vector<OpenCodeProvider> providers,
                    const std::string& chosen, Draft& draft, std::vector<std::string>& remarks) {
  auto first = std::ranges::find(providers, chosen, &OpenCodeProvider::id);
  if (first == providers.end()) first = providers.begin();
  if (providers.empty()) {
    // Without any key it asks for one, and offers this provider.
    ZB_ASSIGN_OR_RETURN(const std::string configured,
                        ConfiguredUpstream(invocation.account, surroundings));
    ZB_ASSIGN_OR_RETURN(const Url url,
                        ParseUrl("upstream", configured.empty() ? zai::kProviderUrl : configured));
    providers.push_back({std::string(kOfferedProvider), ForProtocol(url, Protocol::kOpenAi), ""});
    first = providers.begin();
  }
  const Url own = first->url;
  std::vector<std::string> outsiders;
  for (const OpenCodeProvider& one : providers) {
    if (one.url.origin != own.origin) outsiders.push_back(one.id);
  }
  std::erase_if(providers,
                [&](const OpenCodeProvider& one) { return one.url.origin != own.origin; });
  draft.upstream = own;
  if (!invocation.upstream.empty()) {
    ZB_ASSIGN_OR_RETURN(const Url named, ParseUrl("--upstream", invocation.upstream));
    draft.upstream = ForProtocol(named, Protocol::kOpenAi);
    for (OpenCodeProvider& provider : providers) {
      // The same place on the other server; for the one that was looked for, exactly what was
      // named.
      provider.url.origin = draft.upstream.origin;
      if (provider.url.path == own.path) provider.url.path = draft.upstream.path;
    }
  }
  for (const OpenCodeProvider& one : providers) {
    if (!Through("", draft.upstream, one.url)) outsiders.push_back(one.id);
  }
  if (!outsiders.empty()) remarks.push_back(DescribeOutsiders(names, outsiders, draft.upstream));
  draft.providers = std::move(providers);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Plan> PlanOpenCode(const OpenCodeNames& names, const Invocation& invocation,
                                  const Surroundings& surroundings) {
  Plan plan;
  auto draft = std::make_shared<Draft>(Draft{
      .content_variable = std::string(names.content_variable), .arguments = invocation.arguments});
  const auto config = OpenCodeConfig::Read(names, surroundings, plan.remarks);
  const std::string content =
      PlainJson(surroundings.Variable(draft->content_variable).value_or(""));
  if (JsonObject::Parse(content).ok()) draft->content = content;
  ZB_RETURN_IF_ERROR(Settle(names, invocation, surroundings,
                            FindProviders(names, config, surroundings, plan.remarks),
                            ChosenProvider(invocation.arguments, config), *draft, plan.remarks));
  plan.upstream = draft->upstream.text();
  draft->variables =
      ReachLoopback([&](const std::string& name) { return surroundings.Variable(name); });
  plan.launch = [draft](absl::string_view gateway) { return LaunchFrom(*draft, gateway); };
  return plan;
}

Look LookAtOpenCode(const OpenCodeNames& names, const Surroundings& surroundings) {
  Look look;
  const auto config = OpenCodeConfig::Read(names, surroundings, look.remarks);
  look.file = config.user_file();
  for (const auto& one : FindProviders(names, config, surroundings, look.remarks)) {
    const std::string what = absl::StrCat("provider ", one.id);
    look.routes.push_back({what, one.url.text(), one.place});
    const auto all = config.Strings({"provider", one.id, "options", "baseURL"});
    for (size_t i = 1; i < all.size(); ++i) {
      look.overridden.push_back({what, all[i].value, all[i].source->place});
    }
  }
  return look;
}

absl::StatusOr<SetUp> SetUpOpenCode(const OpenCodeNames& names, const FixedGateway& gateway,
                                    const Surroundings& surroundings) {
  SetUp set_up;
  const auto config = OpenCodeConfig::Read(names, surroundings, set_up.remarks);
  const std::string secret = SecretPath(names.directory, surroundings);
  ZB_ASSIGN_OR_RETURN(const std::string kept, ReadOrEmpty(secret, surroundings));
  ZB_RETURN_IF_ERROR(CheckFree(kept, gateway));
  std::map<std::string, std::string> texts;
  for (const auto& one : FindProviders(names, config, surroundings, set_up.remarks)) {
    const std::string what = absl::StrCat("provider ", one.id);
    const auto behind = PathBehind(gateway, one.url);
    if (!behind) {
      set_up.remarks.push_back(absl::StrCat("leaving alone: ", OutOfReach(what, one.url, gateway)));
      continue;
    }
    if (!one.of_the_user) {
      set_up.remarks.push_back(absl::StrCat(
          "leaving alone: ", what, " has its base URL from ", one.place,
          ", which wins over your own settings: take it out of there, or change it by hand"));
      continue;
    }
    const std::string& path = one.place.empty() ? config.user_file() : one.place;
    if (!texts.contains(path)) {
      ZB_ASSIGN_OR_RETURN(texts[path], ReadOrEmpty(path, surroundings));
    }
    auto edited = SetJsonString(texts[path], Syntax::kJsonWithComments,
                                {"provider", one.id, "options", "baseURL"},
                                absl::StrCat("{file:", secret, "}", *behind));
    if (!edited.ok()) return Annotate(edited.status(), path);
    texts[path] = *std::move(edited);
  }
  if (texts.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        set_up.remarks.empty() ? "" : absl::StrCat(absl::StrJoin(set_up.remarks, "; "), "; "),
        names.title, " has no provider in use whose requests go to ", gateway.upstream.origin,
        ": sign in to one with `", names.directory, " auth login`, or name its base URL in ",
        config.user_file()));
  }
  AddFile(secret, gateway.url, surroundings, set_up);
  for (auto& [path, text] : texts) AddFile(path, std::move(text), surroundings, set_up);
  return set_up;
}

}  // namespace zbroker::tools
