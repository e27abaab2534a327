// Processes, as the kernel knows them.
#ifndef ZBROKER_CLIENT_BASE_PROCESS_H_
#define ZBROKER_CLIENT_BASE_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "client/base/fd.h"

namespace zbroker {

// What /proc/PID/stat says of a process.
struct ProcessStat {
  std::string name;          // at most 15 bytes, as the kernel keeps it
  char state = '?';          // R, S, D, Z, T, …: see proc(5)
  pid_t parent = 0;          // 0: none, or it is outside of our pid namespace
  uint64_t start_ticks = 0;  // clock ticks from boot to its start; with the pid, never used twice

  bool alive() const { return state != 'Z' && state != 'X'; }
  bool stopped() const { return state == 'T' || state == 't'; }
};

// Empty when there is no such process.
std::optional<ProcessStat> ReadProcessStat(pid_t pid);

// The arguments of a process, a null after each, and at most 8 KiB of them; empty when they can't
// be told.
std::string ReadCommandLine(pid_t pid);

// What a person calls the program that a process runs: of an interpreter, such as node or python3,
// the script's file, without the ending of one. `name`: as the kernel has it. `command_line`: as
// ReadCommandLine returns it.
std::string ProgramName(absl::string_view name, absl::string_view command_line);

// The environment that the process was started with, a null after each variable, and at most a MiB
// of it; what the process has changed since is not seen. Nothing when it is not ours (its effective
// user is another) or has ended. An empty one is also shown for the moment in which a process
// becomes another program (execve).
std::optional<std::string> ReadProcessEnvironment(pid_t pid);

// The value of a variable in such an environment, if it is there.
std::optional<std::string> FindVariable(absl::string_view environment, absl::string_view name);

// Both in one.
std::optional<std::string> ReadProcessVariable(pid_t pid, absl::string_view name);

// What a process that runs commands under leases puts into their environment, for the daemon to
// find them by should it be killed: who it is, as the daemon says (in a container our own pid is
// another). A lease's id would not do, as other ledgers have the same ones.
inline constexpr char kHolderVariable[] = "ZLEASE_HOLDER";
// Its value: "PID.START_TICKS".
std::string HolderMark(pid_t pid, uint64_t start_ticks);

// A descriptor that becomes readable when the process ends. Invalid when it has already ended, or
// when the kernel has none to give.
Fd OpenPidfd(pid_t pid);

// The kernel's identifier of this boot of the machine, empty if it can't be read.
std::string ReadBootId();

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_PROCESS_H_
