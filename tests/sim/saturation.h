// One account under constant load: sessions that wait all the time, some of which come late, and
// whose requests take other times than what has been seen before.
#ifndef ZBROKER_TESTS_SIM_SATURATION_H_
#define ZBROKER_TESTS_SIM_SATURATION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/broker.h"

namespace zbroker::sim {

// How long the session's request number `n`, from 0, takes.
using ServiceTimes = std::function<absl::Duration(int n)>;

struct SessionLoad {
  absl::Duration comes;  // since the begin
  int requests = 0;      // that it has in all
  int backlog = 0;       // so many of them wait at a time; 0: all
  ServiceTimes takes;
  core::Priority priority = core::Priority::kNormal;
};

// What became of a session.
struct SessionResult {
  std::optional<absl::Duration> first_grant;  // since it came
  std::optional<absl::Duration> done;         // since it came
  // The slot-time that it has had, at the instants that were asked for.
  std::vector<absl::Duration> had;
};

class Saturation {
 public:
  Saturation(int slots, std::vector<SessionLoad> sessions);

  // Runs until all are done, or until the last of the instants, which are since the begin and in
  // order, at each of which it notes what the sessions have had.
  void Run(const std::vector<absl::Duration>& instants);

  const SessionResult& result(size_t session) const { return results_[session]; }

 private:
  struct Held {
    core::LeaseId lease = 0;
    size_t session = 0;
    BootTime since;
  };
  struct Session {
    int asked = 0;
    int granted = 0;
    int ended = 0;
  };

  absl::Duration now() const { return now_ - kBegin; }
  void Ask(size_t session);
  void Settle();
  void End(const Held& held);
  void Note();
  void PassUntil(BootTime until);

  static constexpr BootTime kBegin = BootTime::FromMicros(1'000'000'000);

  std::vector<SessionLoad> loads_;
  std::vector<Session> sessions_;
  std::vector<SessionResult> results_;
  std::vector<absl::Duration> had_;     // of leases that have ended
  std::multimap<BootTime, Held> held_;  // by their ends
  core::Broker broker_;
  core::Effects effects_;
  BootTime now_ = kBegin;
};

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_SATURATION_H_
