// A file that a command reads and nobody else may.
#ifndef ZBROKER_SHIMS_PROCESS_PRIVATE_FILE_H_
#define ZBROKER_SHIMS_PROCESS_PRIVATE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/base/fd.h"

namespace zbroker::process {

// Removed when destroyed. What one leaves behind that was killed, the next one with the same state
// directory removes, wherever it is. Move-only.
class PrivateFile {
 public:
  struct Place {
    std::string directory;  // empty: the state directory
    std::string prefix = "settings-";
    std::string suffix = ".json";
  };
  // With mode 0600, in a directory that is made if absent. Errors: those of PreparePrivateDirectory
  // and ErrnoToStatus.
  static absl::StatusOr<PrivateFile> Create(const std::string& state_directory, const Place& place,
                                            absl::string_view content);
  PrivateFile(PrivateFile&& other) noexcept = default;
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile();

  const std::string& path() const { return path_; }

 private:
  PrivateFile(std::string lock_path, Fd lock)
      : lock_path_(std::move(lock_path)), lock_(std::move(lock)) {}

  std::string path_;  // empty: not made yet
  // Locked for as long as the file is in use, and says where that is. Not the file itself: tools
  // write their settings by putting a new file in the old one's place.
  std::string lock_path_;
  Fd lock_;
};

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_PRIVATE_FILE_H_
