// What was measured, beside what it is compared with.
#ifndef ZBROKER_TESTS_BENCH_REPORT_H_
#define ZBROKER_TESTS_BENCH_REPORT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/samples.h"

namespace zbroker::bench {

enum class Unit { kMicroseconds, kMilliseconds, kMegabytes, kPerSecond };

// What the design asks of a value.
struct Figure {
  enum class Sense { kAtMost, kAtLeast };

  Sense sense = Sense::kAtMost;
  double bound = 0;   // in the unit of the row
  std::string words;  // as the design has it
};

struct Row {
  std::string what;
  Unit unit = Unit::kMicroseconds;
  double measured = 0;
  std::string reference_what;  // with `reference`
  std::optional<double> reference;
  std::optional<Figure> figure;

  std::optional<double> Ratio() const;
  // Empty when there is no figure.
  std::optional<bool> Reached() const;
};

// One row for a percentile of `samples`, 100 being the maximum, in `unit`; the reference is the
// same percentile of `reference`, if there is one.
struct Distribution {
  std::string what;
  Unit unit = Unit::kMicroseconds;
  const Samples& samples;
  std::string reference_what;
  const Samples* reference = nullptr;

  Row At(int percent) const;
};

// The duration in a unit of time.
double In(Unit unit, absl::Duration duration);

class Report {
 public:
  void Add(Row row) { rows_.push_back(std::move(row)); }
  // The rows for 50, 90 and 99 percent. `median` is what the design asks of the first.
  void AddPercentiles(const Distribution& distribution, std::optional<Figure> median = {});

  bool empty() const { return rows_.empty(); }

  // Columns aligned for people.
  std::string ToTable() const;
  // An array with an object a row. A value that does not apply is null.
  std::string ToJson() const;

 private:
  std::vector<Row> rows_;
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_REPORT_H_
