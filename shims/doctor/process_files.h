// What /proc says of processes' programs and sockets.
#ifndef ZBROKER_SHIMS_DOCTOR_PROCESS_FILES_H_
#define ZBROKER_SHIMS_DOCTOR_PROCESS_FILES_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::doctor {

// Whether it runs a program of this name that is no more the file that it was started from, as
// after an upgrade.
bool IsReplaced(pid_t pid, absl::string_view program);

// Which of this user's processes have these sockets open, by the sockets' inodes.
std::map<uint64_t, std::vector<pid_t>> FindOwners(const std::set<uint64_t>& inodes);

// Itself, its parent, and so on, at most 64, without the first of all.
std::vector<pid_t> AncestorsOf(pid_t pid);

// Whether the zlease runs that has started it, or what has started it, under a lease.
bool HasHolder(pid_t pid);

// The words that a person would run its program with, without arguments, which may hold anything:
// "python3 ask.py". Empty for names that are no plain words.
std::string CommandWords(absl::string_view name, absl::string_view command_line);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_PROCESS_FILES_H_
