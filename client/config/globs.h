// Patterns of names, as of models.
#ifndef ZBROKER_CLIENT_CONFIG_GLOBS_H_
#define ZBROKER_CLIENT_CONFIG_GLOBS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/config/table_reader.h"

namespace zbroker::config {

// A list of them, never an empty one; without the key there are none. What they match is said in
// client/base/glob.h.
std::vector<std::string> ReadGlobs(TableReader& reader, absl::string_view key,
                                   Presence presence = Presence::kRequired);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_GLOBS_H_
