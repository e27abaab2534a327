// Lines that may come many times a second, such as what a full disk makes fail, or another
// program's mistake: the first one is written, and the others are counted.
#ifndef ZBROKER_CLIENT_BASE_SPARSE_LOG_H_
#define ZBROKER_CLIENT_BASE_SPARSE_LOG_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "client/base/log.h"

namespace zbroker {

// Decides which of the texts are written. A text is written when it comes for the first time and,
// if it keeps coming, once in kQuiet with the number of those that were left out. A program may
// make up any number of texts: those that come while kTextsMax others are remembered count as one.
// Not thread-safe.
class RepeatedTexts {
 public:
  static constexpr absl::Duration kQuiet = absl::Minutes(1);
  static constexpr size_t kTextsMax = 64;

  // The line to write for `text`, which has come just now. Empty: none.
  std::string LineFor(absl::string_view text, BootTime now);

 private:
  struct Repeated {
    BootTime written;
    int64_t left_out = 0;  // since then
  };

  // Makes room: forgets the texts that have stayed away for kQuiet.
  void Forget(BootTime now);

  absl::flat_hash_map<std::string, Repeated> texts_;
  Repeated others_;
  bool others_written_ = false;
};

// Writes the line unless it was written within the last minute, whoever of this process wrote it.
// Thread-safe.
void WriteSparseLog(LogSeverity severity, absl::string_view text);

template <typename... Args>
void LogWarningSparsely(const Args&... args) {
  WriteSparseLog(LogSeverity::kWarning, absl::StrCat(args...));
}
template <typename... Args>
void LogErrorSparsely(const Args&... args) {
  WriteSparseLog(LogSeverity::kError, absl::StrCat(args...));
}

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_SPARSE_LOG_H_
