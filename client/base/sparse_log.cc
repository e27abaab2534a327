#include "client/base/sparse_log.h"

#include <utility>

#include "client/base/mutex.h"

namespace zbroker {
namespace {

std::string WithCount(absl::string_view text, int64_t left_out) {
  if (left_out == 0) return std::string(text);
  return absl::StrCat(text, " (and ", left_out, left_out == 1 ? " time" : " times", " before)");
}

struct Process {
  Mutex mutex;
  RepeatedTexts texts ABSL_GUARDED_BY(mutex);
};

Process& TheProcess() {
  static auto* const process = new Process;  // outlives whatever logs
  return *process;
}

}  // namespace

std::string RepeatedTexts::LineFor(absl::string_view text, BootTime now) {
  auto found = texts_.find(text);
  if (found == texts_.end()) {
    if (texts_.size() >= kTextsMax) Forget(now);
    if (texts_.size() < kTextsMax) {
      texts_.emplace(text, Repeated{now, 0});
      return std::string(text);
    }
    if (!std::exchange(others_written_, true)) {
      others_.written = now;
      return std::string(text);
    }
  }
  Repeated& repeated = found == texts_.end() ? others_ : found->second;
  if (now - repeated.written < kQuiet) {
    ++repeated.left_out;
    return "";
  }
  repeated.written = now;
  return WithCount(text, std::exchange(repeated.left_out, 0));
}

void RepeatedTexts::Forget(BootTime now) {
  absl::erase_if(texts_, [&](const auto& text) { return now - text.second.written >= kQuiet; });
}

void WriteSparseLog(LogSeverity severity, absl::string_view text) {
  std::string line;
  {
    Process& process = TheProcess();
    MutexLock lock(process.mutex);
    line = process.texts.LineFor(text, Clock::System().Read().boot);
  }
  if (!line.empty()) WriteLog(severity, line);
}

}  // namespace zbroker
