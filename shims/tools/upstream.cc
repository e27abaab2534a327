#include "shims/tools/upstream.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8  // bounds the use of the stack
#include <toml++/impl/preprocessor.h>
// See daemon/config/toml_library.h: what 3.3 asserts, "[[[" proves wrong.
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expression) static_assert(true)
#include <toml++/toml.h>

#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace zbroker::tools {
namespace {

std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

// The account's table; null if there is none.
const toml::table* FindAccount(const toml::table& root, const std::string& name) {
  const toml::table* const accounts = root["account"].as_table();
  if (accounts == nullptr) return nullptr;
  if (!name.empty()) return (*accounts)[name].as_table();
  if (accounts->size() == 1) return accounts->begin()->second.as_table();
  const auto named = root["broker"]["default_account"].value<std::string>();
  return (*accounts)[named.value_or("default")].as_table();
}

// Empty: the configuration says nothing about it.
absl::StatusOr<std::optional<Url>> Configured(const std::string& account,
                                              const Surroundings& surroundings) {
  const std::string path = surroundings.config_path();
  if (path.empty()) return std::nullopt;
  const auto text = surroundings.ReadFile(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("configuration file ", text.status().message()));
  }
  const toml::parse_result parsed = toml::parse(ToStd(*text), path);
  if (!parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", parsed.error().source().begin.line, ": ",
                     absl::string_view(parsed.error().description().data(),
                                       parsed.error().description().size())));
  }
  const toml::table* const table = FindAccount(parsed.table(), account);
  const toml::node* const node = table == nullptr ? nullptr : table->get("upstream");
  if (node == nullptr) return std::nullopt;
  const std::string what = absl::StrCat(path, ":", node->source().begin.line, ": upstream");
  const auto value = node->value<std::string>();
  if (!value) return absl::InvalidArgumentError(absl::StrCat(what, " is not a string"));
  auto url = ParseUrl(what, *value);
  if (!url.ok()) return url.status();
  return *std::move(url);
}

}  // namespace

absl::StatusOr<std::string> ConfiguredUpstream(const std::string& account,
                                               const Surroundings& surroundings) {
  const auto url = Configured(account, surroundings);
  if (!url.ok()) return url.status();
  return *url ? (*url)->text() : std::string();
}

absl::StatusOr<Url> AccountUpstream(absl::string_view tool_name, const Invocation& invocation,
                                    const Surroundings& surroundings, Protocol protocol) {
  const auto configured = Configured(invocation.account, surroundings);
  if (!configured.ok()) return configured.status();
  if (*configured) return ForProtocol(**configured, protocol);
  return absl::InvalidArgumentError(
      absl::StrCat("nothing says where the requests of ", tool_name,
                   " go, and its key must not go where you don't expect it: give --upstream URL, "
                   "or `upstream` of "
                   "the account in zbroker's configuration; Z.ai's is ",
                   ForProtocol(*ParseUrl("the provider's", kProviderUrl), protocol).text()));
}

}  // namespace zbroker::tools
