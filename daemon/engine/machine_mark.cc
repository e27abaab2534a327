#include "daemon/engine/machine_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "client/base/container.h"
#include "client/base/fd.h"

namespace zbroker::engine {

absl::Status MarkForMachine(const std::string& directory, bool in_container,
                            absl::string_view boot_id) {
  if (IsMachines(directory, boot_id)) {
    if (!in_container) return absl::OkStatus();
    return absl::AlreadyExistsError(absl::StrCat(
        "the daemon of ", directory,
        " runs outside of this container, and one in here would not see the programs out there: "
        "start it there (`zctl status`); if nobody outside uses the account, name another state "
        "directory in here with ZBROKER_STATE_DIR"));
  }
  if (in_container || boot_id.empty()) return absl::OkStatus();
  const std::string path = absl::StrCat(directory, "/", kMachineMark);
  const Fd mark(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (mark.valid()) {
    [[maybe_unused]] const ssize_t size = write(mark.get(), boot_id.data(), boot_id.size());
  }
  return absl::OkStatus();
}

}  // namespace zbroker::engine
