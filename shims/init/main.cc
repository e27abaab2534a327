// zctl-init, which is `zctl init`: writes a configuration. A program of its own, as it knows the
// provider's plans and sites and the tools, of which zctl knows nothing.
#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>
#include <variant>

#include "shims/init/command_line.h"
#include "shims/init/init.h"
#include "shims/init/report.h"
#include "shims/tools/surroundings.h"

namespace zbroker::init {
namespace {

int End(const absl::Status& status, bool json) {
  if (status.ok()) {
    if (std::cout.flush()) return kExitFine;
    std::cerr << "zctl init: what there was to say could not be written\n";
    return kExitRefused;
  }
  const int exit_code = absl::IsInvalidArgument(status) ? kExitUsage : kExitRefused;
  if (json) std::cout << ErrorAsJson(status, exit_code);
  std::cout.flush();
  if (!json) std::cerr << "zctl init: " << status.message() << "\n";
  return exit_code;
}

std::optional<std::string> AskAtTheTerminal(absl::string_view question) {
  std::cout.flush();
  std::cerr << question << std::flush;
  std::string answer;
  if (std::getline(std::cin, answer)) return answer;
  std::cerr << "\n";
  return std::nullopt;
}

int Main(int argc, char** argv) {
  const auto parsed = ParseCommandLine(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& line = std::get<CommandLine>(parsed);
  setup::Person person{.show = [](absl::string_view text) { std::cout << text; }};
  AskLine ask_line;
  if (isatty(STDIN_FILENO) != 0) {
    ask_line = AskAtTheTerminal;
    person.ask = [](absl::string_view question) {
      const auto answer = AskAtTheTerminal(question);
      return answer == "y" || answer == "Y" || answer == "yes";
    };
  }
  return End(Init(line, *tools::Surroundings::OfProcess(), person, ask_line), line.json);
}

}  // namespace
}  // namespace zbroker::init

int main(int argc, char** argv) { return zbroker::init::Main(argc, argv); }
