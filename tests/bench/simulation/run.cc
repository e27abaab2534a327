#include "tests/bench/simulation/run.h"

#include <memory>
#include <vector>

#include "tests/bench/simulation/event_queue.h"
#include "tests/bench/simulation/random.h"
#include "tests/bench/simulation/upstream.h"

namespace zbroker::simulation {
namespace {

class World {
 public:
  World(const Scenario& scenario, const NamedPolicy& policy, uint32_t seed)
      : network_(seed, /*part=*/1002),
        meter_(scenario.sessions),
        policy_(policy.make(
            {.events = events_,
             .seed = seed,
             .send = [this](const Request& request) { Send(request); },
             .finish = [this](const Request& request, bool served) { Finish(request, served); }})),
        upstream_(events_, seed, scenario.upstream,
                  [this](const Limits& limits) { policy_->UpstreamChanged(limits); }) {
    int index = 0;
    for (const Habits& habits : scenario.sessions) {
      sessions_.push_back(
          std::make_unique<Session>(events_, habits, index++, seed, [this](const Request& request) {
            meter_.Asked(request, events_.now());
            policy_->Ask(request);
          }));
    }
  }

  Figures Run(absl::Duration length) {
    events_.RunUntil(BootTime() + length);
    return meter_.Result(events_.now());
  }

 private:
  void Send(const Request& request) {
    meter_.Sent(request, events_.now());
    const absl::Duration there = network_.Uniform(kShortestRoundTrip, kLongestRoundTrip) / 2;
    events_.After(there, [this, request, back = there] { Arrive(request, back); });
  }

  void Arrive(const Request& request, absl::Duration back) {
    if (!upstream_.Enter(request.model)) {
      meter_.Refused(request, events_.now());
      events_.After(back, [this, request] { policy_->Answered(request, false); });
      return;
    }
    meter_.Entered(request, events_.now());
    events_.After(request.service, [this, request, back] {
      upstream_.Leave(request.model);
      meter_.Left(request, events_.now());
      events_.After(back, [this, request] { policy_->Answered(request, true); });
    });
  }

  void Finish(const Request& request, bool served) {
    if (!served) meter_.Failed(request, events_.now());
    sessions_[static_cast<size_t>(request.session)]->Finished();
  }

  EventQueue events_;
  Random network_;
  Meter meter_;
  std::unique_ptr<Policy> policy_;
  Upstream upstream_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace

Figures Run(const Scenario& scenario, const NamedPolicy& policy, uint32_t seed,
            absl::Duration length) {
  return World(scenario, policy, seed).Run(length);
}

}  // namespace zbroker::simulation
