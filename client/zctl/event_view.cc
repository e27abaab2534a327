#include "client/zctl/event_view.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/paint.h"
#include "client/zctl/paragraph.h"

namespace zbroker::zctl {
namespace {

Paint PaintOf(const std::string& kind) {
  for (const char* const grave : {"wall", "breaker", "plan", "ledger", "config_error"}) {
    if (kind == grave) return Paint::kAlarm;
  }
  if (kind == "reset" || absl::EndsWith(kind, "_end")) return Paint::kGood;
  return kind == "throttles" || kind == "waiting" || kind == "lost" ? Paint::kCaution
                                                                    : Paint::kPlain;
}

}  // namespace

std::string RenderEvent(const v1::Event& event, absl::Time now, const ViewOptions& options) {
  std::string label = absl::StrCat(FormatInstant(ToTime(event.at()), now, options.zone), "  ",
                                   EscapeControls(event.kind()));
  if (!event.account().empty()) absl::StrAppend(&label, " of ", EscapeControls(event.account()));
  // A lost lease is named in the words.
  if (!event.subject().empty() && event.lease_id() == 0) {
    absl::StrAppend(&label, ", ", EscapeControls(event.subject()));
  }
  std::string words = EscapeControls(event.detail());
  if (!event.upstream_code().empty()) {
    absl::StrAppend(&words, " (", EscapeControls(event.upstream_code()), ")");
  }
  if (event.has_until()) {
    absl::StrAppend(&words, ", until ", FormatInstant(ToTime(event.until()), now, options.zone));
  }
  return Paragraph(label, words, PaintOf(event.kind()), 0, options);
}

std::string RenderEvents(const v1::EventPage& events, absl::Time now, const ViewOptions& options) {
  std::string out;
  for (const v1::Event& event : events.events()) {
    absl::StrAppend(&out, RenderEvent(event, now, options));
  }
  return out.empty() ? "nothing worth telling has happened\n" : out;
}

}  // namespace zbroker::zctl
