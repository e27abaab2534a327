#include "client/zctl/limit_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/limit_words.h"
#include "client/zctl/table.h"
#include "client/zctl/width.h"

namespace zbroker::zctl {
namespace {

std::string RenderHeading(const v1::AccountStatus& account, const ViewOptions& options) {
  const v1::SlotsStatus& slots = account.slots();
  Table table({{.width_min = 8}, {}, {.width_min = 8, .cut_last = true}});
  table.AddRow({{EscapeControls(account.name()), Paint::kStrong},
                {DescribeLimit(slots), slots.pinned() ? Paint::kCaution : Paint::kPlain},
                {absl::StrCat(slots.in_flight(), " in flight, ", slots.waiting(), " waiting"),
                 Paint::kQuiet}});
  return table.Render(options);
}

// The instant that the reason is about: the limit has moved, or its ceiling was met again.
std::string WhenLearned(const v1::LearnedLimit& learned, absl::Time now, absl::TimeZone zone) {
  if (!learned.has_changed() && !learned.has_confirmed()) return "";
  return FormatInstant(std::max(ToTime(learned.changed()), ToTime(learned.confirmed())), now, zone);
}

std::string RenderLearned(const v1::SlotsStatus& slots, absl::Time now,
                          const ViewOptions& options) {
  if (slots.learned_limits().empty()) return "";
  using Align = Table::Align;
  Table table({{.title = "HOURS"},
               {.title = "LIMIT", .align = Align::kRight},
               {.title = "CEILING", .align = Align::kRight, .spare = true},
               {.title = "WHEN", .spare = true},
               {.title = "WHY", .width_min = 12, .cut_last = true}},
              kIndent);
  for (const v1::LearnedLimit& learned : slots.learned_limits()) {
    const bool now_in_force = learned.in_force();
    const Paint paint = now_in_force ? Paint::kPlain : Paint::kQuiet;
    table.AddRow({{absl::StrCat(EscapeControls(learned.hours()), now_in_force ? ", now" : ""),
                   now_in_force ? Paint::kStrong : Paint::kQuiet},
                  {absl::StrCat(learned.limit()), paint},
                  {learned.ceiling() == 0 ? "" : absl::StrCat(learned.ceiling()), paint},
                  {WhenLearned(learned, now, options.zone), paint},
                  {EscapeControls(learned.reason()), paint}});
  }
  return table.Render(options);
}

std::string HoursOf(const v1::LearnedLimit& learned) {
  if (learned.pinned()) return "pinned";
  return absl::StrCat(EscapeControls(learned.hours()), learned.in_force() ? ", now" : "");
}

std::string RenderModels(const v1::SlotsStatus& slots, absl::Time now, const ViewOptions& options) {
  if (slots.model_limits().empty()) return "";
  using Align = Table::Align;
  Table table({{.title = "MODEL", .width_min = 8},
               {.title = "HOURS"},
               {.title = "LIMIT", .align = Align::kRight},
               {.title = "CEILING", .align = Align::kRight, .spare = true},
               {.title = "IN FLIGHT", .align = Align::kRight},
               {.title = "WHEN", .spare = true},
               {.title = "WHY", .width_min = 12, .cut_last = true}},
              kIndent);
  for (const v1::LearnedLimit& learned : slots.model_limits()) {
    const bool now_in_force = learned.in_force();
    const Paint paint = now_in_force ? Paint::kPlain : Paint::kQuiet;
    table.AddRow({{EscapeControls(learned.model()), now_in_force ? Paint::kStrong : Paint::kQuiet},
                  {HoursOf(learned), learned.pinned() ? Paint::kCaution : paint},
                  {absl::StrCat(learned.limit()), paint},
                  {learned.ceiling() == 0 ? "" : absl::StrCat(learned.ceiling()), paint},
                  {now_in_force ? absl::StrCat(learned.in_flight()) : "", paint},
                  {WhenLearned(learned, now, options.zone), paint},
                  {EscapeControls(learned.reason()), paint}});
  }
  return table.Render(options);
}

// Whether one more is tried, or when; empty when that is not a matter of time.
std::string NextTrial(const v1::LearnedLimit& learned, absl::Time now, absl::TimeZone zone) {
  const uint32_t tried = learned.limit() + 1;
  if (learned.trial_under_way()) {
    return absl::StrCat("trying now whether ", tried, " are served");
  }
  if (!learned.has_next_trial()) return "";
  const absl::Time at = ToTime(learned.next_trial());
  if (at <= now) return absl::StrCat("when somebody waits for a slot, ", tried, " are tried");
  return absl::StrCat("from ", FormatUntil(at, now, zone), ", when somebody waits for a slot, ",
                      tried, " are tried");
}

std::vector<std::string> Remarks(const v1::SlotsStatus& slots, absl::Time now,
                                 absl::TimeZone zone) {
  std::vector<std::string> remarks;
  if (slots.pinned()) {
    remarks.push_back("pinned until `zctl limit auto`; nothing is learned meanwhile");
  } else if (slots.learned_limits().empty()) {
    remarks.push_back("does not learn");
  }
  for (const v1::LearnedLimit& learned : slots.learned_limits()) {
    if (!learned.in_force() || slots.pinned()) continue;
    const std::string next = NextTrial(learned, now, zone);
    if (!next.empty()) remarks.push_back(next);
  }
  for (const v1::LearnedLimit& learned : slots.model_limits()) {
    const std::string next = learned.in_force() ? NextTrial(learned, now, zone) : "";
    if (next.empty()) continue;
    remarks.push_back(absl::StrCat(EscapeControls(learned.model()), ": ", next));
  }
  for (const v1::PoolStatus& pool : slots.pools()) {
    const std::string models = EscapeControls(absl::StrJoin(pool.models(), ", "));
    remarks.push_back(absl::StrCat("pool ", models, ": limit ", pool.limit(), ", ",
                                   pool.in_flight(), " in flight"));
  }
  if (slots.reserved_outside() > 0) {
    remarks.push_back(
        absl::StrCat(slots.reserved_outside(), " more left to programs out of reach"));
  }
  if (slots.has_unclean_hold()) {
    remarks.push_back(absl::StrCat("a slot whose client is gone is kept for ",
                                   zbroker::FormatDuration(ToDuration(slots.unclean_hold())),
                                   ", as what was left behind ran on upstream"));
  }
  if (slots.reserved_interactive() > 0) {
    remarks.push_back(absl::StrCat(slots.reserved_interactive(), " reserved for interactive work"));
  }
  if (slots.per_session() > 0) {
    remarks.push_back(absl::StrCat("at most ", slots.per_session(), " for one session"));
  }
  return remarks;
}

// Whole remarks, over as many lines as they need.
std::string RenderRemark(const std::string& remark, const ViewOptions& options) {
  const size_t columns = options.columns - std::min(options.columns, 2 * kIndent);
  std::string out;
  for (const std::string& line : WrapWords(remark, columns)) {
    absl::StrAppend(&out, std::string(out.empty() ? kIndent : 2 * kIndent, ' '),
                    Painted(line, Paint::kQuiet, options.color), "\n");
  }
  return out;
}

}  // namespace

std::string RenderLimits(const v1::Status& status, const ViewOptions& options) {
  const absl::Time now = ToTime(status.now());
  std::string out;
  for (const v1::AccountStatus& account : status.accounts()) {
    absl::StrAppend(&out, out.empty() ? "" : "\n", RenderHeading(account, options),
                    RenderLearned(account.slots(), now, options),
                    RenderModels(account.slots(), now, options));
    for (const std::string& remark : Remarks(account.slots(), now, options.zone)) {
      absl::StrAppend(&out, RenderRemark(remark, options));
    }
  }
  return out;
}

v1::LimitList LimitsOf(const v1::Status& status) {
  v1::LimitList list;
  for (const v1::AccountStatus& account : status.accounts()) {
    v1::AccountLimits& limits = *list.add_accounts();
    limits.set_name(account.name());
    *limits.mutable_slots() = account.slots();
  }
  return list;
}

std::string RenderLimitChange(const v1::AccountStatus& before, const v1::AccountStatus& after) {
  const v1::SlotsStatus& slots = after.slots();
  std::string out = absl::StrCat(EscapeControls(after.name()), ": ", DescribeLimit(slots));
  if (slots.pinned()) absl::StrAppend(&out, "; `zctl limit auto` unpins it");
  absl::StrAppend(&out, "\n  before: ", DescribeLimit(before.slots()), "\n");
  if (slots.in_flight() > slots.limit()) {
    absl::StrAppend(&out, "  ", slots.in_flight(),
                    " in flight: they go on, and nothing is granted until enough have ended\n");
  }
  return out;
}

v1::LimitPreview PreviewOf(const v1::AccountStatus& before, const v1::SetLimitReply& reply) {
  v1::LimitPreview preview;
  preview.set_account(reply.account());
  preview.set_model(reply.model());
  preview.set_after(reply.limit());
  if (reply.model().empty()) {
    preview.set_before(before.slots().limit());
    preview.set_in_flight(before.slots().in_flight());
    return preview;
  }
  for (const v1::LearnedLimit& one : before.slots().model_limits()) {
    if (one.model() != reply.model() || !one.in_force()) continue;
    preview.set_before(one.limit());
    preview.set_in_flight(one.in_flight());
  }
  return preview;
}

std::string RenderLimitPreview(const v1::LimitPreview& preview) {
  const auto words = [](uint32_t limit) {
    return limit == 0 ? std::string("none of its own") : absl::StrCat(limit);
  };
  std::string out = absl::StrCat(EscapeControls(preview.account()), ": ");
  if (!preview.model().empty()) absl::StrAppend(&out, EscapeControls(preview.model()), ": ");
  absl::StrAppend(&out, "limit ", words(preview.before()), ", would be ", words(preview.after()),
                  "; nothing was changed\n");
  if (preview.after() > 0 && preview.in_flight() > preview.after()) {
    absl::StrAppend(&out, "  ", preview.in_flight(),
                    " in flight: they would go on, and nothing would be granted until enough have "
                    "ended\n");
  }
  return out;
}

std::string RenderModelLimitChange(const v1::AccountStatus& after, const std::string& model) {
  const std::string name = EscapeControls(model);
  std::string out = absl::StrCat(EscapeControls(after.name()), ": ", name, ": ");
  const auto& limits = after.slots().model_limits();
  const auto limit = std::ranges::find_if(
      limits, [&](const v1::LearnedLimit& one) { return one.model() == model && one.in_force(); });
  if (limit == limits.end()) {
    return absl::StrCat(out, "no limit but the account's, until the provider shows one\n");
  }
  absl::StrAppend(&out, "limit ", limit->limit(), limit->pinned() ? ", pinned" : ", learned");
  if (limit->pinned()) absl::StrAppend(&out, "; `zctl limit auto --model '", name, "'` unpins it");
  out += "\n";
  if (limit->in_flight() > limit->limit()) {
    absl::StrAppend(&out, "  ", limit->in_flight(),
                    " in flight: they go on, and no more are granted until enough have ended\n");
  }
  return out;
}

}  // namespace zbroker::zctl
