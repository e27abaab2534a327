// One line an event on standard error: time, severity, text. Control characters in the text are
// escaped, so nothing a client says can forge a line. Thread-safe: a line is one write.
#ifndef ZBROKER_CLIENT_BASE_LOG_H_
#define ZBROKER_CLIENT_BASE_LOG_H_

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace zbroker {

// A log file beyond this is moved aside.
inline constexpr int64_t kLogFileBytesMax = 8 << 20;

enum class LogSeverity { kInfo, kWarning, kError };

void WriteLog(LogSeverity severity, absl::string_view text);

template <typename... Args>
void LogInfo(const Args&... args) {
  WriteLog(LogSeverity::kInfo, absl::StrCat(args...));
}
template <typename... Args>
void LogWarning(const Args&... args) {
  WriteLog(LogSeverity::kWarning, absl::StrCat(args...));
}
template <typename... Args>
void LogError(const Args&... args) {
  WriteLog(LogSeverity::kError, absl::StrCat(args...));
}

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_LOG_H_
