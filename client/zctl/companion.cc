#include "client/zctl/companion.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/zctl/exit_code.h"
#include "client/zctl/message_json.h"

namespace zbroker::zctl {
namespace {

// Beside zctl, else where packages put what is not for people to run.
constexpr absl::string_view kPlaces[] = {"/", "/../libexec/zbroker/"};

}  // namespace

const std::vector<Companion>& Companions() {
  static const auto& companions = *new std::vector<Companion>{
      {"doctor", "Say what is wrong, and what mends it"},
      {"hook", "A hook by which agents start no sub-agents in vain", "mcp"},
      {"init", "Write a configuration: a few questions, or flags"},
      {"mcp", "An MCP server with which agents ask before they start something big"},
      {"meter", "Ask the provider's own meter, and have windows go by it"},
      {"setup", "Point a tool's own settings at the gateway that runs"}};
  return companions;
}

int RunCompanion(int argc, char** argv) {
  if (argc < 2) return -1;
  for (const Companion& one : Companions()) {
    if (absl::string_view(argv[1]) != one.name) continue;
    const std::string program =
        absl::StrCat("zctl-", one.program == nullptr ? one.name : one.program);
    for (const absl::string_view place : kPlaces) {
      execv(absl::StrCat(ExecutableDirectory(), place, program).c_str(), argv + 1);
      if (errno != ENOENT) break;
    }
    const absl::Status status = absl::NotFoundError(
        absl::StrCat(ErrnoToStatus(errno, program).message(), ": install zbroker again"));
    const std::string line = absl::StrCat("zctl: ", status.message(), "\n");
    fwrite(line.data(), 1, line.size(), stderr);
    if (AsksForJson(argc, argv)) {
      const std::string json = ToFailure(status, kExitRefused, JsonStyle::kOneLine);
      puts(json.c_str());
    }
    return kExitRefused;
  }
  return -1;
}

}  // namespace zbroker::zctl
