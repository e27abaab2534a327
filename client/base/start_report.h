// Why a daemon that was started on demand can't serve.
//
// Its starter passes on the writing end of a pipe, whose number is in the environment. The daemon
// keeps it for as long as it lives, so the end of the pipe is the end of the daemon, and what came
// before says why, also when the log can't be written.
#ifndef ZBROKER_CLIENT_BASE_START_REPORT_H_
#define ZBROKER_CLIENT_BASE_START_REPORT_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/base/fd.h"

namespace zbroker {

// Its value is the descriptor's number.
inline constexpr char kStartReportVariable[] = "ZBROKER_START_REPORT";

// Where a report begins; the message follows. All of it is one write.
struct StartReportHead {
  int32_t code = 0;        // an absl::StatusCode
  int32_t exec_errno = 0;  // the program could not be run; there is no message then
};

// The daemon's end. Does nothing when it was not started on demand.
class StartReport {
 public:
  // Takes the descriptor, and the variable out of the environment. REQUIRES: one thread.
  static StartReport FromEnvironment();
  void Fail(const absl::Status& why) const;

 private:
  Fd fd_;
};

// The starter's end, which must not block. Empty: the daemon runs. OK: it has ended without a word.
// Else why it ends. `program` is what was to be run.
std::optional<absl::Status> ReadStartReport(int fd, absl::string_view program);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_START_REPORT_H_
