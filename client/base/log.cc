#include "client/base/log.h"

#include <unistd.h>

#include <string>

#include "absl/time/clock.h"
#include "client/base/text.h"

namespace zbroker {
namespace {

constexpr size_t kTextMax = 4096;

absl::string_view Name(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::kInfo:
      return "info ";
    case LogSeverity::kWarning:
      return "warn ";
    case LogSeverity::kError:
      return "error";
  }
  return "?";
}

}  // namespace

void WriteLog(LogSeverity severity, absl::string_view text) {
  const std::string line =
      absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()), " ",
                   Name(severity), " ", EscapeControls(text.substr(0, kTextMax)), "\n");
  // A log that can't be written must not stop the broker; there is nowhere to report it either.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace zbroker
