#include "shims/tools/open_code_config.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shims/tools/settings_file.h"

namespace zbroker::tools {
namespace {

constexpr char kKeyVariable[] = "ZHIPU_API_KEY";

// The providers that the programs know by themselves and that are the subscription's, the likeliest
// first.
constexpr std::pair<absl::string_view, absl::string_view> kBuiltIn[] = {
    {kOfferedProvider, "https://api.z.ai/api/coding/paas/v4"},
    {"zhipuai-coding-plan", "https://open.bigmodel.cn/api/coding/paas/v4"},
    {"zai", "https://api.z.ai/api/paas/v4"},
    {"zhipuai", "https://open.bigmodel.cn/api/paas/v4"}};

std::string BaseDirectory(const Surroundings& surroundings, const std::string& variable,
                          absl::string_view usual) {
  const auto base = surroundings.Variable(variable);
  return base && !base->empty() ? *base : absl::StrCat(surroundings.home(), usual);
}

// Of the file that `{file:NAME}` is for: relative to the file that has it, or to the home.
std::string PathNamed(absl::string_view name, const std::string& place,
                      const Surroundings& surroundings) {
  if (absl::ConsumePrefix(&name, "~/")) return absl::StrCat(surroundings.home(), "/", name);
  if (absl::StartsWith(name, "/")) return std::string(name);
  return absl::StrCat(place.substr(0, place.rfind('/') + 1), name);
}

// Puts in what `{env:NAME}` and `{file:NAME}` stand for.
std::string Substitute(absl::string_view text, const std::string& place,
                       const Surroundings& surroundings) {
  std::string result;
  while (!text.empty()) {
    const size_t open = text.find('{');
    const size_t close = open == text.npos ? text.npos : text.find('}', open);
    if (close == text.npos) break;
    absl::string_view name = text.substr(open + 1, close - open - 1);
    absl::StrAppend(&result, text.substr(0, open));
    if (absl::ConsumePrefix(&name, "env:")) {
      absl::StrAppend(&result, surroundings.Variable(std::string(name)).value_or(""));
    } else if (absl::ConsumePrefix(&name, "file:")) {
      const auto content = surroundings.ReadFile(PathNamed(name, place, surroundings));
      if (content.ok()) absl::StrAppend(&result, absl::StripAsciiWhitespace(*content));
    } else {
      absl::StrAppend(&result, text.substr(open, close - open + 1));
    }
    text.remove_prefix(close + 1);
  }
  return absl::StrCat(result, text);
}

// The providers that the user has signed in to.
std::vector<std::string> SignedIn(const OpenCodeNames& names, const Surroundings& surroundings,
                                  std::vector<std::string>& remarks) {
  const std::string path =
      absl::StrCat(BaseDirectory(surroundings, "XDG_DATA_HOME", "/.local/share"), "/",
                   names.directory, "/auth.json");
  const auto auth = ReadSettings(path, Syntax::kJson, surroundings, remarks);
  return auth ? auth->Keys({}) : std::vector<std::string>();
}

bool Has(const std::vector<std::string>& ids, absl::string_view id) {
  return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

std::vector<OpenCodeFile> FilesOf(const OpenCodeNames& names, const Surroundings& surroundings) {
  std::vector<OpenCodeFile> files;
  const auto add_in = [&](const std::string& directory, bool of_the_user) {
    for (const absl::string_view name : names.files) {
      files.push_back({absl::StrCat(directory, "/", name), of_the_user});
    }
  };
  const std::vector<std::string> directories = ProjectDirectories(surroundings);
  for (const std::string& directory : directories) {
    for (const absl::string_view below : names.project_directories) {
      add_in(absl::StrCat(directory, "/", below), false);
    }
  }
  for (const std::string& directory : directories) add_in(directory, false);
  const auto named = surroundings.Variable(std::string(names.file_variable));
  if (named && !named->empty()) files.push_back({*named, false});
  const std::string own = absl::StrCat(BaseDirectory(surroundings, "XDG_CONFIG_HOME", "/.config"),
                                       "/", names.directory);
  add_in(own, true);
  files.push_back({absl::StrCat(own, "/config.json"), true});
  return files;
}

OpenCodeConfig OpenCodeConfig::Read(const OpenCodeNames& names, const Surroundings& surroundings,
                                    std::vector<std::string>& remarks) {
  OpenCodeConfig config(surroundings);
  const auto add = [&](const std::string& place, bool of_the_user, JsonObject settings) {
    config.sources_.push_back({place, of_the_user, std::move(settings)});
  };
  const std::string variable(names.content_variable);
  if (const auto content = surroundings.Variable(variable); content && !content->empty()) {
    auto settings = JsonObject::Parse(PlainJson(*content));
    if (settings.ok()) {
      add(variable, false, *std::move(settings));
    } else {
      remarks.push_back(
          absl::StrCat("passing over ", variable, ", which ", settings.status().message()));
    }
  }
  const std::vector<OpenCodeFile> files = FilesOf(names, surroundings);
  for (const auto& [path, of_the_user] : files) {
    auto settings = ReadSettings(path, Syntax::kJsonWithComments, surroundings, remarks);
    if (settings) add(path, of_the_user, *std::move(settings));
  }
  // The last one is for what older releases have left.
  const size_t own = files.size() - 1 - names.files.size();
  const std::string& first = files[own].path;
  config.user_file_ = absl::StrCat(first.substr(0, first.rfind('/') + 1), names.new_file);
  for (size_t i = own; i + 1 < files.size(); ++i) {
    if (!surroundings.Exists(files[i].path)) continue;
    config.user_file_ = files[i].path;
    break;
  }
  return config;
}

std::optional<OpenCodeConfig::Found> OpenCodeConfig::String(JsonPath path) const {
  for (const OpenCodeSource& source : sources_) {
    if (const auto value = source.settings.String(path)) {
      return Found{Substitute(*value, source.place, surroundings_), &source};
    }
  }
  return std::nullopt;
}

std::vector<OpenCodeConfig::Found> OpenCodeConfig::Strings(JsonPath path) const {
  std::vector<Found> all;
  for (const OpenCodeSource& source : sources_) {
    if (const auto value = source.settings.String(path)) {
      all.push_back({Substitute(*value, source.place, surroundings_), &source});
    }
  }
  return all;
}

std::vector<std::string> OpenCodeConfig::Providers() const {
  std::vector<std::string> all;
  for (const OpenCodeSource& source : sources_) {
    for (std::string& id : source.settings.Keys({"provider"})) {
      if (!Has(all, id)) all.push_back(std::move(id));
    }
  }
  return all;
}

std::vector<OpenCodeProvider> FindProviders(const OpenCodeNames& names,
                                            const OpenCodeConfig& config,
                                            const Surroundings& surroundings,
                                            std::vector<std::string>& remarks) {
  std::vector<OpenCodeProvider> providers;
  const std::vector<std::string> named = config.Providers();
  const std::vector<std::string> signed_in = SignedIn(names, surroundings, remarks);
  const bool has_key = !surroundings.Variable(kKeyVariable).value_or("").empty();
  const auto add = [&](const std::string& id, absl::string_view usual) {
    const auto found = config.String({"provider", id, "options", "baseURL"});
    if (!found && usual.empty()) return;
    auto url = ParseUrl(absl::StrCat(names.title, "'s provider ", id),
                        found ? absl::string_view(found->value) : usual);
    if (!url.ok()) {
      remarks.push_back(absl::StrCat("leaving it alone: ", url.status().message()));
      return;
    }
    providers.push_back({id, *std::move(url), found ? found->source->place : "",
                         !found || found->source->of_the_user});
  };
  for (const auto& [id, url] : kBuiltIn) {
    if (has_key || Has(named, id) || Has(signed_in, id)) add(std::string(id), url);
  }
  for (const std::string& id : named) {
    const bool is_built_in =
        std::ranges::any_of(kBuiltIn, [&](const auto& built_in) { return built_in.first == id; });
    if (!is_built_in) add(id, "");
  }
  return providers;
}

}  // namespace zbroker::tools
