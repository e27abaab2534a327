// broker_simulation: the broker's decisions in virtual time, against an upstream whose limit nobody
// knows and which changes it, compared with what else one could do. No process, socket or file: the
// core is deterministic, so that a seed gives the same table on every run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/simulation/policy.h"
#include "tests/bench/simulation/run.h"
#include "tests/bench/simulation/scenario.h"
#include "tests/bench/simulation/table.h"
#include "tests/bench/simulation/upstream.h"

namespace zbroker::simulation {
namespace {

struct Flags {
  int seeds = 10;
  int first_seed = 1;
  double hours = 24;
  std::vector<std::string> only;
  std::vector<std::string> upstreams;
  bool json = false;
};

std::string Footer() {
  std::string text = "Policies:\n";
  for (const NamedPolicy& policy : Policies()) {
    absl::StrAppendFormat(&text, "  %-13s%s\n", policy.name, policy.words);
  }
  absl::StrAppend(&text, "Upstreams:\n");
  for (const Scenario& scenario : Scenarios()) {
    absl::StrAppendFormat(&text, "  %-13s%s\n", scenario.name, scenario.words);
  }
  absl::StrAppend(&text, "Columns, each the mean over the seeds and (the least - the greatest):\n",
                  DescribeColumns(), "Every limit of an upstream moves each ",
                  absl::ToInt64Minutes(Upstream::kShortestLevel), " to ",
                  absl::ToInt64Minutes(Upstream::kLongestLevel),
                  " minutes.\nTen sessions: seven equal agents that ask for up to six things at "
                  "once, two persons,\nand an agent in the background.");
  return text;
}

void Declare(CLI::App& app, Flags& flags) {
  std::vector<std::string> names;
  for (const NamedPolicy& policy : Policies()) names.push_back(policy.name);
  app.add_option("--seeds", flags.seeds, "How many runs of each policy")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--first-seed", flags.first_seed, "The seed of the first run")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--hours", flags.hours, "How long a run is, in virtual time")
      ->check(CLI::Range(0.1, 10'000.0))
      ->capture_default_str();
  app.add_option("--only", flags.only, "Policies beside the oracle (default: all)")
      ->check(CLI::IsMember(names));
  std::vector<std::string> upstreams;
  for (const Scenario& scenario : Scenarios()) upstreams.push_back(scenario.name);
  app.add_option("--upstream", flags.upstreams, "Upstreams to try them on (default: all)")
      ->check(CLI::IsMember(upstreams));
  app.add_flag("--json", flags.json, "Print JSON instead of the table");
  app.footer(Footer());
}

bool Wanted(const NamedPolicy& policy, const Flags& flags) {
  if (flags.only.empty() || &policy == &Policies().front()) return true;
  return std::find(flags.only.begin(), flags.only.end(), policy.name) != flags.only.end();
}

std::vector<Row> RunAll(const Scenario& scenario, const Flags& flags) {
  std::vector<Row> rows;
  for (const NamedPolicy& policy : Policies()) {
    if (!Wanted(policy, flags)) continue;
    Row& row = rows.emplace_back(Row{.policy = policy.name});
    for (int i = 0; i < flags.seeds; ++i) {
      const auto seed = static_cast<uint32_t>(flags.first_seed + i);
      row.runs.push_back(Run(scenario, policy, seed, absl::Hours(1) * flags.hours));
    }
  }
  return rows;
}

bool Wanted(const Scenario& scenario, const Flags& flags) {
  const std::vector<std::string>& wanted = flags.upstreams;
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), scenario.name) != wanted.end();
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Simulates the broker against an upstream with a hidden, changing limit.");
  Declare(app, flags);
  CLI11_PARSE(app, argc, argv);
  std::string text;
  for (const Scenario& scenario : Scenarios()) {
    if (!Wanted(scenario, flags)) continue;
    const std::vector<Row> rows = RunAll(scenario, flags);
    if (!text.empty()) text += flags.json ? "," : "\n";
    text += flags.json ? ToJson(scenario, rows) : ToTable(scenario, rows);
  }
  if (flags.json) text = absl::StrCat("[", text, "\n]\n");
  fputs(text.c_str(), stdout);
  return EXIT_SUCCESS;
}
}  // namespace
}  // namespace zbroker::simulation

int main(int argc, char** argv) { return zbroker::simulation::Main(argc, argv); }
