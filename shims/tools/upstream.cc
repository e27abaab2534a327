#include "shims/tools/upstream.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/config/table_reader.h"
#include "shims/tools/account_table.h"
#include "shims/zai/endpoint.h"

namespace zbroker::tools {
namespace {

absl::StatusOr<std::optional<Url>> Configured(const std::string& account,
                                              const Surroundings& surroundings) {
  std::optional<Url> upstream;
  ZB_RETURN_IF_ERROR(ReadAccountTable(account, surroundings, [&](config::TableReader& table) {
    upstream = table.Url("upstream");
  }));
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
