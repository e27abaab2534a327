#include "client/base/container.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/base/process.h"

namespace zbroker {
namespace {

// PROC_PID_INIT_INO of the kernel: the first pid namespace has always had this number.
constexpr absl::string_view kOfMachine = "pid:[4026531836]";

// Empty when it can't be told.
std::string PidNamespace() {
  char link[64];
  const ssize_t size = readlink("/proc/self/ns/pid", link, sizeof link);
  return std::string(link, size > 0 ? static_cast<size_t>(size) : 0);
}

}  // namespace

bool IsInContainer() {
  const std::string pid_namespace = PidNamespace();
  if (pid_namespace == kOfMachine) return false;
  const auto first = ReadProcessStat(1);
  return IsContainer(pid_namespace, first.has_value() ? first->name : "");
}

namespace {

// Looked up once: a process stays where it is.
const std::string& Suffix() {
  static const auto& suffix = *new std::string([]() -> std::string {
    if (!IsInContainer()) return "";
    std::string number = PidNamespace();
    std::erase_if(number, [](unsigned char c) { return !absl::ascii_isdigit(c); });
    return absl::StrCat("@", number);
  }());
  return suffix;
}

}  // namespace

pid_t PidForOthers(pid_t pid) { return Suffix().empty() ? pid : 0; }

std::string SessionOfProcess(absl::string_view program, pid_t pid) {
  return absl::StrCat(program, ":", pid, Suffix());
}

bool IsMachines(const std::string& state_directory, absl::string_view boot_id) {
  if (boot_id.empty()) return false;
  const std::string path = absl::StrCat(state_directory, "/", kMachineMark);
  const Fd mark(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  char text[64];
  const ssize_t size = mark.valid() ? read(mark.get(), text, sizeof text) : -1;
  return size > 0 && absl::string_view(text, static_cast<size_t>(size)) == boot_id;
}

bool IsContainer(absl::string_view pid_namespace, absl::string_view first_process) {
  return !pid_namespace.empty() && pid_namespace != kOfMachine && first_process != "systemd" &&
         first_process != "init";
}

}  // namespace zbroker
