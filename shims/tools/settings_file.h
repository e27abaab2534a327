// The settings files of tools.
#ifndef ZBROKER_SHIMS_TOOLS_SETTINGS_FILE_H_
#define ZBROKER_SHIMS_TOOLS_SETTINGS_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "shims/tools/json_settings.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

enum class Syntax { kJson, kJsonWithComments };

// The object in a settings file; empty when there is no such file, and, with a remark, when it
// can't be used: then the tool makes do without it too, or says itself what is wrong.
std::optional<JsonObject> ReadSettings(const std::string& path, Syntax syntax,
                                       const Surroundings& surroundings,
                                       std::vector<std::string>& remarks);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_SETTINGS_FILE_H_
