#include "tests/bench/simulation/brokered.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace zbroker::simulation {
namespace {

core::BrokerConfig ConfigOf(const core::SlotsConfig& slots) {
  core::BrokerConfig config = core::BrokerConfig::Defaults();
  config.accounts[0].slots = slots;
  config.accounts[0].windows.clear();
  return config;
}

std::string ModelName(size_t model) { return absl::StrCat("glm-", model + 1); }

std::string TicketOf(const Request& request) { return absl::StrCat("r", request.id); }

}  // namespace

Brokered::Brokered(Means means, const core::SlotsConfig& slots, Knows knows)
    : means_(std::move(means)), knows_(knows), broker_(ConfigOf(slots)) {}

core::Client Brokered::ClientOf(const Request& request) {
  const auto stream = static_cast<core::StreamId>(request.session) + 1;
  return {.stream = stream,
          .connection = stream,
          .holder = {.pid = request.session + 100, .uid = 1000, .start_ticks = 1, .program = "sim"},
          .admin = true};
}

core::Acquire Brokered::AcquireFor(const Request& request) const {
  core::Acquire acquire{.client = ClientOf(request)};
  acquire.request.ticket = TicketOf(request);
  acquire.request.model = ModelName(request.model);
  acquire.request.kind = core::Kind::kCall;
  acquire.request.priority = request.priority;
  acquire.request.session = absl::StrCat("s", request.session);
  acquire.priority_given = true;
  acquire.reports = acquire.takes_throttles = true;
  return acquire;
}

void Brokered::Ask(const Request& request) {
  asked_[TicketOf(request)] = {.request = request};
  Apply(AcquireFor(request));
  Settle();
}

void Brokered::Answered(const Request& request, bool served) {
  Asked& asked = asked_.at(TicketOf(request));
  core::Release release{.client = ClientOf(request), .lease = std::exchange(asked.lease, 0)};
  release.outcome = served ? core::Outcome::kOk : core::Outcome::kThrottle;
  release.details.http_status = served ? 200 : 429;
  if (!served) release.details.upstream_code = "1302";
  Apply(release);
  if (served) {
    asked_.erase(TicketOf(request));
    means_.finish(request, true);
  } else {
    Apply(AcquireFor(request));
  }
  Settle();
}

void Brokered::UpstreamChanged(const Limits& limits) {
  if (knows_ != Knows::kTheLimits) return;
  core::BrokerConfig config = ConfigOf({.limit = limits.account, .learn = false});
  for (size_t i = 0; i < limits.models.size(); ++i) {
    config.accounts[0].pools.push_back({.models = {ModelName(i)}, .limit = limits.models[i]});
  }
  broker_.Reconfigure(std::move(config), {}, means_.events.now(), batch_);
  Settle();
}

void Brokered::Settle() {
  broker_.Settle(means_.events.now(), batch_);
  const core::Effects effects = std::exchange(batch_, {});
  for (const core::AddressedEvent& one : effects.events) {
    if (const auto* refused = std::get_if<core::Refused>(&one.event)) {
      fprintf(stderr, "the broker refused %s: %s\n", refused->ticket.c_str(),
              std::string(refused->status.message()).c_str());
      abort();
    }
    const auto* granted = std::get_if<core::Granted>(&one.event);
    if (granted == nullptr) continue;
    Asked& asked = asked_.at(granted->ticket);
    asked.lease = granted->lease;
    means_.send(asked.request);
  }
  SleepUntilDeadline();
}

void Brokered::SleepUntilDeadline() {
  const BootTime next = broker_.NextDeadline();
  if (next >= wake_) return;
  wake_ = next;
  means_.events.At(next, [this, next] {
    if (wake_ != next) return;
    wake_ = BootTime::InfiniteFuture();
    Settle();
  });
}

}  // namespace zbroker::simulation
