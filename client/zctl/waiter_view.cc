#include "client/zctl/waiter_view.h"

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

absl::string_view Describe(v1::WaitReason reason) {
  switch (reason) {
    case v1::WAIT_REASON_SLOTS:
      return "every slot is taken";
    case v1::WAIT_REASON_WINDOW:
      return "a window has no room";
    case v1::WAIT_REASON_PAUSED:
      return "the account is paused";
    case v1::WAIT_REASON_ORDER:
      return "somebody ahead waits for the same window";
    case v1::WAIT_REASON_BLOCKED:
      return "the upstream asked for a pause";
    case v1::WAIT_REASON_POOL:
      return "every slot for its model is taken";
    case v1::WAIT_REASON_SESSION:
      return "its session has as many slots as it may";
    case v1::WAIT_REASON_RESERVED:
      return "what is free is for interactive work";
    case v1::WAIT_REASON_PACING:
      return "starts are spaced";
    case v1::WAIT_REASON_PACE:
      return "background work is ahead of the pace";
    case v1::WAIT_REASON_OFF_PEAK:
      return "background work waits for off-peak hours";
    default:
      return "";
  }
}

std::string FormatDeadline(const v1::WaiterInfo& waiter, absl::TimeZone zone) {
  if (!waiter.has_deadline()) return "";
  const absl::Time now = ToTime(waiter.queued()) + ToDuration(waiter.waited());
  return FormatInstant(ToTime(waiter.deadline()), now, zone);
}

}  // namespace

std::string WaiterPosition(const v1::WaiterInfo& waiter) {
  return waiter.client_gone() || waiter.position() == 0 ? "-" : absl::StrCat(waiter.position());
}

std::string WaiterEstimate(const v1::WaiterInfo& waiter) {
  if (!waiter.has_estimate()) return "";
  return absl::StrCat("~", zbroker::FormatDuration(ToDuration(waiter.estimate())));
}

Cell WaiterReasonCell(const v1::WaiterInfo& waiter) {
  if (waiter.client_gone()) return {"its client is gone, place kept", Paint::kQuiet};
  if (!waiter.detail().empty()) return {EscapeControls(waiter.detail())};
  return {std::string(Describe(waiter.reason()))};
}

std::string RenderWaiters(const v1::WaiterList& waiters, const ViewOptions& options) {
  if (waiters.waiters().empty()) return "nobody waits\n";
  using Align = Table::Align;
  Table table({{.title = "#", .align = Align::kRight},
               {.title = "ACCOUNT", .width_min = 8, .only_if_varied = true},
               {.title = "PROGRAM", .width_min = 8},
               {.title = "PID", .align = Align::kRight, .spare = true},
               {.title = "SESSION", .width_min = 8},
               {.title = "PROJECT", .width_min = 8, .spare = true},
               {.title = "MODEL", .width_min = 7, .spare = true},
               {.title = "KIND", .spare = true},
               {.title = "PRIORITY", .spare = true, .only_if_varied = true},
               {.title = "WEIGHT", .align = Align::kRight, .spare = true, .only_if_varied = true},
               {.title = "TRY", .align = Align::kRight, .spare_last = true},
               {.title = "FOR", .align = Align::kRight},
               {.title = "EST", .align = Align::kRight},
               {.title = "DEADLINE", .spare = true},
               {.title = "WHY", .width_min = 20, .cut_last = true}});
  for (const v1::WaiterInfo& waiter : waiters.waiters()) {
    table.AddRow({{WaiterPosition(waiter), Paint::kStrong},
                  {EscapeControls(waiter.account())},
                  {HolderName(waiter.holder())},
                  {HolderPid(waiter.holder())},
                  {EscapeControls(waiter.session())},
                  {EscapeControls(waiter.project())},
                  {EscapeControls(waiter.model())},
                  {Word(waiter.kind())},
                  {Word(waiter.priority())},
                  {WeightOf(waiter)},
                  {RetryOf(waiter)},
                  {zbroker::FormatDuration(ToDuration(waiter.waited()))},
                  {WaiterEstimate(waiter)},
                  {FormatDeadline(waiter, options.zone)},
                  WaiterReasonCell(waiter)});
  }
  return table.Render(options);
}

}  // namespace zbroker::zctl
