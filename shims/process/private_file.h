// A file that a command reads and nobody else may.
#ifndef ZBROKER_SHIMS_PROCESS_PRIVATE_FILE_H_
#define ZBROKER_SHIMS_PROCESS_PRIVATE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/base/fd.h"

namespace zbroker::process {

// Removed when destroyed. What one leaves behind that was killed, the next one in the directory
// removes: each is locked for as long as it is in use. Move-only.
class PrivateFile {
 public:
  // In `directory`, which is made if absent, with mode 0600. Errors: those of
  // PreparePrivateDirectory and ErrnoToStatus.
  static absl::StatusOr<PrivateFile> Create(const std::string& directory,
                                            absl::string_view content);
  PrivateFile(PrivateFile&& other) noexcept = default;
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile();

  const std::string& path() const { return path_; }

 private:
  PrivateFile(std::string path, Fd fd);

  std::string path_;
  Fd fd_;  // holds the lock
};

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_PRIVATE_FILE_H_
