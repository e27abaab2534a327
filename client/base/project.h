// The project that somebody works in: the directory of a repository, by its name alone.
#ifndef ZBROKER_CLIENT_BASE_PROJECT_H_
#define ZBROKER_CLIENT_BASE_PROJECT_H_

#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker {

// Longer names are cut.
inline constexpr size_t kProjectCharactersMax = 64;

// The name of the nearest directory, of this one and those above it, that has a `.git` in it, be it
// a directory or, as in worktrees and submodules, a file. Control characters and bytes that are not
// UTF-8 are escaped. Empty if there is none; nothing else of the path is told. `directory` is
// absolute, and looked for below `root` (empty: the root).
std::string ProjectOf(absl::string_view directory, const std::string& root = "");

// Of the directory that we, or another process of this user, work in; empty if it can't be told.
std::string OwnProject();
std::string ProjectOfProcess(pid_t pid);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_PROJECT_H_
