#include "shims/gateway/outcome.h"

#include "client/base/text.h"
#include "shims/zai/reset_time.h"

namespace zbroker::gateway {
namespace {

// What the daemon takes of a text.
constexpr size_t kDetailBytesMax = 256;

void Set(absl::Duration length, google::protobuf::Duration* out) {
  const int64_t micros = absl::ToInt64Microseconds(length);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

// As much of a text from outside as the daemon takes; a character has four bytes at most.
std::string Bounded(absl::string_view text) {
  std::string bounded = EscapeControls(text);
  if (bounded.size() > kDetailBytesMax) bounded = Ellipsize(bounded, kDetailBytesMax - 16);
  if (bounded.size() > kDetailBytesMax) bounded = Ellipsize(bounded, kDetailBytesMax / 4 - 1);
  return bounded;
}

// Of what came of the answer so far.
v1::ReleaseDetails DetailsOf(const UpstreamAnswer& answer, const zai::Verdict& verdict,
                             LoopTime granted) {
  v1::ReleaseDetails details = gateway::DetailsOf(verdict);
  const int status = answer.has_head() ? answer.status() : 0;
  if (status >= 100 && status <= 599) details.set_http_status(static_cast<uint32_t>(status));
  if (const auto first = answer.first_byte(); first.has_value()) {
    Set(absl::FromChrono(*first - granted), details.mutable_first_byte());
  }
  details.set_served_model(answer.served().model);
  // The upstream did nothing.
  if (verdict.no_such_path) details.set_unused(true);
  if (const zai::Usage& usage = answer.served().usage; usage.reported) {
    details.mutable_usage()->set_input_tokens(usage.input);
    details.mutable_usage()->set_cached_tokens(usage.cached);
    details.mutable_usage()->set_output_tokens(usage.output);
  }
  return details;
}

}  // namespace

v1::Outcome OutcomeOf(const zai::Verdict& verdict) {
  switch (verdict.signal) {
    case zai::Signal::kNone:
      return v1::OUTCOME_OK;
    case zai::Signal::kClient:
      return v1::OUTCOME_FAILED;
    case zai::Signal::kThrottle:
    case zai::Signal::kStartRate:
      return v1::OUTCOME_THROTTLE;
    case zai::Signal::kOverload:
      return v1::OUTCOME_OVERLOAD;
    case zai::Signal::kWall:
      return v1::OUTCOME_WALL;
    case zai::Signal::kBreaker:
      return v1::OUTCOME_BREAKER;
    case zai::Signal::kTerminal:
      return v1::OUTCOME_TERMINAL;
    case zai::Signal::kTransient:
      return v1::OUTCOME_TRANSIENT;
  }
  return v1::OUTCOME_TRANSIENT;
}

v1::ReleaseDetails DetailsOf(const zai::Verdict& verdict) {
  v1::ReleaseDetails details;
  if (verdict.signal == zai::Signal::kNone) return details;
  details.set_upstream_code(Bounded(verdict.code));
  // Read beside times of our own, and not by the client, which gets the answer as it came.
  details.set_message(Bounded(zai::WithTimesIn(verdict.message, absl::LocalTimeZone())));
  details.set_start_rate(verdict.signal == zai::Signal::kStartRate);
  if (verdict.retry_after.has_value()) {
    Set(*verdict.retry_after, details.mutable_retry_after());
  }
  if (verdict.reset_at.has_value()) {
    details.mutable_until()->set_seconds(absl::ToUnixSeconds(*verdict.reset_at));
  }
  if (verdict.window_length > absl::ZeroDuration()) {
    Set(verdict.window_length, details.mutable_window_length());
  }
  details.set_plan(verdict.plan);
  if (verdict.scope == zai::Scope::kModel) details.set_scope(v1::SCOPE_MODEL);
  if (verdict.scope == zai::Scope::kKind) details.set_scope(v1::SCOPE_KIND);
  return details;
}

std::string Release(lease::HeldLease& lease, const UpstreamAnswer& answer,
                    const zai::Verdict& verdict) {
  return lease.Release(OutcomeOf(verdict), DetailsOf(answer, verdict, lease.granted()));
}

void ReleaseCancelled(lease::HeldLease& lease, const UpstreamAnswer& answer,
                      const zai::Verdict& verdict) {
  v1::ReleaseDetails details = DetailsOf(answer, verdict, lease.granted());
  details.set_under_way(true);
  lease.Release(v1::OUTCOME_CANCELLED, details);
}

}  // namespace zbroker::gateway
