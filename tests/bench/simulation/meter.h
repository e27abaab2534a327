// What is measured while a run goes on, as integrals over virtual time.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_METER_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_METER_H_

#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "tests/bench/simulation/workload.h"

namespace zbroker::simulation {

// Of one run.
struct Figures {
  double throttles = 0;           // per 1,000 requests
  double served = 0;              // slot-seconds that the upstream spent on requests
  std::vector<double> served_of;  // of these, by model
  double jain = 0;                // between the equal sessions
  double wait_p50 = 0;            // of interactive requests, in mean service times
  double wait_p95 = 0;
  double failed = 0;   // requests given up, per 1,000
  double backlog = 0;  // share of the time in which somebody waited
};

// Fairness is judged hour by hour against the fluid ideal: at every instant, what the upstream
// serves of the equal sessions' requests would be divided equally between those that have any,
// except that none gets more than it has asked for (max-min fair shares). What a session was served
// in an hour, divided by its ideal, is its ratio; Jain's index over the ratios, (Σx)² / (n·Σx²), is
// 1 when all are the same, and 1/n when one session gets everything. The figure is the mean over
// the hours.
class Meter {
 public:
  explicit Meter(const std::vector<Habits>& sessions);

  void Asked(const Request& request, BootTime now);
  void Sent(const Request& request, BootTime now);
  // The upstream has it, or has sent it back.
  void Entered(const Request& request, BootTime now);
  void Refused(const Request& request, BootTime now);
  // The upstream has sent the last byte.
  void Left(const Request& request, BootTime now);
  void Failed(const Request& request, BootTime now);

  Figures Result(BootTime now);

 private:
  struct Tally {
    bool equal = false;
    int waiting = 0;      // not sent
    int outstanding = 0;  // asked for, and not served
    int in_service = 0;
    double received = 0, ideal = 0;  // slot-seconds of this hour
  };

  void Count(const Request& request, int in_service);
  void Advance(BootTime now);
  void Integrate(double seconds);
  void EndHour();

  std::vector<Tally> sessions_;
  std::vector<int> in_service_of_;  // by model
  std::vector<double> served_of_;
  BootTime now_;
  BootTime hour_end_;
  int requests_ = 0, throttles_ = 0, failed_ = 0;
  double served_ = 0, backlog_ = 0;
  double service_ = 0;         // of requests that were finished
  std::vector<double> waits_;  // of interactive requests that were served, in seconds
  std::vector<double> jains_;  // of each hour
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_METER_H_
