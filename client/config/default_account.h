// Which account is meant where none is named.
#ifndef ZBROKER_CLIENT_CONFIG_DEFAULT_ACCOUNT_H_
#define ZBROKER_CLIENT_CONFIG_DEFAULT_ACCOUNT_H_

#include <optional>
#include <string>
#include <vector>

namespace zbroker::config {

// Of the accounts that a configuration has: the one that it names as the default, `named`; else the
// one called "default", else the only one. Empty if it can't be told. That there is an account of
// that name is for the caller to see.
std::string DefaultAccount(const std::vector<std::string>& accounts,
                           const std::optional<std::string>& named);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_DEFAULT_ACCOUNT_H_
