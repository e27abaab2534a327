// zctl config: what is in force, and whether a file could be.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/run_to_end.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/config_view.h"
#include "google/protobuf/util/json_util.h"
#include "zbroker/v1/output.pb.h"

namespace zbroker::zctl {
namespace {

// Longer than any report: a configuration file has at most 1 MiB.
constexpr size_t kReportBytesMax = 16 << 20;

// Exit status 1 is what zbrokerd has to say of the configuration; everything else is a fault of it.
absl::StatusOr<std::string> AskDaemonProgram(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"zbrokerd"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ZB_ASSIGN_OR_RETURN(const ProgramEnd end, RunToEnd(command, kReportBytesMax));
  if (end.exit_status == 0) return end.output;
  if (end.exit_status == 1) return absl::InvalidArgumentError(end.output);
  return absl::InternalError(
      absl::StrCat("zbrokerd could not read the configuration: ", end.output));
}

absl::Status Check(const ConfigCommand& command, Console& console) {
  // A name that begins with a hyphen is no option.
  const std::string path =
      absl::StartsWith(command.check, "-") ? absl::StrCat("./", command.check) : command.check;
  ZB_RETURN_IF_ERROR(AskDaemonProgram({"--check-config", path}).status());
  if (!command.json) {
    return console.Print(absl::StrCat(EscapeControls(command.check), ": valid\n"));
  }
  v1::ConfigCheck check;
  check.set_file(command.check);
  check.set_valid(true);
  return console.PrintJson(check);
}

absl::StatusOr<v1::ConfigReport> OfNextDaemon() {
  ZB_ASSIGN_OR_RETURN(const std::string json, AskDaemonProgram({"--print-config"}));
  v1::ConfigReport report;
  const auto read = google::protobuf::util::JsonStringToMessage(json, &report);
  if (read.ok()) return report;
  return absl::InternalError(
      absl::StrCat("zbrokerd and zctl are of different versions: ", std::string(read.message())));
}

absl::StatusOr<v1::ConfigReport> Ask() {
  auto client = broker::ControlClient::Connect({.start_daemon = false});
  if (!client.ok()) return OfNextDaemon();
  return (*client)->GetConfig();
}

}  // namespace

absl::Status Run(const ConfigCommand& command, Console& console) {
  if (!command.check.empty()) return Check(command, console);
  ZB_ASSIGN_OR_RETURN(const v1::ConfigReport report, Ask());
  if (command.json) return console.PrintJson(report);
  return console.Print(RenderConfig(report, command.origin));
}

}  // namespace zbroker::zctl
