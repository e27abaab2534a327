#include "daemon/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/base/file_identity.h"
#include "client/base/log.h"

namespace zbroker {

void KeepLogShort(const std::string& path) {
  struct stat info {};
  if (fstat(STDERR_FILENO, &info) != 0 || !S_ISREG(info.st_mode)) return;
  if (info.st_size <= kLogFileBytesMax) return;
  const FileIdentity log = FileIdentity::Of(STDERR_FILENO);
  if (FileIdentity::At(path) != log) return;
  const bool output_too = FileIdentity::Of(STDOUT_FILENO) == log;
  if (rename(path.c_str(), absl::StrCat(path, ".old").c_str()) != 0) return;
  const Fd next(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!next.valid()) return;
  dup2(next.get(), STDERR_FILENO);
  if (output_too) dup2(next.get(), STDOUT_FILENO);
}

}  // namespace zbroker
