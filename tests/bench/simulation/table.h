// The figures of all policies, over all seeds.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_TABLE_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_TABLE_H_

#include <string>
#include <vector>

#include "tests/bench/simulation/meter.h"
#include "tests/bench/simulation/scenario.h"

namespace zbroker::simulation {

struct Row {
  std::string policy;
  std::vector<Figures> runs;  // one a seed, the same seeds in every row
};

// The first row is that of the oracle, to which utilisation refers. Every cell has the mean over
// the seeds and, in brackets, the least and the greatest.
std::string ToTable(const Scenario& scenario, const std::vector<Row>& rows);
// Objects, one a row, with commas between them; each figure is an object with mean, min and max.
std::string ToJson(const Scenario& scenario, const std::vector<Row>& rows);
// What the columns mean, for --help.
std::string DescribeColumns();

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_TABLE_H_
