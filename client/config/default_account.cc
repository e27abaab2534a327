#include "client/config/default_account.h"

#include <algorithm>

namespace zbroker::config {

std::string DefaultAccount(const std::vector<std::string>& accounts,
                           const std::optional<std::string>& named) {
  if (named.has_value()) return *named;
  if (accounts.size() == 1) return accounts.front();
  return std::ranges::find(accounts, "default") == accounts.end() ? "" : "default";
}

}  // namespace zbroker::config
