#include "client/zctl/explain_view.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/holder_view.h"
#include "client/zctl/lease_view.h"
#include "client/zctl/paint.h"
#include "client/zctl/paragraph.h"
#include "client/zctl/table.h"
#include "client/zctl/waiter_view.h"

namespace zbroker::zctl {
namespace {

// Another user's has no name for us.
std::string WhoOf(const v1::WaiterInfo& waiter) {
  std::vector<std::string> words = {HolderName(waiter.holder())};
  if (const std::string pid = HolderPid(waiter.holder()); !pid.empty()) {
    words.push_back(absl::StrCat("pid ", pid));
  }
  if (!waiter.session().empty()) {
    words.push_back(absl::StrCat("session ", EscapeControls(waiter.session())));
  }
  return absl::StrJoin(words, ", ");
}

std::string HowItStands(const v1::Gate& gate) {
  if (gate.binds()) return "WAITS";
  return gate.passed() ? (gate.applies() ? "open" : "-") : "shut";
}

Paint PaintOf(const v1::Gate& gate) {
  if (gate.binds()) return Paint::kAlarm;
  if (gate.passed()) return Paint::kQuiet;
  return Paint::kCaution;
}

// "until 14:05:00 (1h51m), or `zctl resume`".
std::string OpensBy(const v1::Gate& gate, absl::Time now, absl::TimeZone zone) {
  std::vector<std::string> words;
  if (gate.has_until()) {
    words.push_back(absl::StrCat("at ", FormatUntil(ToTime(gate.until()), now, zone)));
  }
  if (!gate.opens().empty()) words.push_back(EscapeControls(gate.opens()));
  return absl::StrJoin(words, ", ");
}

template <typename Gates>
std::string RenderGates(const Gates& gates, const ViewOptions& options) {
  Table table({{.title = "GATE"},
               {.title = ""},
               {.title = "HOW IT STANDS", .width_min = 20, .cut_last = true}},
              kIndent);
  for (const v1::Gate& gate : gates) {
    const Paint paint = PaintOf(gate);
    table.AddRow({{EscapeControls(gate.name()), paint},
                  {HowItStands(gate), paint},
                  {EscapeControls(gate.detail()), paint}});
  }
  return table.Render(options);
}

// What opens those that are shut, in their order, that which binds first.
template <typename Gates>
std::string RenderOpeners(const Gates& gates, absl::Time now, const ViewOptions& options) {
  std::string out;
  for (const bool binds : {true, false}) {
    for (const v1::Gate& gate : gates) {
      if (gate.passed() || gate.binds() != binds) continue;
      const std::string by = OpensBy(gate, now, options.zone);
      if (by.empty()) continue;
      absl::StrAppend(&out, Paragraph(absl::StrCat(EscapeControls(gate.name()), " opens"), by,
                                      binds ? Paint::kStrong : Paint::kPlain, kIndent, options));
    }
  }
  return out;
}

std::string RenderBefore(const v1::WaiterExplanation& one, const ViewOptions& options) {
  if (one.before() == 0) return "";
  std::string out =
      Paragraph(absl::StrCat(one.before(), one.before() == 1 ? " goes before it" : " go before it"),
                "", Paint::kStrong, kIndent, options);
  for (const v1::WaiterInfo& ahead : one.first_before()) {
    absl::StrAppend(
        &out,
        Paragraph(WhoOf(ahead),
                  absl::StrCat("has waited ", zbroker::FormatDuration(ToDuration(ahead.waited()))),
                  Paint::kPlain, 2 * kIndent, options));
  }
  const auto shown = static_cast<uint32_t>(one.first_before_size());
  if (one.before() > shown) {
    absl::StrAppend(&out, std::string(2 * kIndent, ' '), "and ", one.before() - shown, " more\n");
  }
  return out;
}

// `label`: of what the waiter is an example, or empty.
std::string RenderWaiter(absl::string_view label, const v1::WaiterExplanation& one, absl::Time now,
                         const ViewOptions& options) {
  const v1::WaiterInfo& waiter = one.waiter();
  std::string words = absl::StrCat(
      "has waited ", zbroker::FormatDuration(ToDuration(waiter.waited())), " in ",
      EscapeControls(waiter.account()), ", number ", WaiterPosition(waiter), " in line");
  if (!waiter.model().empty()) {
    absl::StrAppend(&words, ", for model ", EscapeControls(waiter.model()));
  }
  if (const std::string estimate = WaiterEstimate(waiter); !estimate.empty()) {
    absl::StrAppend(&words, "; ", estimate, " to go");
  }
  return absl::StrCat(
      Paragraph(absl::StrCat(label, WhoOf(waiter)), words, Paint::kStrong, 0, options),
      Paragraph("waits", EscapeControls(waiter.detail()), Paint::kAlarm, kIndent, options),
      RenderOpeners(one.gates(), now, options), RenderBefore(one, options), "\n",
      RenderGates(one.gates(), options));
}

std::string RenderKept(const v1::AccountExplanation& account, absl::Time now,
                       const ViewOptions& options) {
  std::string out;
  for (const v1::Kept& kept : account.kept()) {
    const std::string by = OpensBy(kept.gate(), now, options.zone);
    absl::StrAppend(
        &out, Paragraph(absl::StrCat(kept.waiters(), kept.waiters() == 1 ? " waits" : " wait"),
                        absl::StrCat(EscapeControls(kept.gate().detail()),
                                     by.empty() ? "" : absl::StrCat("; opens: ", by)),
                        Paint::kCaution, kIndent, options));
  }
  return out;
}

std::string RenderAccount(const v1::AccountExplanation& account, absl::Time now,
                          const ViewOptions& options) {
  std::string out = absl::StrCat(
      Painted(EscapeControls(account.account()), Paint::kStrong, options.color), "  ",
      account.in_flight(), " of ", account.limit(), " slots, ", account.waiting(), " waiting\n",
      Paragraph(EscapeControls(account.verdict()), "", Paint::kPlain, kIndent, options),
      RenderKept(account, now, options));
  if (account.has_oldest() && account.waiting() > 0) {
    const v1::LeaseInfo& oldest = account.oldest();
    absl::StrAppend(
        &out,
        Paragraph("longest held",
                  absl::StrCat("lease ", oldest.lease_id(), " of ", HolderName(oldest.holder()),
                               ", for ", zbroker::FormatDuration(ToDuration(oldest.held())),
                               "; `zctl ", "revoke ", oldest.lease_id(), "` takes it away"),
                  Paint::kPlain, kIndent, options));
  }
  if (account.has_first()) {
    absl::StrAppend(&out, "\n", RenderWaiter("first in line: ", account.first(), now, options));
  } else {
    absl::StrAppend(&out, RenderOpeners(account.gates(), now, options), "\n",
                    std::string(kIndent, ' '), "a new request would find\n",
                    RenderGates(account.gates(), options));
  }
  return out;
}

}  // namespace

std::string RenderExplanation(const v1::Explanation& explanation, const ViewOptions& options) {
  const absl::Time now = ToTime(explanation.now());
  std::string out;
  if (!explanation.ledger_error().empty() || explanation.has_lease() || explanation.has_ended()) {
    out = Paragraph(EscapeControls(explanation.verdict()), "",
                    explanation.ledger_error().empty() ? Paint::kPlain : Paint::kAlarm, 0, options);
  }
  if (explanation.has_lease()) {
    v1::LeaseList lease;
    *lease.add_leases() = explanation.lease();
    absl::StrAppend(&out, RenderLeases(lease, options));
  }
  bool first = out.empty();
  for (const v1::WaiterExplanation& one : explanation.waiters()) {
    absl::StrAppend(&out, first ? "" : "\n", RenderWaiter("", one, now, options));
    first = false;
  }
  for (const v1::AccountExplanation& one : explanation.accounts()) {
    absl::StrAppend(&out, first ? "" : "\n", RenderAccount(one, now, options));
    first = false;
  }
  return out;
}

}  // namespace zbroker::zctl
