// broker_bench: measures what the design promises, each figure beside what it is compared with and
// in the same run. A figure that is not reached fails nothing: the table says so.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "client/base/paths.h"
#include "tests/bench/cases.h"
#include "tests/bench/echo.h"
#include "tests/bench/holder.h"
#include "tests/bench/samples.h"
#include "tests/bench/workspace.h"

namespace zbroker::bench {
namespace {

struct Case {
  std::string name;
  absl::Status (*measure)(const Settings&, Report&);
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"round_trip", MeasureRoundTrip},
      {"throughput", MeasureThroughput},
      {"hand_off", MeasureHandOff},
      {"holder_death", MeasureHolderDeath},
      {"start_up", MeasureStartUp},
      {"memory", MeasureMemory},
      {"restart", MeasureRestart},
      {"month", MeasureMonth},
      {"status_call", MeasureStatusCall},
      {"gateway_request", MeasureGatewayRequest},
      {"gateway_stream", MeasureGatewayStream},
      {"gateway_queue", MeasureGatewayQueue},
  };
  return cases;
}

struct Flags {
  Settings settings;
  std::vector<std::string> only;
  bool json = false;
  // What a process that we started ourselves is to be.
  std::string child;
  std::string socket;
};

void Declare(CLI::App& app, Flags& flags) {
  std::vector<std::string> names;
  for (const Case& one : Cases()) names.push_back(one.name);
  Settings& settings = flags.settings;
  app.add_option("--bin-dir", settings.bin_dir, "Where the programs are")->capture_default_str();
  app.add_option("--dir", settings.directory, "Where to put ledgers; should be on a disk")
      ->capture_default_str();
  app.add_option("--rounds", settings.rounds, "How often to repeat everything")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--rows", settings.rows, "Leases in the large ledger")
      ->check(CLI::Range(int64_t{1}, int64_t{100'000'000}))
      ->capture_default_str();
  app.add_option("--only", flags.only, "Cases to measure (default: all)")
      ->check(CLI::IsMember(names));
  app.add_flag("--json", flags.json, "Print JSON instead of the table");
  app.footer(
      "Where other programs compete for the processors, what is measured is how long they are "
      "left\n"
      "running: `chrt -r 1 broker_bench` keeps them out.");
  app.add_option("--child", flags.child)->group("");
  app.add_option("--socket", flags.socket)->group("");
}

absl::Status RunChild(const Flags& flags) {
  return flags.child == "echo" ? ServeEcho(flags.socket) : HoldLease(flags.socket);
}

// False when a case could not be measured.
bool RunCases(const Flags& flags, Report& report) {
  bool all = true;
  for (const Case& one : Cases()) {
    const bool wanted = flags.only.empty() || std::ranges::count(flags.only, one.name) > 0;
    if (!wanted) continue;
    fprintf(stderr, "%-16s", one.name.c_str());
    const Instant begin = ReadClock();
    const absl::Status status = one.measure(flags.settings, report);
    const std::string end = status.ok() ? "" : ", not measured: " + std::string(status.message());
    fprintf(stderr, "%6.1f s%s\n", absl::ToDoubleSeconds(Between(begin, ReadClock())), end.c_str());
    all &= status.ok();
  }
  return all;
}

int Run(Flags flags) {
  const auto workspace = Workspace::Create(flags.settings.directory);
  if (!workspace.ok()) {
    fprintf(stderr, "broker_bench: %s\n", std::string(workspace.status().message()).c_str());
    return EXIT_FAILURE;
  }
  if ((*workspace)->IsInMemory()) {
    fprintf(stderr, "broker_bench: %s is in memory, where a commit costs nothing; see --dir\n",
            flags.settings.directory.c_str());
  }
  flags.settings.directory = (*workspace)->path();
  Report report;
  const bool all = RunCases(flags, report);
  const std::string text = flags.json ? report.ToJson() : report.ToTable();
  fputs(text.c_str(), stdout);
  return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

int Main(int argc, char** argv) {
  Flags flags;
  std::error_code error;
  flags.settings.executable = std::filesystem::read_symlink("/proc/self/exe", error);
  flags.settings.bin_dir = ExecutableDirectory();
  flags.settings.directory = std::filesystem::temp_directory_path(error);
  CLI::App app(
      "Measures the broker beside bare gRPC and bare SQLite, and the gateway beside HAProxy.");
  Declare(app, flags);
  CLI11_PARSE(app, argc, argv);
  signal(SIGPIPE, SIG_IGN);
  if (flags.child.empty()) return Run(std::move(flags));
  const absl::Status status = RunChild(flags);
  fprintf(stderr, "broker_bench --child: %s\n", std::string(status.message()).c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace zbroker::bench

int main(int argc, char** argv) { return zbroker::bench::Main(argc, argv); }
