// zctl-doctor, which is `zctl doctor`: says what is wrong, and what mends it. A program of its own,
// as what it knows of tools is the shims', of which zctl knows nothing.
#include <unistd.h>

#include <iostream>
#include <variant>

#include "client/base/deadlock_detection.h"
#include "client/zctl/console.h"
#include "client/zctl/exit_code.h"
#include "shims/doctor/collect.h"
#include "shims/doctor/command_line.h"
#include "shims/doctor/report.h"
#include "shims/doctor/rules.h"

namespace zbroker::doctor {
namespace {

int Main(int argc, char** argv) {
  const auto parsed = ParseCommandLine(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& line = std::get<CommandLine>(parsed);
  zctl::Console console(STDOUT_FILENO, zctl::ColorMode::kAuto);
  if (line.list) return zctl::ExitCodeFor(console.Print(RenderKinds()));
  SwitchOffDeadlockDetection();
  const Facts facts = Collect(line.options);
  const std::vector<Finding> findings = Diagnose(facts);
  const absl::Status printed = line.json
                                   ? console.PrintJson(MakeReport(facts, findings))
                                   : console.Print(RenderReport(facts, findings, console.view()));
  if (!printed.ok()) {
    console.Warn(zctl::MessageFor(printed));
    return kExitBadNews;
  }
  return IsHealthy(findings) ? kExitHealthy : kExitBadNews;
}

}  // namespace
}  // namespace zbroker::doctor

int main(int argc, char** argv) {
  const int status = zbroker::doctor::Main(argc, argv);
  std::cout.flush();
  // Looks that were late go on in threads of theirs.
  _exit(status);
}
