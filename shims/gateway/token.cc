#include "shims/gateway/token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "client/base/random.h"
#include "client/base/status.h"

namespace zbroker::gateway {
namespace {

constexpr size_t kTokenBytesMax = 64;

absl::StatusOr<std::string> Read(const Fd& file, const std::string& path) {
  struct stat facts;
  if (fstat(file.get(), &facts) != 0) return ErrnoToStatus(errno, path);
  if (!S_ISREG(facts.st_mode)) return absl::FailedPreconditionError(path + ": is no plain file");
  if (facts.st_uid != geteuid() || (facts.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": others may read it; remove it, and a new one is made"));
  }
  std::array<char, kTokenBytesMax + 2> text;
  const ssize_t size = read(file.get(), text.data(), text.size());
  if (size < 0) return ErrnoToStatus(errno, path);
  const absl::string_view token =
      absl::StripAsciiWhitespace({text.data(), static_cast<size_t>(size)});
  if (!IsToken(token)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": holds no token; remove it, and a new one is made"));
  }
  return std::string(token);
}

// Whole or not at all: the file is linked into place once it is written.
absl::Status Write(const std::string& path, const std::string& token) {
  const std::string draft = absl::StrCat(path, ".", getpid());
  Fd file(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return ErrnoToStatus(errno, draft);
  const std::string line = absl::StrCat(token, "\n");
  const bool written =
      write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      fsync(file.get()) == 0 && link(draft.c_str(), path.c_str()) == 0;
  const int error = errno;
  unlink(draft.c_str());
  // Somebody else may have been first; theirs is as good.
  return written || error == EEXIST ? absl::OkStatus() : ErrnoToStatus(error, path);
}

}  // namespace

std::string NewToken() { return RandomHex(); }

bool IsToken(absl::string_view text) {
  return text.size() >= 16 && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

absl::StatusOr<std::string> KeptToken(const std::string& directory) {
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(directory));
  const std::string path = absl::StrCat(directory, "/gateway-token");
  for (int tries = 0; tries < 2; ++tries) {
    // A pipe in its place must not make the start wait for a writer.
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.valid()) return Read(file, path);
    if (errno != ENOENT) return ErrnoToStatus(errno, path);
    ZB_RETURN_IF_ERROR(Write(path, NewToken()));
  }
  return absl::AbortedError(absl::StrCat(path, ": somebody keeps removing it"));
}

}  // namespace zbroker::gateway
