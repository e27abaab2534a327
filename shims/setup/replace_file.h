// Writing to files that are somebody else's to look after.
#ifndef ZBROKER_SHIMS_SETUP_REPLACE_FILE_H_
#define ZBROKER_SHIMS_SETUP_REPLACE_FILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zbroker::setup {

// The content; empty when there is no such file. Errors: FAILED_PRECONDITION for what is no file or
// has more than Surroundings::kFileBytesMax; those of ErrnoToStatus.
absl::StatusOr<std::optional<std::string>> ReadIfThere(const std::string& path);

// The file is to have `after` where it had `before`; empty stands for no file. Whole or not at all,
// but for files with several names or extended attributes, which are written in place so as to keep
// them. Mode and group stay, and symbolic links are followed and stay; a new file has mode 0600, in
// a directory that is made with 0700. Errors: ABORTED when the file is not as it was before;
// FAILED_PRECONDITION when it is another user's, read-only, no file, a link that leads to none, or
// what is to be written is more than ReadIfThere takes, and what to do; those of ErrnoToStatus.
absl::Status ReplaceFile(const std::string& path, const std::optional<std::string>& before,
                         const std::optional<std::string>& after);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_REPLACE_FILE_H_
