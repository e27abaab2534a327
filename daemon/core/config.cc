#include "daemon/core/config.h"

namespace zbroker::core {

BrokerConfig BrokerConfig::Defaults() {
  AccountConfig account;
  account.name = "default";
  account.windows.push_back(
      {.name = "5h", .unit = Unit::kPrompts, .length = absl::Hours(5), .enforce = Enforce::kOff});
  BrokerConfig config;
  config.default_account = account.name;
  config.accounts.push_back(account);
  return config;
}

}  // namespace zbroker::core
