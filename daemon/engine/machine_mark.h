// Keeps a daemon in a container off a state directory that the machine's own uses.
//
// A state directory that is mounted into a container, or a home with it, is used by programs on
// both sides. The daemon must be the one outside: see client/base/container.h. While it runs, its
// socket and its locks keep another one off; while it does not, what starts in the container would
// be first. So a daemon outside leaves a mark, with the kernel's identifier of this boot, and one
// inside does not take a directory that has the mark of this boot. A directory without it is the
// container's own, as far as can be told, such as on a build server: that one is served.
#ifndef ZBROKER_DAEMON_ENGINE_MACHINE_MARK_H_
#define ZBROKER_DAEMON_ENGINE_MACHINE_MARK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace zbroker::engine {

// Leaves the mark, or looks for it if we are `in_container`. Errors: ALREADY_EXISTS, saying what to
// do, when the directory is the machine's. A mark that can't be written is no error: it only keeps
// off others. An empty `boot_id` is not known, and marks nothing.
absl::Status MarkForMachine(const std::string& directory, bool in_container,
                            absl::string_view boot_id);

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_MACHINE_MARK_H_
