// What can be measured. Each case starts its own daemon, and adds its rows to the report.
//
// The machine's noise comes in spells, so a case never measures first one thing and then another:
// it takes a few samples of each, round after round.
#ifndef ZBROKER_TESTS_BENCH_CASES_H_
#define ZBROKER_TESTS_BENCH_CASES_H_

#include "absl/status/status.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"

namespace zbroker::bench {

// Acquire and release on an idle broker, beside bare gRPC round trips and bare SQLite commits.
absl::Status MeasureRoundTrip(const Settings& settings, Report& report);

// Grants per second with 16 clients, beside bare gRPC streams that exchange the same messages.
absl::Status MeasureThroughput(const Settings& settings, Report& report);

// From one holder's release to the next one's grant, with 1,000 waiters; also while somebody looks
// at the queue all the time.
absl::Status MeasureHandOff(const Settings& settings, Report& report);

// From a holder's SIGKILL to the next grant, without quarantine.
absl::Status MeasureHolderDeath(const Settings& settings, Report& report);

// From the start of a daemon whose predecessor was killed to its first answer.
absl::Status MeasureRestart(const Settings& settings, Report& report);

// A month's window with as many charges as the large ledger has rows: memory, start and reload.
absl::Status MeasureMonth(const Settings& settings, Report& report);

// What zlease adds to a command.
absl::Status MeasureStartUp(const Settings& settings, Report& report);

// The daemon's memory, idle and with 10,000 waiters.
absl::Status MeasureMemory(const Settings& settings, Report& report);

// `zctl status` on a large ledger.
absl::Status MeasureStatusCall(const Settings& settings, Report& report);

// What the gateway adds to a small request, beside a direct call and HAProxy with a queue.
absl::Status MeasureGatewayRequest(const Settings& settings, Report& report);

// What it adds to each event of a stream.
absl::Status MeasureGatewayStream(const Settings& settings, Report& report);

// Memory with 1,000 requests in its queue.
absl::Status MeasureGatewayQueue(const Settings& settings, Report& report);

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_CASES_H_
