// Starting a process that shares our process group, session and terminal.
#ifndef ZBROKER_SHIMS_PROCESS_SPAWN_H_
#define ZBROKER_SHIMS_PROCESS_SPAWN_H_

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/fd.h"
#include "shims/process/signals.h"

namespace zbroker::process {

using Variables = std::vector<std::pair<std::string, std::string>>;

// Whether the command would be found by the search of execvp(3): OK, or NOT_FOUND.
absl::Status FindCommand(const std::string& name);

// The arguments as exec(3) takes them. They point into the strings.
std::vector<char*> Pointers(std::vector<std::string>& strings);

struct SpawnRequest {
  const std::vector<std::string>& command;
  const Variables& extra;  // put in place of variables with the same names
  // For a process that nobody sees: it reads nothing, writes to this descriptor, and what the
  // terminal sends to the group is not for it. -1: it inherits all of ours.
  int servant_output = -1;
  // Its standard input and output; -1: ours.
  int input = -1;
  int output = -1;
  // These descriptors are the process's too, by the same numbers.
  std::vector<int> handed_over = {};
};

// A process that was started, and maybe has ended. Its owner waits for it.
struct Spawned {
  pid_t pid = -1;
  Fd pidfd;            // invalid where the kernel has none
  int exec_errno = 0;  // not 0: the program could not be run
};

// Forks from the calling thread, which must be the main one: the process gets SIGTERM if that ends.
// Returns when the program runs or could not be run. Errors: no process or descriptor to be had.
absl::StatusOr<Spawned> Spawn(const SpawnRequest& request, const Signals& signals);

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_SPAWN_H_
