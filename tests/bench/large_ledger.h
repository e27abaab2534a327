// A ledger with a history.
#ifndef ZBROKER_TESTS_BENCH_LARGE_LEDGER_H_
#define ZBROKER_TESTS_BENCH_LARGE_LEDGER_H_

#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/settings.h"

namespace zbroker::bench {

// The name of a state directory whose ledger holds `settings.rows` closed leases, spread over the
// last 30 days, one in 15 of them a prompt that charges the default window. Filled on the first
// call; the daemon that made its tables has ended. No other call may run meanwhile.
absl::StatusOr<std::string> LargeLedger(const Settings& settings);

// The number of rows as a label: "1M rows".
std::string RowsLabel(const Settings& settings);

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_LARGE_LEDGER_H_
