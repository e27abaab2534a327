#include "shims/lease/verdict.h"

#include <string>

#include "client/base/proto_time.h"
#include "client/base/text.h"
#include "shims/zai/reset_time.h"

namespace zbroker::lease {
namespace {

// What the daemon takes of a text.
constexpr size_t kDetailBytesMax = 256;

// As much of a text from outside as the daemon takes; a character has four bytes at most.
std::string Bounded(absl::string_view text) {
  std::string bounded = EscapeControls(text);
  if (bounded.size() > kDetailBytesMax) bounded = Ellipsize(bounded, kDetailBytesMax - 16);
  if (bounded.size() > kDetailBytesMax) bounded = Ellipsize(bounded, kDetailBytesMax / 4 - 1);
  return bounded;
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
    SetProtoDuration(*verdict.retry_after, details.mutable_retry_after());
  }
  if (verdict.reset_at.has_value()) {
    details.mutable_until()->set_seconds(absl::ToUnixSeconds(*verdict.reset_at));
  }
  if (verdict.window_length > absl::ZeroDuration()) {
    SetProtoDuration(verdict.window_length, details.mutable_window_length());
  }
  details.set_plan(verdict.plan);
  if (verdict.scope == zai::Scope::kModel) details.set_scope(v1::SCOPE_MODEL);
  if (verdict.scope == zai::Scope::kKind) details.set_scope(v1::SCOPE_KIND);
  return details;
}

}  // namespace zbroker::lease
