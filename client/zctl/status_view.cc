#include "client/zctl/status_view.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/block_view.h"
#include "client/zctl/format.h"
#include "client/zctl/gauges.h"
#include "client/zctl/holder_view.h"
#include "client/zctl/paragraph.h"
#include "client/zctl/pause_view.h"
#include "client/zctl/table.h"
#include "client/zctl/waiter_view.h"
#include "client/zctl/width.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

std::string RenderErrors(const v1::DaemonStatus& daemon, const ViewOptions& options) {
  std::string out;
  if (!daemon.ledger_error().empty()) {
    absl::StrAppend(&out, Paragraph("NOTHING IS GRANTED", EscapeControls(daemon.ledger_error()),
                                    Paint::kAlarm, 0, options));
  }
  if (!daemon.config_error().empty()) {
    absl::StrAppend(&out, Paragraph("CONFIGURATION NOT RELOADED",
                                    absl::StrCat(EscapeControls(daemon.config_error()),
                                                 "; the configuration before it stays in force"),
                                    Paint::kAlarm, 0, options));
  }
  return out.empty() ? out : absl::StrCat(out, "\n");
}

std::string RenderHeading(const v1::AccountStatus& account, const ViewOptions& options) {
  const v1::TotalsStatus& totals = account.totals();
  Table table({{.width_min = 8}, {.width_min = 12, .cut_last = true}});
  table.AddRow({{EscapeControls(account.name()), Paint::kStrong},
                {absl::StrCat(totals.granted(), " granted, ", totals.throttled(), " throttled, ",
                              totals.lost(), " lost"),
                 Paint::kQuiet}});
  return table.Render(options);
}

// What shadow mode has found, on or not.
std::string RenderShadow(const v1::AccountStatus& account, const ViewOptions& options) {
  if (!account.has_shadow()) return "";
  const v1::ShadowStatus& shadow = account.shadow();
  const std::string found =
      shadow.waits() == 0
          ? "nothing would have waited yet"
          : absl::StrCat("would have waited ", shadow.waits(), " ×, ",
                         zbroker::FormatDuration(ToDuration(shadow.waited())), " in all");
  return shadow.on() ? Paragraph("shadow mode", found, Paint::kCaution, kIndent, options)
                     : Paragraph("shadow mode, off now", found, Paint::kQuiet, kIndent, options);
}

// What keeps the account from granting.
std::string RenderObstacles(const v1::AccountStatus& account, const v1::DaemonStatus& daemon,
                            absl::Time now, const ViewOptions& options) {
  std::string out;
  if (account.has_blocked()) {
    const v1::Blocked& blocked = account.blocked();
    std::string label = absl::StrCat("BLOCKED (", EscapeControls(blocked.reason()), ")");
    if (blocked.has_until()) {
      absl::StrAppend(&label, " until ", FormatUntil(ToTime(blocked.until()), now, options.zone));
    }
    // The ledger's error blocks every account and has been said once.
    const bool said = blocked.detail() == daemon.ledger_error();
    absl::StrAppend(&out, Paragraph(label, said ? "" : EscapeControls(blocked.detail()),
                                    Paint::kAlarm, kIndent, options));
  }
  if (account.slots().has_cool_down_until()) {
    absl::StrAppend(
        &out, Paragraph("cooling down",
                        absl::StrCat("no new grants until ",
                                     FormatUntil(ToTime(account.slots().cool_down_until()), now,
                                                 options.zone)),
                        Paint::kCaution, kIndent, options));
  }
  return out;
}

// What keeps a part of it from granting, or less grave than what keeps all of it.
std::string RenderBlocks(const v1::AccountStatus& account, absl::Time now,
                         const ViewOptions& options) {
  std::string out;
  for (const v1::Block& block : account.blocks()) {
    const bool whole = block.model().empty() && block.kind() == v1::KIND_UNSPECIFIED;
    // Said by `blocked` and the cool-down.
    if (block.reason() == v1::BLOCK_REASON_COOL_DOWN) continue;
    if (whole && Word(block.reason()) == account.blocked().reason()) continue;
    const bool wall = block.reason() == v1::BLOCK_REASON_WALL;
    absl::StrAppend(&out, Paragraph(BlockTitle(block, now, options.zone), BlockWords(block),
                                    wall ? Paint::kAlarm : Paint::kCaution, kIndent, options));
  }
  return out;
}

// Why the provider's figures may be old.
std::string RenderMeterTrouble(const v1::AccountStatus& account, absl::Time now,
                               const ViewOptions& options) {
  const v1::MeterStatus& meter = account.meter();
  if (meter.trouble().empty()) return "";
  const std::string read =
      meter.has_asked() ? absl::StrCat("; last read ",
                                       zbroker::FormatDuration(now - ToTime(meter.asked())), " ago")
                        : "";
  return Paragraph("meter", absl::StrCat(EscapeControls(meter.trouble()), read), Paint::kQuiet,
                   kIndent, options);
}

