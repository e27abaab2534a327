#include "shims/tools/loopback.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zbroker::tools {

Variables ReachLoopback(const Lookup& lookup) {
  const auto is_set = [&](absl::string_view name) {
    return !lookup(std::string(name)).value_or("").empty();
  };
  Variables variables;
  if (std::ranges::none_of(kProxyVariables, is_set)) return variables;
  for (const absl::string_view name : kNoProxyVariables) {
    // A program looks at one of the two, and that one must not lose what the other says.
    std::string hosts = lookup(std::string(name)).value_or("");
    for (const absl::string_view other : kNoProxyVariables) {
      if (hosts.empty()) hosts = lookup(std::string(other)).value_or("");
    }
    if (hosts == "*") continue;
    variables.emplace_back(name, absl::StrCat(hosts, hosts.empty() ? "" : ",", "127.0.0.1"));
  }
  return variables;
}

}  // namespace zbroker::tools
