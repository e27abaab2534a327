// zctl's exit codes.
#ifndef ZBROKER_CLIENT_ZCTL_EXIT_CODE_H_
#define ZBROKER_CLIENT_ZCTL_EXIT_CODE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace zbroker::zctl {

inline constexpr int kExitOk = 0;
inline constexpr int kExitRefused = 1;  // or the answer is bad news
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoDaemon = 69;  // EX_UNAVAILABLE of sysexits.h
inline constexpr int kExitTimeOver = 75;  // EX_TEMPFAIL: `wait` was not to wait any longer

// What such a wait ends with.
absl::Status TimeOver(absl::string_view message);
bool IsTimeOver(const absl::Status& status);

// How a command ends that ended with `status`.
int ExitCodeFor(const absl::Status& status);

// What a person is told about an error.
std::string MessageFor(const absl::Status& error);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_EXIT_CODE_H_
