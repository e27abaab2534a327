#include "client/config/mcp.h"

#include "client/config/globs.h"

namespace zbroker::config {

McpSettings ReadMcp(TableReader& reader) {
  McpSettings settings;
  settings.tools = ReadGlobs(reader, "tools", Presence::kOptional);
  settings.slots = reader.Boolean("slots").value_or(settings.slots);
  reader.RejectOtherKeys();
  return settings;
}

}  // namespace zbroker::config
