// Whether we run in a container, from which the machine's other processes can't be seen.
//
// What matters here is the pid namespace: a process in one sees those of its own and of the ones
// inside it, and knows of the others not even a pid. So a daemon is best outside of containers: it
// sees the programs in them as well, while one inside does not see who holds its leases outside.
// A pid namespace with an init of its own (LXC, WSL, systemd-nspawn) is a machine to all who live
// in it, and none of this concerns it.
#ifndef ZBROKER_CLIENT_BASE_CONTAINER_H_
#define ZBROKER_CLIENT_BASE_CONTAINER_H_

#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker {

// False where it can't be told, as without /proc.
bool IsInContainer();

// What others are told of a process of ours. Its pid, 0 in a container, as outside it is nobody's
// or another's; and the name of a session that is the process: "PROGRAM:PID", in a container
// followed by "@" and the number of the pid namespace, as there are the same pids in other
// containers.
pid_t PidForOthers(pid_t pid);
std::string SessionOfProcess(absl::string_view program, pid_t pid);

// The rule. `pid_namespace`: what /proc/self/ns/pid leads to. `first_process`: the name of the
// process with pid 1.
bool IsContainer(absl::string_view pid_namespace, absl::string_view first_process);

// Whether the machine's own daemon has used this state directory since the machine was started: it
// has left the kernel's identifier of this boot in kMachineMark then. False when that is not known.
inline constexpr char kMachineMark[] = "machine-boot";
bool IsMachines(const std::string& state_directory, absl::string_view boot_id);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_CONTAINER_H_
