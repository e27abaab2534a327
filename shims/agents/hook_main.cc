#include "shims/agents/hook_main.h"

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "client/base/clock.h"
#include "client/base/deadlock_detection.h"
#include "client/base/duration.h"
#include "shims/agents/daemon_office.h"
#include "shims/agents/hook.h"
#include "shims/flags/checks.h"
#include "shims/process/poll_time.h"

namespace zbroker::agents {
namespace {

constexpr int kExitFine = 0;
constexpr int kExitUsage = 1;
// Each call of the tool waits for us.
constexpr absl::Duration kDaemonPatience = absl::Milliseconds(250);
constexpr absl::Duration kInputPatience = absl::Seconds(1);
// Prompts of sub-agents are long, and not of that kind.
constexpr size_t kInputBytesMax = size_t{8} << 20;

constexpr char kFooter[] =
    "Reads what Claude Code says of a tool's call on standard input. While the account is blocked, "
    "a\n"
    "window is used up, or a request would wait for longer than --max-wait, it refuses calls that\n"
    "start a sub-agent (the tools Task and Agent), with a text that tells the model why and until\n"
    "when. It refuses nothing else, and nothing without a daemon, which it does not start.\n\n"
    "`zctl setup claude --hook` enters it into Claude Code's settings:\n"
    "  {\"hooks\": {\"PreToolUse\": [{\"matcher\": \"Task|Agent\", \"hooks\":\n"
    "    [{\"type\": \"command\", \"command\": \"zctl hook claude\"}]}]}}\n\n"
    "Exit codes: 0, whatever it has found; 1 usage.";

// All of the input, or nothing where it is not there in time.
std::string ReadInput() {
  std::string text;
  char buffer[64 << 10];
  const BootTime deadline = Clock::System().Read().boot + kInputPatience;
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN};
  while (text.size() < kInputBytesMax) {
    const BootTime now = Clock::System().Read().boot;
    if (now >= deadline || poll(&input, 1, process::PollTimeout(deadline, now)) <= 0) return "";
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0) return "";
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
  return "";
}

}  // namespace

int RunHook(int argc, char** argv) {
  CLI::App app{
      "Keeps an agent from starting sub-agents when that leads nowhere:\n  zctl hook claude "
      "[OPTIONS]",
      "zctl hook"};
  app.footer(kFooter);
  std::string agent;
  std::string account;
  std::string max_wait = "1m";
  app.add_option("agent", agent, "The agent whose hook it is: claude")
      ->type_name("AGENT")
      ->required()
      ->check(CLI::IsMember({"claude"}));
  app.add_option("-a,--account", account, "The account (default: the default one)")
      ->type_name("NAME");
  app.add_option("--max-wait", max_wait, "Refuse when a request would wait for longer")
      ->type_name("DURATION")
      ->capture_default_str()
      ->check(flags::CheckDuration);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitFine : kExitUsage;
  }
  if (isatty(STDIN_FILENO) != 0) {
    std::cerr << "zctl hook: Claude Code starts this; `zctl hook --help` says how\n";
    return kExitUsage;
  }
  if (!StartsSubAgent(ReadInput())) return kExitFine;
  SwitchOffDeadlockDetection();
  DaemonOffice office(/*start_daemon=*/false, kDaemonPatience);
  const auto status = office.GetStatus(account, "");
  if (!status.ok()) return kExitFine;
  const std::string why =
      WhyNotNow(*status, account, *zbroker::ParseDuration(max_wait), absl::LocalTimeZone());
  if (!why.empty()) std::cout << DenialOf(why) << std::endl;
  return kExitFine;
}

}  // namespace zbroker::agents
