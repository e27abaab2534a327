#include "tests/testing/fake_broker.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::testing {

using Calls = std::vector<std::function<void()>>;
using Callbacks = broker::BrokerClient::Callbacks;

// Shared with the leases.
class FakeBroker::State final : public broker::Lender, public std::enable_shared_from_this<State> {
 public:
  struct Waiter {
    v1::Acquire request;
    Callbacks callbacks;
  };
  struct Holder {
    v1::Acquire request;
    std::function<void(const std::string&)> on_lost;
  };

  void StartRelease(uint64_t lease_id, v1::Outcome outcome, const v1::ReleaseDetails& details,
                    ReleaseCallback done) override {
    Calls calls;
    {
      MutexLock lock(mutex);
      End end{.lease_id = lease_id, .outcome = outcome, .details = details};
      if (const auto found = held.find(lease_id); found != held.end()) {
        end.request = std::move(found->second.request);
        held.erase(found);
      }
      ends.push_back(std::move(end));
      if (done) calls.push_back([done = std::move(done)] { done(absl::OkStatus()); });
      GrantLocked(calls);
    }
    Run(calls);
  }

  void EndSeen(uint64_t lease_id) override {
    MutexLock lock(mutex);
    ends_seen.push_back(lease_id);
  }

  void GrantLocked(Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    while (!waiters.empty() && (!refusal.ok() || held.size() < slots)) {
      Waiter waiter = std::move(waiters.front());
      waiters.pop_front();
      if (!refusal.ok()) {
        calls.push_back([on_end = waiter.callbacks.on_end, end = refusal] { on_end(end); });
        continue;
      }
      v1::Granted granted;
      granted.set_ticket(waiter.request.ticket());
      granted.set_lease_id(++last_id);
      granted.set_account(waiter.request.account().empty() ? "default" : waiter.request.account());
      held[last_id] = {waiter.request, waiter.callbacks.on_lost};
      calls.push_back([on_end = waiter.callbacks.on_end, granted, lender = shared_from_this()] {
        on_end(broker::Lease(lender, granted));
      });
    }
  }

  static void Run(const Calls& calls) {
    for (const auto& call : calls) call();
  }

  mutable Mutex mutex;
  size_t slots ABSL_GUARDED_BY(mutex) = 0;
  absl::Status refusal ABSL_GUARDED_BY(mutex);
  uint64_t last_id ABSL_GUARDED_BY(mutex) = 0;
  uint64_t last_ticket ABSL_GUARDED_BY(mutex) = 0;
  std::deque<Waiter> waiters ABSL_GUARDED_BY(mutex);
  std::map<uint64_t, Holder> held ABSL_GUARDED_BY(mutex);
  std::vector<End> ends ABSL_GUARDED_BY(mutex);
  std::vector<uint64_t> ends_seen ABSL_GUARDED_BY(mutex);
  std::vector<std::string> kept ABSL_GUARDED_BY(mutex);
};

FakeBroker::FakeBroker(size_t slots) : state_(std::make_shared<State>()) { SetSlots(slots); }

FakeBroker::~FakeBroker() { Refuse(absl::CancelledError("cancelled")); }

std::string FakeBroker::StartAcquire(v1::Acquire request, Callbacks callbacks) {
  Calls calls;
  std::string ticket;
  {
    MutexLock lock(state_->mutex);
    if (request.ticket().empty()) {
      request.set_ticket(absl::StrCat("ticket ", ++state_->last_ticket));
    }
    ticket = request.ticket();
    state_->waiters.push_back({std::move(request), std::move(callbacks)});
    state_->GrantLocked(calls);
  }
  State::Run(calls);
  return ticket;
}

void FakeBroker::Cancel(const std::string& ticket, bool keep_place) {
  std::optional<State::Waiter> cancelled;
  {
    MutexLock lock(state_->mutex);
    auto& waiters = state_->waiters;
    for (auto at = waiters.begin(); at != waiters.end(); ++at) {
      if (at->request.ticket() != ticket) continue;
      cancelled = std::move(*at);
      waiters.erase(at);
      if (keep_place) state_->kept.push_back(ticket);
      break;
    }
  }
  if (cancelled) cancelled->callbacks.on_end(absl::CancelledError("cancelled"));
}

void FakeBroker::SetSlots(size_t slots) {
  Calls calls;
  {
    MutexLock lock(state_->mutex);
    state_->slots = slots;
    state_->GrantLocked(calls);
  }
  State::Run(calls);
}

void FakeBroker::Refuse(const absl::Status& status) {
  Calls calls;
  {
    MutexLock lock(state_->mutex);
    state_->refusal = status;
    state_->GrantLocked(calls);
  }
  State::Run(calls);
}

void FakeBroker::SayQueued(const v1::Queued& queued) {
  Calls calls;
  {
    MutexLock lock(state_->mutex);
    for (const State::Waiter& waiter : state_->waiters) {
      if (!waiter.callbacks.on_queued) continue;
      v1::Queued said = queued;
      said.set_ticket(waiter.request.ticket());
      calls.push_back([tell = waiter.callbacks.on_queued, said] { tell(said); });
    }
  }
  State::Run(calls);
}

void FakeBroker::SayAway(const absl::Status& cause) {
  Calls calls;
  {
    MutexLock lock(state_->mutex);
    for (const State::Waiter& waiter : state_->waiters) {
      if (!waiter.callbacks.on_away) continue;
      calls.push_back([tell = waiter.callbacks.on_away, cause] { tell(cause); });
    }
  }
  State::Run(calls);
}

void FakeBroker::LoseAll(const std::string& why) {
  Calls calls;
  {
    MutexLock lock(state_->mutex);
    for (auto& [id, holder] : std::exchange(state_->held, {})) {
      if (holder.on_lost) calls.push_back([tell = holder.on_lost, why] { tell(why); });
    }
    state_->GrantLocked(calls);
  }
  State::Run(calls);
}

size_t FakeBroker::held() const {
  MutexLock lock(state_->mutex);
  return state_->held.size();
}

size_t FakeBroker::waiting() const {
  MutexLock lock(state_->mutex);
  return state_->waiters.size();
}

std::vector<v1::Acquire> FakeBroker::Waiters() const {
  MutexLock lock(state_->mutex);
  std::vector<v1::Acquire> requests;
  for (const State::Waiter& waiter : state_->waiters) requests.push_back(waiter.request);
  return requests;
}

std::vector<uint64_t> FakeBroker::EndsSeen() const {
  MutexLock lock(state_->mutex);
  return state_->ends_seen;
}

std::vector<FakeBroker::End> FakeBroker::Ends() const {
  MutexLock lock(state_->mutex);
  return state_->ends;
}

std::vector<std::string> FakeBroker::KeptPlaces() const {
  MutexLock lock(state_->mutex);
  return state_->kept;
}

}  // namespace zbroker::testing
