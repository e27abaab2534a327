#include "tests/sim/saturation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace zbroker::sim {
namespace {

core::BrokerConfig ConfigFor(int slots) {
  core::BrokerConfig config = core::BrokerConfig::Defaults();
  config.accounts[0].slots.limit = slots;
  config.accounts[0].slots.learn = false;
  config.accounts[0].windows.clear();
  return config;
}

core::Client ClientOf(size_t session) {
  return {.stream = session + 1,
          .connection = session + 1,
          .holder = {.pid = static_cast<int32_t>(session) + 100, .uid = 1000, .start_ticks = 1}};
}

}  // namespace

Saturation::Saturation(int slots, std::vector<SessionLoad> sessions)
    : loads_(std::move(sessions)),
      sessions_(loads_.size()),
      results_(loads_.size()),
      had_(loads_.size()),
      broker_(ConfigFor(slots)) {}

void Saturation::Ask(size_t session) {
  core::Acquire acquire{.client = ClientOf(session)};
  acquire.request.ticket = absl::StrCat("t", session, ".", sessions_[session].asked++);
  acquire.request.session = absl::StrCat("s", session);
  acquire.request.kind = core::Kind::kCall;
  acquire.request.priority = loads_[session].priority;
  broker_.Apply(acquire, now_, effects_);
}

void Saturation::Settle() {
  broker_.Settle(now_, effects_);
  for (const core::AddressedEvent& one : std::exchange(effects_, {}).events) {
    const auto* granted = std::get_if<core::Granted>(&one.event);
    if (granted == nullptr) continue;
    const size_t session = one.stream - 1;
    SessionResult& result = results_[session];
    if (!result.first_grant) result.first_grant = now() - loads_[session].comes;
    const absl::Duration takes = loads_[session].takes(sessions_[session].granted++);
    held_.emplace(now_ + takes, Held{granted->lease, session, now_});
  }
}

void Saturation::End(const Held& held) {
  const size_t session = held.session;
  had_[session] += now_ - held.since;
  // As agents do: the next request comes with the answer to the last one.
  if (sessions_[session].asked < loads_[session].requests) Ask(session);
  broker_.Apply(core::Release{.client = ClientOf(session), .lease = held.lease}, now_, effects_);
  if (++sessions_[session].ended == loads_[session].requests) {
    results_[session].done = now() - loads_[session].comes;
  }
}

void Saturation::Note() {
  for (size_t session = 0; session < loads_.size(); ++session) {
    absl::Duration had = had_[session];
    for (const auto& [end, held] : held_) {
      if (held.session == session) had += now_ - held.since;
    }
    results_[session].had.push_back(had);
  }
}

void Saturation::PassUntil(BootTime until) {
  for (BootTime next; (next = broker_.NextDeadline()) <= until;) {
    now_ = std::max(now_, next);
    Settle();
    ASSERT_GT(broker_.NextDeadline(), now_) << "a deadline that settling does not clear";
  }
  now_ = until;
}

void Saturation::Run(const std::vector<absl::Duration>& instants) {
  size_t noted = 0;
  for (;;) {
    BootTime next = held_.empty() ? BootTime::InfiniteFuture() : held_.begin()->first;
    for (size_t i = 0; i < loads_.size(); ++i) {
      if (sessions_[i].asked == 0) next = std::min(next, kBegin + loads_[i].comes);
    }
    const bool note = noted < instants.size() && kBegin + instants[noted] <= next;
    if (note) next = kBegin + instants[noted];
    if (next == BootTime::InfiniteFuture()) return;
    ASSERT_NO_FATAL_FAILURE(PassUntil(next));
    if (note) {
      Note();
      if (++noted == instants.size()) return;
      continue;
    }
    for (size_t i = 0; i < loads_.size(); ++i) {
      if (sessions_[i].asked > 0 || kBegin + loads_[i].comes > now_) continue;
      const int first = loads_[i].backlog == 0 ? loads_[i].requests : loads_[i].backlog;
      for (int n = 0; n < first; ++n) Ask(i);
    }
    while (!held_.empty() && held_.begin()->first <= now_) {
      const Held held = held_.begin()->second;
      held_.erase(held_.begin());
      End(held);
    }
    Settle();
  }
}

}  // namespace zbroker::sim