std::string RenderQueue(const v1::AccountStatus& account, const ViewOptions& options) {
  if (account.waiters().empty()) return "";
  using Align = Table::Align;
  Table table({{.title = "#", .align = Align::kRight},
               {.title = "WAITING", .width_min = 8},
               {.title = "PID", .align = Align::kRight, .spare = true},
               {.title = "SESSION", .width_min = 8},
               {.title = "PROJECT", .width_min = 8, .spare = true},
               {.title = "FOR", .align = Align::kRight},
               {.title = "EST", .align = Align::kRight},
               {.title = "WHY", .width_min = 12, .cut_last = true}},
              kIndent);
  for (const v1::WaiterInfo& waiter : account.waiters()) {
    table.AddRow({{WaiterPosition(waiter)},
                  {HolderName(waiter.holder()), Paint::kStrong},
                  {HolderPid(waiter.holder())},
                  {EscapeControls(waiter.session())},
                  {EscapeControls(waiter.project())},
                  {zbroker::FormatDuration(ToDuration(waiter.waited()))},
                  {WaiterEstimate(waiter)},
                  WaiterReasonCell(waiter)});
  }
  std::string out = absl::StrCat("\n", table.Render(options));
  const auto shown = static_cast<uint32_t>(account.waiters_size());
  if (account.slots().waiting() > shown) {
    absl::StrAppend(&out, MoreLine(account.slots().waiting() - shown, "queue", options));
  }
  return out;
}

std::string RenderGateways(const v1::Status& status, absl::Time now, const ViewOptions& options) {
  std::string out;
  for (const v1::GatewayInfo& one : status.gateways()) {
    std::vector<std::string> facts = {
        absl::StrCat("gateway on ", EscapeControls(one.address())),
        absl::StrCat("to ", EscapeControls(one.upstream())), absl::StrCat("pid ", one.pid()),
        absl::StrCat("up ", zbroker::FormatDuration(now - ToTime(one.started())))};
    if (!one.account().empty()) {
      facts.insert(facts.begin() + 1, absl::StrCat("for ", EscapeControls(one.account())));
    }
    absl::StrAppend(&out, out.empty() ? "\n" : "",
                    Painted(FitWidth(absl::StrJoin(facts, " · "), options.columns), Paint::kQuiet,
                            options.color),
                    "\n");
  }
  return out;
}

std::string RenderUnseen(const v1::DaemonStatus& daemon, const ViewOptions& options) {
  const uint32_t count = daemon.unseen_holders();
  if (count == 0) return "";
  constexpr absl::string_view kSlow = "the slot of one that is killed is free only after a while";
  const std::string text =
      daemon.in_container()
          ? absl::StrCat("`kill ", daemon.pid(), "` and `zctl status`, outside of the container ",
                         "that the daemon is in, start it there and lose nothing; until then ",
                         kSlow)
          : absl::StrCat("they are in another container; ", kSlow);
  return absl::StrCat(
      "\n", Paragraph(absl::StrCat("holders of ", count, count == 1 ? " lease" : " leases",
                                   " out of sight"),
                      text, Paint::kCaution, 0, options));
}

std::string RenderDaemon(const v1::DaemonStatus& daemon, absl::Time now,
                         const ViewOptions& options) {
  std::vector<std::string> facts = {
      absl::StrCat("zbrokerd ", EscapeControls(daemon.version())),
      absl::StrCat("pid ", daemon.pid()),
      absl::StrCat("up ", zbroker::FormatDuration(now - ToTime(daemon.started()))),
      absl::FormatTime("%Y-%m-%d %H:%M:%S", now, options.zone)};
  if (daemon.in_container()) facts.insert(facts.begin() + 2, "in a container");
  const std::string text = FitWidth(absl::StrJoin(facts, " · "), options.columns);
  return absl::StrCat("\n", Painted(text, Paint::kQuiet, options.color), "\n");
}

}  // namespace

std::string RenderStatus(const v1::Status& status, const ViewOptions& options) {
  const absl::Time now = ToTime(status.now());
  std::string out = RenderErrors(status.daemon(), options);
  for (int i = 0; i < status.accounts_size(); ++i) {
    const v1::AccountStatus& account = status.accounts(i);
    absl::StrAppend(&out, i == 0 ? "" : "\n", RenderHeading(account, options),
                    RenderShadow(account, options),
                    RenderObstacles(account, status.daemon(), now, options),
                    RenderPauses(account, now, options), RenderBlocks(account, now, options),
                    RenderGauges(account, now, options), RenderMeterTrouble(account, now, options),
                    RenderHolders(account, options), RenderQueue(account, options));
  }
  absl::StrAppend(&out, RenderUnseen(status.daemon(), options));
  absl::StrAppend(&out, RenderGateways(status, now, options));
  absl::StrAppend(&out, RenderDaemon(status.daemon(), now, options));
  return out;
}

}  // namespace zbroker::zctl
