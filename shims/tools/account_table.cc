#include "shims/tools/account_table.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/config/default_account.h"
#include "client/config/document.h"
#include "client/config/first_error.h"
#include "client/config/table_reader.h"

namespace zbroker::tools {
namespace {

void ReadIn(config::TableReader& root, const std::string& account,
            absl::FunctionRef<void(config::TableReader&)> read) {
  std::optional<config::TableReader> table = root.Table("account");
  std::optional<config::TableReader> broker = root.Table("broker");
  if (!table.has_value()) return;
  std::vector<config::TableReader> members = table->Members();
  std::vector<std::string> names;
  for (const config::TableReader& member : members) names.push_back(member.key());
  std::optional<std::string> named;
  if (broker.has_value()) named = broker->Name("default_account");
  const std::string name = account.empty() ? config::DefaultAccount(names, named) : account;
  for (config::TableReader& member : members) {
    if (member.key() == name) return read(member);
  }
}

}  // namespace

absl::Status ReadConfiguration(const Surroundings& surroundings,
                               absl::FunctionRef<void(config::TableReader& root)> read) {
  const std::string path = surroundings.config_path();
  if (path.empty()) return absl::OkStatus();
  const auto text = surroundings.ReadFile(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("configuration file ", text.status().message()));
  }
  ZB_ASSIGN_OR_RETURN(const config::Document document, config::Document::Parse(*text, path));
  config::FirstError errors(path);
  config::TableReader root(document.root(), errors);
  read(root);
  return errors.status();
}

absl::Status ReadAccountTable(const std::string& account, const Surroundings& surroundings,
                              absl::FunctionRef<void(config::TableReader&)> read) {
  return ReadConfiguration(surroundings,
                           [&](config::TableReader& root) { ReadIn(root, account, read); });
}

}  // namespace zbroker::tools
