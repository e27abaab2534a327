// The broker between clients and an upstream in virtual time: what a dip costs, and what models
// with limits of their own cost each other.
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class DipTest : public BrokerTest {
 protected:
  static constexpr absl::Duration kStep = absl::Milliseconds(10);

  // A client that asks for one request after another.
  struct Worker {
    std::string model;
    bool waits = false;
    LeaseId lease = 0;
    BootTime until;  // when its request has been served
  };

  void AddWorkers(int count, const std::string& model) {
    for (int i = 0; i < count; ++i) workers_.push_back({.model = model});
  }

  // Until so many have been served, or `most` has passed; says how long it took.
  absl::Duration Run(int requests, absl::Duration most = absl::Hours(1)) {
    const BootTime begin = now_;
    int left = requests;
    while (served_ < requests && now_ - begin < most) {
      for (size_t i = 0; i < workers_.size(); ++i) {
        if (!workers_[i].waits && workers_[i].lease == 0 && left > 0) {
          --left;
          AskAs(i);
        }
      }
      Pass(kStep);
      EndThoseWhoAreServed();
    }
    return now_ - begin;
  }

  void AskAs(size_t worker) {
    workers_[worker].waits = true;
    Acquire acquire = AskReporting(worker + 1);
    acquire.request.model = workers_[worker].model;
    acquire.request.session = absl::StrCat("s", worker);
    Do(acquire);
    SendGranted();
  }

  void EndThoseWhoAreServed() {
    SendGranted();
    for (size_t i = 0; i < workers_.size(); ++i) {
      Worker& worker = workers_[i];
      if (worker.lease == 0 || now_ < worker.until) continue;
      --in_flight_[worker.model];
      --in_flight_[""];
      ++served_;
      ++served_of_[worker.model];
      GiveBack(i + 1, std::exchange(worker.lease, 0));
      SendGranted();
    }
  }

  // Every grant since the last call goes upstream, which takes or refuses it.
  void SendGranted() {
    for (; seen_ < events_.size(); ++seen_) {
      const auto* granted = std::get_if<Granted>(&events_[seen_].event);
      if (granted == nullptr) continue;
      const LeaseId lease = granted->lease;
      const size_t index = events_[seen_].stream - 1;
      Worker& worker = workers_[index];
      worker.waits = false;
      if (in_flight_[""] >= limit_("") || in_flight_[worker.model] >= limit_(worker.model)) {
        ++throttles_;
        ++seen_;
        GiveBack(index + 1, lease, Outcome::kThrottle, {.upstream_code = "1302"});
        AskAs(index);
        return SendGranted();
      }
      ++in_flight_[""];
      ++in_flight_[worker.model];
      worker.lease = lease;
      worker.until = now_ + service_;
    }
  }

  std::vector<Worker> workers_;
  // What the upstream serves at once of a model; of no model: of the account.
  std::function<int(const std::string&)> limit_ = [](const std::string&) { return 100; };
  absl::Duration service_ = absl::Milliseconds(200);
  std::map<std::string, int> in_flight_;
  std::map<std::string, int> served_of_;
  int served_ = 0;
  int throttles_ = 0;
  size_t seen_ = 0;
};

TEST_F(DipTest, LimitThatGoesFromFourToOneToThreeCostsLittleMoreThanItself) {
  Start(OneAccount(4));
  const BootTime begin = now_;
  limit_ = [&](const std::string& model) {
    if (!model.empty()) return 100;
    return now_ - begin < absl::Seconds(2) ? 4 : now_ - begin < absl::Seconds(7) ? 1 : 3;
  };
  AddWorkers(10, "m");
  EXPECT_LE(Run(120), absl::Seconds(10.7) * 1.15);  // 10.7 s are possible
  EXPECT_LE(throttles_, 6);
}

TEST_F(DipTest, ModelWithALimitOfItsOwnDoesNotSlowTheOthers) {
  Start(OneAccount(3));
  limit_ = [](const std::string& model) { return model.empty() ? 100 : model == "big" ? 1 : 6; };
  service_ = absl::Seconds(3);
  AddWorkers(8, "small");
  AddWorkers(3, "big");
  Run(1'000'000, absl::Minutes(2));
  const std::map<std::string, int> before = served_of_;
  Run(1'000'000, absl::Minutes(10));
  EXPECT_GE(served_of_["small"] - before.at("small"), 0.9 * 6 * 600 / 3);
  EXPECT_GE(served_of_["big"] - before.at("big"), 0.9 * 1 * 600 / 3);
}

TEST_F(DipTest, AccountsLimitIsNotTakenForAModels) {
  Start(OneAccount(3));
  limit_ = [](const std::string& model) { return model.empty() ? 3 : 100; };
  service_ = absl::Seconds(3);
  AddWorkers(8, "small");
  AddWorkers(3, "big");
  Run(1'000'000, absl::Minutes(2));
  const int before = served_;
  Run(1'000'000, absl::Minutes(10));
  EXPECT_GE(served_ - before, 0.9 * 3 * 600 / 3);
}

}  // namespace
}  // namespace zbroker::core
