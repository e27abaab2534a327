#include "shims/gateway/outcome.h"

#include "client/base/proto_time.h"
#include "shims/lease/verdict.h"

namespace zbroker::gateway {
namespace {

// Of what came of the answer so far.
v1::ReleaseDetails DetailsOf(const UpstreamAnswer& answer, const zai::Verdict& verdict,
                             LoopTime granted) {
  v1::ReleaseDetails details = lease::DetailsOf(verdict);
  const int status = answer.has_head() ? answer.status() : 0;
  if (status >= 100 && status <= 599) details.set_http_status(static_cast<uint32_t>(status));
  if (const auto first = answer.first_byte(); first.has_value()) {
    SetProtoDuration(absl::FromChrono(*first - granted), details.mutable_first_byte());
  }
  details.set_served_model(answer.served().model);
  if (verdict.unserved) details.set_unused(true);
  if (const zai::Usage& usage = answer.served().usage; usage.reported) {
    details.mutable_usage()->set_input_tokens(usage.input);
    details.mutable_usage()->set_cached_tokens(usage.cached);
    details.mutable_usage()->set_output_tokens(usage.output);
  }
  return details;
}

}  // namespace

std::string Release(lease::HeldLease& lease, const UpstreamAnswer& answer,
                    const zai::Verdict& verdict) {
  return lease.Release(lease::OutcomeOf(verdict), DetailsOf(answer, verdict, lease.granted()));
}

std::function<void()> ReleaseCancelled(lease::HeldLease& lease, const UpstreamAnswer& answer,
                                       const zai::Verdict& verdict) {
  return lease.ReleaseCancelled(DetailsOf(answer, verdict, lease.granted()));
}

}  // namespace zbroker::gateway
