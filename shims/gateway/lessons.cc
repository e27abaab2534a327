// What an answer tells beside what it says to its client.
#include <string>

#include "client/base/log.h"
#include "client/base/sparse_log.h"
#include "client/base/text.h"
#include "shims/gateway/exchange.h"
#include "shims/gateway/meter_watch.h"

namespace zbroker::gateway {

void Exchange::LearnFrom(const UpstreamAnswer& answer) {
  ReportTrouble(answer);
  LendKey(answer);
  service_.clock_check.Heard(FindHeader(answer.headers(), "date"), service_.clock.Read().wall,
                             absl::FromChrono(LoopClock::now() - started_));
}

void Exchange::ReportTrouble(const UpstreamAnswer& answer) {
  if (const std::string encoding(answer.unreadable());
      !encoding.empty() && service_.notices.First(absl::StrCat("encoding ", encoding))) {
    LogWarning(
        "the upstream's answers are encoded in a way that is not known, and judged by their ",
        "status alone: ", EscapeControls(Ellipsize(encoding, 64)));
  }
  const bool unknown = answer.has_head() && answer.status() == 429 && !answer.verdict().known_code;
  if (answer.verdict().advice.empty() && !unknown) return;
  const zai::Verdict told = Told(answer);
  if (told.no_such_path) {
    const std::string url(PathOf(upstream_request_.url));
    if (inspection_.needs_slot && service_.notices.First(url)) {
      LogWarning(request_.method, " ", url, ": the upstream answered ", answer.status(), " ",
                 told.message, ": ", told.advice);
    }
  } else if (!told.advice.empty()) {
    LogWarningSparsely("the upstream answered ", told.code, ": ", told.message, " ", told.advice);
  }
  if (unknown) {
    LogWarningSparsely("the upstream answered 429 with an unknown code, \"", told.code,
                       "\": ", told.message);
  }
}

void Exchange::LendKey(const UpstreamAnswer& answer) {
  if (service_.meter == nullptr || !inspection_.needs_slot || !answer.has_head()) return;
  if (answer.status() == 401 || answer.status() == 403) return;
  service_.meter->Passed(request_.headers, answer.verdict().signal == zai::Signal::kWall);
}

}  // namespace zbroker::gateway
