#include "tests/bench/simulation/table.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace zbroker::simulation {
namespace {

struct Column {
  const char* title;
  const char* key;  // in JSON
  int digits;
  std::string (*goal)(const Scenario& scenario);
  const char* words;
  double (*value)(const Figures& run, const Figures& oracle);
};

std::string NoGoal(const Scenario&) { return ""; }

double WorstModel(const Figures& run, const Figures& oracle) {
  double worst = 1;
  for (size_t i = 0; i < oracle.served_of.size(); ++i) {
    const double served = i < run.served_of.size() ? run.served_of[i] : 0;
    worst = std::min(worst, served / oracle.served_of[i]);
  }
  return worst;
}

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns = {
      {"throttles", "throttles_per_1000", 2,
       [](const Scenario& scenario) { return scenario.throttles; },
       "requests that the upstream refused, per 1,000 that were finished",
       [](const Figures& run, const Figures&) { return run.throttles; }},
      {"utilisation", "utilisation", 3,
       [](const Scenario& scenario) { return scenario.utilisation; },
       "slot-seconds that the upstream spent on requests, as a share of the oracle's",
       [](const Figures& run, const Figures& oracle) { return run.served / oracle.served; }},
      {"worst model", "worst_model", 3,
       [](const Scenario& scenario) { return scenario.worst_model; },
       "the same of the model of which it is least", WorstModel},
      {"jain", "jain", 4, [](const Scenario&) { return std::string(">= 0.98"); },
       "Jain's index of fairness between the equal sessions, hour by hour: what each was\n"
       "served, over what it would have been if the upstream's slots had at every instant\n"
       "been divided equally between the sessions that had any use for them",
       [](const Figures& run, const Figures&) { return run.jain; }},
      {"wait p50", "interactive_wait_p50", 2, NoGoal,
       "how long interactive requests waited until the upstream took them, in mean service\n"
       "times; half of them waited no longer",
       [](const Figures& run, const Figures&) { return run.wait_p50; }},
      {"wait p95", "interactive_wait_p95", 2, NoGoal, "the same, for 95 of 100",
       [](const Figures& run, const Figures&) { return run.wait_p95; }},
      {"failed", "failed_per_1000", 2, NoGoal, "requests whose client gave up, per 1,000",
       [](const Figures& run, const Figures&) { return run.failed; }},
      {"backlog", "backlog", 3, NoGoal, "share of the time in which at least one request waited",
       [](const Figures& run, const Figures&) { return run.backlog; }},
  };
  return columns;
}

struct Summary {
  double mean = 0, min = 0, max = 0;
};

Summary Summarise(const Column& column, const Row& row, const Row& oracle) {
  std::vector<double> values;
  for (size_t i = 0; i < row.runs.size(); ++i) {
    values.push_back(column.value(row.runs[i], oracle.runs[i]));
  }
  Summary summary;
  for (const double value : values) summary.mean += value / static_cast<double>(values.size());
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  summary.min = *min;
  summary.max = *max;
  return summary;
}

std::string CellOf(const Column& column, const Row& row, const Row& oracle) {
  const Summary summary = Summarise(column, row, oracle);
  return absl::StrFormat("%.*f (%.*f-%.*f)", column.digits, summary.mean, column.digits,
                         summary.min, column.digits, summary.max);
}

}  // namespace

std::string ToTable(const Scenario& scenario, const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines(2);
  lines[0].push_back("policy");
  lines[1].push_back("(to reach)");
  for (const Column& column : Columns()) {
    lines[0].push_back(column.title);
    lines[1].push_back(column.goal(scenario));
  }
  for (const Row& row : rows) {
    std::vector<std::string>& line = lines.emplace_back(1, row.policy);
    for (const Column& column : Columns()) line.push_back(CellOf(column, row, rows.front()));
  }
  std::string table = absl::StrCat(scenario.name, ": ", scenario.words, "\n");
  for (const auto& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      size_t width = 0;
      for (const auto& other : lines) width = std::max(width, other[i].size());
      absl::StrAppend(&text, line[i], std::string(width - line[i].size() + 2, ' '));
    }
    text.erase(text.find_last_not_of(' ') + 1);
    absl::StrAppend(&table, text, "\n");
  }
  return table;
}

std::string ToJson(const Scenario& scenario, const std::vector<Row>& rows) {
  std::string json;
  for (const Row& row : rows) {
    absl::StrAppend(&json, &row == &rows.front() ? "" : ",", "\n {\"upstream\": \"", scenario.name,
                    "\", \"policy\": \"", row.policy, "\", \"seeds\": ", row.runs.size());
    for (const Column& column : Columns()) {
      const Summary summary = Summarise(column, row, rows.front());
      absl::StrAppendFormat(&json, ",\n  \"%s\": {\"mean\": %.5f, \"min\": %.5f, \"max\": %.5f}",
                            column.key, summary.mean, summary.min, summary.max);
    }
    absl::StrAppend(&json, "}");
  }
  return json;
}

std::string DescribeColumns() {
  std::string text;
  for (const Column& column : Columns()) {
    std::string words = column.words;
    for (size_t at = words.find('\n'); at != std::string::npos; at = words.find('\n', at + 1)) {
      words.replace(at, 1, "\n               ");
    }
    absl::StrAppendFormat(&text, "  %-13s%s\n", column.title, words);
  }
  return text;
}

}  // namespace zbroker::simulation
