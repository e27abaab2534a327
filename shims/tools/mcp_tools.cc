#include "shims/tools/mcp_tools.h"

#include "client/base/status.h"
#include "client/config/mcp.h"
#include "shims/tools/account_table.h"

namespace zbroker::tools {

absl::StatusOr<std::vector<std::string>> ConfiguredMcpTools(const std::string& account,
                                                            const Surroundings& surroundings) {
  std::vector<std::string> globs;
  ZB_RETURN_IF_ERROR(ReadAccountTable(account, surroundings, [&](config::TableReader& table) {
    if (auto mcp = table.Table("mcp")) globs = config::ReadMcp(*mcp).tools;
  }));
  if (globs.empty()) globs = {"*"};
  return globs;
}

}  // namespace zbroker::tools
