// zctl: looks at the broker and changes its mind.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <variant>

#include "client/zctl/command_line.h"
#include "client/zctl/commands.h"
#include "client/zctl/companion.h"
#include "client/zctl/complete.h"
#include "client/zctl/console.h"
#include "client/zctl/exit_code.h"

namespace zbroker::zctl {
namespace {

int End(const Ending& ending) {
  fwrite(ending.out.data(), 1, ending.out.size(), stdout);
  fwrite(ending.error.data(), 1, ending.error.size(), stderr);
  return ending.exit_code;
}

int Main(int argc, char** argv) {
  // A reader that has seen enough, as in `zctl ledger | head`, ends us without a word; also under a
  // parent that ignores the signal.
  signal(SIGPIPE, SIG_DFL);
  if (const int status = RunComplete(argc, argv); status >= 0) return status;
  if (const int status = RunCompanion(argc, argv); status >= 0) return status;
  const auto parsed = ParseCommandLine(argc, argv);
  if (const auto* ending = std::get_if<Ending>(&parsed)) return End(*ending);
  const auto& line = std::get<CommandLine>(parsed);
  Console console(STDOUT_FILENO, line.color);
  const absl::Status status =
      std::visit([&](const auto& command) { return Run(command, console); }, line.command);
  const int exit_code = ExitCodeFor(status);
  if (status.ok()) return exit_code;
  console.Warn(MessageFor(status));
  // That time is over has been told as the answer.
  if (WantsJson(line.command) && !IsTimeOver(status)) console.PrintFailure(status, exit_code);
  return exit_code;
}

}  // namespace
}  // namespace zbroker::zctl

int main(int argc, char** argv) { return zbroker::zctl::Main(argc, argv); }
