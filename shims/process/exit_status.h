// What zlease says with its exit status besides passing on its command's.
#ifndef ZBROKER_SHIMS_PROCESS_EXIT_STATUS_H_
#define ZBROKER_SHIMS_PROCESS_EXIT_STATUS_H_

namespace zbroker::process {

inline constexpr int kExitTemporary = 75;  // EX_TEMPFAIL: it would have waited, or waited too long
inline constexpr int kExitOwnFailure = 125;  // these three as env(1) has them
inline constexpr int kExitCannotRun = 126;
inline constexpr int kExitNotFound = 127;

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_EXIT_STATUS_H_
