// zbroker's configuration, as far as a shim is concerned with it.
#ifndef ZBROKER_SHIMS_TOOLS_ACCOUNT_TABLE_H_
#define ZBROKER_SHIMS_TOOLS_ACCOUNT_TABLE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "shims/tools/surroundings.h"

namespace zbroker::config {
class TableReader;
}

namespace zbroker::tools {

// Has `read` take what it wants from the whole of it; it is not called when there is none. Keys
// that it does not ask for are nobody's concern here. Errors: INVALID_ARGUMENT when the
// configuration can't be read or has a mistake where it was read.
absl::Status ReadConfiguration(const Surroundings& surroundings,
                               absl::FunctionRef<void(config::TableReader& root)> read);

// The same of [account.NAME], for an empty name that of the default account;
// it is not called when there is no such section.
absl::Status ReadAccountTable(const std::string& account, const Surroundings& surroundings,
                              absl::FunctionRef<void(config::TableReader&)> read);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_ACCOUNT_TABLE_H_
