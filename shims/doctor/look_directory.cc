#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <cstdint>

#include "shims/doctor/looks.h"

namespace zbroker::doctor {
namespace {

struct FileSystem {
  uint32_t magic;
  const char* name;
};

// Those that linux/magic.h lacks are from statfs(2) and the kernel's sources.
constexpr FileSystem kNetworkFileSystems[] = {
    {NFS_SUPER_MAGIC, "NFS"},     {SMB_SUPER_MAGIC, "SMB"},   {0xFE534D42, "SMB"},
    {0xFF534D42, "CIFS"},         {V9FS_MAGIC, "9P"},         {AFS_SUPER_MAGIC, "AFS"},
    {AFS_FS_MAGIC, "AFS"},        {CODA_SUPER_MAGIC, "Coda"}, {0x00C36400, "Ceph"},
    {OCFS2_SUPER_MAGIC, "OCFS2"}, {0x0BD00BD0, "Lustre"},     {0x01161970, "GFS2"},
};

std::string NetworkTypeOf(const std::string& path) {
  struct statfs info {};
  if (statfs(path.c_str(), &info) != 0) return "";
  for (const FileSystem& one : kNetworkFileSystems) {
    if (static_cast<uint32_t>(info.f_type) == one.magic) return one.name;
  }
  return "";
}

}  // namespace

DirectoryFacts LookAtDirectory(const std::string& path, bool is_own) {
  DirectoryFacts directory{.path = path, .is_own = is_own};
  struct stat info {};
  if (path.empty() || stat(path.c_str(), &info) != 0) return directory;
  directory.owner = info.st_uid;
  directory.others_write = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  directory.network_type = NetworkTypeOf(path);
  struct statvfs room {};
  if (statvfs(path.c_str(), &room) != 0) return directory;
  directory.bytes_free = uint64_t{room.f_bavail} * room.f_frsize;
  // Some file systems have no number of them.
  directory.has_inodes = room.f_files == 0 || room.f_favail > 0;
  return directory;
}

}  // namespace zbroker::doctor
