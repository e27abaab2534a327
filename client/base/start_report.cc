#include "client/base/start_report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"

namespace zbroker {
namespace {

// A pipe takes this much at once or not at all.
constexpr size_t kReportBytesMax = 4096;

}  // namespace

StartReport StartReport::FromEnvironment() {
  StartReport report;
  const char* value = getenv(kStartReportVariable);
  int fd = -1;
  struct stat info {};
  if (value != nullptr && absl::SimpleAtoi(value, &fd) && fd > STDERR_FILENO &&
      fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode)) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    report.fd_ = Fd(fd);
  }
  unsetenv(kStartReportVariable);
  return report;
}

void StartReport::Fail(const absl::Status& why) const {
  if (!fd_.valid()) return;
  const StartReportHead head{.code = why.raw_code()};
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  absl::StrAppend(&bytes, why.message().substr(0, kReportBytesMax - sizeof head));
  // Nobody may be there to read it.
  [[maybe_unused]] const ssize_t size = write(fd_.get(), bytes.data(), bytes.size());
}

std::optional<absl::Status> ReadStartReport(int fd, absl::string_view program) {
  char bytes[kReportBytesMax];
  const ssize_t size = read(fd, bytes, sizeof bytes);
  if (size < 0) return std::nullopt;
  StartReportHead head;
  if (static_cast<size_t>(size) < sizeof head) return absl::OkStatus();
  memcpy(&head, bytes, sizeof head);
  if (head.exec_errno != 0) {
    return ErrnoToStatus(head.exec_errno, absl::StrCat("can't run ", program));
  }
  const absl::string_view message(bytes + sizeof head, static_cast<size_t>(size) - sizeof head);
  return absl::Status(static_cast<absl::StatusCode>(head.code), EscapeControls(message));
}

}  // namespace zbroker
