// Where things are, the same for every program of a user whatever its environment.
#ifndef ZBROKER_CLIENT_BASE_PATHS_H_
#define ZBROKER_CLIENT_BASE_PATHS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker {

inline constexpr absl::string_view kSystemSocket = "/run/zbroker/broker.sock";

// What comes after the last slash.
inline std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// $HOME, else the home that the password database names, so that programs started with an empty
// environment find the same files. Errors: FAILED_PRECONDITION when neither is there.
absl::StatusOr<std::string> HomeDirectory();

// $ZBROKER_STATE_DIR, else ~/.local/state/zbroker. Holds the ledger, its lock, the log and the
// default socket.
absl::StatusOr<std::string> StateDirectory();

// $ZBROKER_SOCKET; else, with $ZBROKER_STATE_DIR, broker.sock in there; else the machine-wide
// socket if it is present; else broker.sock in the state directory.
absl::StatusOr<std::string> SocketPath();

// $ZBROKER_CONFIG, else ~/.config/zbroker/config.toml or /etc/zbroker/config.toml if present, else
// empty. A file that $ZBROKER_CONFIG names is returned even if it is absent.
std::string ConfigPath();

// Makes the directory and its parents with mode 0700 if absent. Errors: FAILED_PRECONDITION when it
// is not a directory, not ours, or open to others' writing; PERMISSION_DENIED when it is not
// writable; those of ErrnoToStatus when it can't be made.
absl::Status PreparePrivateDirectory(const std::string& path);

// The directory of the running executable, empty if it can't be told.
std::string ExecutableDirectory();

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_PATHS_H_
