#include "shims/init/place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"

namespace zbroker::init {
namespace {

constexpr char kMachineFile[] = "/etc/zbroker/config.toml";

}  // namespace

absl::StatusOr<Place> FindPlace() {
  if (const char* const named = getenv("ZBROKER_CONFIG"); named != nullptr && *named != '\0') {
    if (*named == '/') return Place{.path = named};
    return absl::InvalidArgumentError(
        absl::StrCat("ZBROKER_CONFIG=", named, " is no absolute path, which begins with a /"));
  }
  ZB_ASSIGN_OR_RETURN(const std::string socket, SocketPath());
  if (socket == kSystemSocket) {
    return Place{.path = kMachineFile,
                 .of_machine = true,
                 .remark = absl::StrCat("the daemon here is the machine's service, which reads ",
                                        kMachineFile, geteuid() == 0 ? "" : ": `sudo zctl init`")};
  }
  ZB_ASSIGN_OR_RETURN(const std::string home, HomeDirectory());
  Place place{.path = absl::StrCat(home, "/.config/zbroker/config.toml")};
  if (access(place.path.c_str(), F_OK) != 0 && access(kMachineFile, F_OK) == 0) {
    place.remark = absl::StrCat("there is ", kMachineFile,
                                ", which your daemon reads as long as there is no file of yours");
  }
  return place;
}

void LetServiceReach(const std::string& path) {
  const std::string directory = path.substr(0, path.rfind('/'));
  // It holds no secrets. Where this fails, the daemon says that it can't read it.
  [[maybe_unused]] const bool done =
      chmod(directory.c_str(), 0755) == 0 && chmod(path.c_str(), 0644) == 0;
}

}  // namespace zbroker::init
