#include "shims/tools/upstream.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/config/default_account.h"
#include "client/config/document.h"
#include "client/config/first_error.h"
#include "client/config/table_reader.h"
#include "shims/zai/endpoint.h"

namespace zbroker::tools {
namespace {

// `upstream` of the account; empty when the configuration says nothing about it.
std::optional<Url> ReadUpstream(config::TableReader& root, const std::string& account) {
  std::optional<config::TableReader> table = root.Table("account");
  std::optional<config::TableReader> broker = root.Table("broker");
  if (!table.has_value()) return std::nullopt;
  std::vector<config::TableReader> members = table->Members();
  std::vector<std::string> names;
  for (const config::TableReader& member : members) names.push_back(member.key());
  std::optional<std::string> named;
  if (broker.has_value()) named = broker->Name("default_account");
  const std::string name = account.empty() ? config::DefaultAccount(names, named) : account;
  for (config::TableReader& member : members) {
    if (member.key() == name) return member.Url("upstream");
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<Url>> Configured(const std::string& account,
                                              const Surroundings& surroundings) {
  const std::string path = surroundings.config_path();
  if (path.empty()) return std::nullopt;
  const auto text = surroundings.ReadFile(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("configuration file ", text.status().message()));
  }
  ZB_ASSIGN_OR_RETURN(const config::Document document, config::Document::Parse(*text, path));
  config::FirstError errors(path);
  config::TableReader root(document.root(), errors);
  std::optional<Url> upstream = ReadUpstream(root, account);
  if (!errors.empty()) return errors.status();
  return upstream;
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
                   ForProtocol(*ParseUrl("the provider's", zai::kProviderUrl), protocol).text()));
}

}  // namespace zbroker::tools
