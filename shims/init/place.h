// Which file the configuration goes to.
#ifndef ZBROKER_SHIMS_INIT_PLACE_H_
#define ZBROKER_SHIMS_INIT_PLACE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zbroker::init {

struct Place {
  std::string path;
  bool of_machine = false;  // the service of the machine reads it, as another user
  std::string remark;       // what a person should know of it; empty: nothing
};

// The file that this user's daemon reads, or will read once it is there: that which $ZBROKER_CONFIG
// names; where the machine's service is the daemon, /etc/zbroker/config.toml; else
// ~/.config/zbroker/config.toml. Errors: INVALID_ARGUMENT for a variable that is no absolute path;
// FAILED_PRECONDITION without a home.
absl::StatusOr<Place> FindPlace();

// To be called before a new file of the machine is written: the service's user must reach it.
// And after, to let it be read.
void LetServiceReach(const std::string& path);

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_PLACE_H_
