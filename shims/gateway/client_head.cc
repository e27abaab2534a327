#include "shims/gateway/client_head.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "shims/gateway/retry_fields.h"

namespace zbroker::gateway {
namespace {

// Who follows it to the upstream itself goes past the broker.
void RedirectHere(const Options& options, Headers& headers) {
  for (Header& header : headers) {
    if (!absl::EqualsIgnoreCase(header.name, "location")) continue;
    if (const auto below = options.upstream.BelowFor(header.value)) {
      header.value = absl::StrCat("/", options.token, *below);
    }
  }
}

}  // namespace

Head HeadForClient(const UpstreamAnswer& answer, const Options& options, bool needs_slot,
                   absl::Time now) {
  Head head{answer.status(), answer.reason(), ForClient(answer.headers())};
  // Under 200 a client would take it for an answer without a word.
  const bool soft = answer.verdict().unserved && answer.status() < 300;
  if (soft && needs_slot) {
    head = {answer.verdict().no_such_path ? 404 : 502, "", std::move(head.headers)};
  }
  if (answer.status() >= 300 && answer.status() < 400) RedirectHere(options, head.headers);
  VouchForRetryAfter(head.headers, now);
  if (zai::IsFinal(answer.verdict().signal)) StopClientsRetries(head.headers);
  return head;
}

}  // namespace zbroker::gateway
