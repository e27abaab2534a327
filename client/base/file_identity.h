// Whether a path still names the file that it did.
#ifndef ZBROKER_CLIENT_BASE_FILE_IDENTITY_H_
#define ZBROKER_CLIENT_BASE_FILE_IDENTITY_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <string>

namespace zbroker {

// The kernel's name of a file. It is not given to another file as long as somebody has this one
// open.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  bool known() const { return inode != 0; }
  bool operator==(const FileIdentity&) const = default;

  // Not known when there is no file; of a symbolic link, what it leads to.
  static FileIdentity At(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? FileIdentity{info.st_dev, info.st_ino} : FileIdentity();
  }
  static FileIdentity Of(int fd) {
    struct stat info {};
    return fstat(fd, &info) == 0 ? FileIdentity{info.st_dev, info.st_ino} : FileIdentity();
  }
};

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_FILE_IDENTITY_H_
