#include "client/zctl/gauges.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/limit_words.h"
#include "client/zctl/table.h"
#include "client/zctl/width.h"

namespace zbroker::zctl {
namespace {

constexpr size_t kBarWidthMin = 5;
constexpr size_t kBarWidthMax = 20;
constexpr size_t kPoolNameMax = 20;
constexpr double kNearlyFull = 0.75;

struct Gauge {
  std::string name;
  double used = 0;
  double limit = 0;  // 0: none
  std::string amount;
  std::string percent;
  std::vector<Cell> notes;  // the first beside the bar, the others below it
  Paint paint = Paint::kPlain;
};

// Any use shows, and only a full window looks full.
std::string Bar(const Gauge& gauge, size_t width) {
  if (gauge.limit <= 0) return "";
  const double share = std::clamp(gauge.used / gauge.limit, 0.0, 1.0);
  size_t filled = static_cast<size_t>(std::floor(share * static_cast<double>(width)));
  if (filled == 0 && gauge.used > 0) filled = 1;
  std::string bar;
  for (size_t i = 0; i < width; ++i) absl::StrAppend(&bar, i < filled ? "█" : "░");
  return bar;
}

std::string UseOf(const v1::SlotsStatus& slots) {
  std::vector<std::string> facts;
  if (slots.in_flight() > slots.limit()) facts.push_back("draining");
  if (slots.waiting() > 0) facts.push_back(absl::StrCat(slots.waiting(), " waiting"));
  if (slots.in_flight() == 0 && slots.waiting() == 0) facts.push_back("idle");
  return absl::StrJoin(facts, ", ");
}

// Whether who asks now is told so rather than made to wait.
bool Refuses(const v1::Blocked& blocked) {
  return blocked.reason() == "wall" || blocked.reason() == "breaker" || blocked.reason() == "plan";
}

std::vector<std::string> SlotsNotes(const v1::AccountStatus& account) {
  const v1::SlotsStatus& slots = account.slots();
  std::vector<std::string> notes = {UseOf(slots)};
  if (LimitOrigin(slots) != "configured") notes.push_back(DescribeLimit(slots));
  for (const v1::LearnedLimit& learned : slots.learned_limits()) {
    if (!learned.trial_under_way()) continue;
    notes.push_back(absl::StrCat("trying whether ", learned.limit() + 1, " are served"));
  }
  if (slots.reserved_outside() > 0) {
    notes.push_back(absl::StrCat(slots.reserved_outside(), " more left to programs out of reach"));
  }
  if (slots.has_start_interval()) {
    const absl::Duration interval = ToDuration(slots.start_interval());
    notes.push_back(absl::StrCat("starts ", zbroker::FormatDuration(interval), " apart (1303)"));
  }
  // In shadow mode nobody waits, and a wall refuses who does not ask to wait.
  const absl::Duration wait = ToDuration(account.expected_wait());
  if (wait > absl::ZeroDuration() && !account.shadow().on() && !Refuses(account.blocked())) {
    notes.push_back(absl::StrCat("a new request would wait ~", zbroker::FormatDuration(wait)));
  }
  if (notes[0].empty()) notes.erase(notes.begin());
  return notes;
}

Gauge SlotsGauge(const v1::AccountStatus& account) {
  const v1::SlotsStatus& slots = account.slots();
  Gauge gauge;
  gauge.name = "slots";
  gauge.used = slots.in_flight();
  gauge.limit = slots.limit();
  gauge.amount = absl::StrCat(slots.in_flight(), " of ", slots.limit(), " in flight");
  gauge.paint = slots.in_flight() < slots.limit() ? Paint::kGood : Paint::kCaution;
  for (std::string& note : SlotsNotes(account)) {
    gauge.notes.push_back({std::move(note), Paint::kQuiet});
  }
  return gauge;
}

// Stands below the slots, of which it is a part.
Gauge PoolGauge(const v1::PoolStatus& pool) {
  Gauge gauge;
  const std::string models = EscapeControls(absl::StrJoin(pool.models(), ", "));
  gauge.name = absl::StrCat("  ", FitWidth(models, kPoolNameMax));
  gauge.used = pool.in_flight();
  gauge.limit = pool.limit();
  gauge.amount = absl::StrCat(pool.in_flight(), " of ", pool.limit(), " in flight");
  gauge.paint = pool.in_flight() < pool.limit() ? Paint::kGood : Paint::kCaution;
  return gauge;
}

// What the window counts, in words; so many of it.
std::string UnitOf(const v1::WindowStatus& window, double count) {
  const std::string unit = absl::StrReplaceAll(EscapeControls(window.unit()), {{"_", " "}});
  return std::string(count == 1 ? absl::StripSuffix(unit, "s") : absl::string_view(unit));
}

// When there is more room, as in "resets 14:05:00 (2h5m)"; empty if that is not known.
std::string ReliefOf(const v1::WindowStatus& window, absl::string_view verb, absl::Time now,
                     absl::TimeZone zone) {
  const bool anchored = window.kind() == "anchored";
  const bool reset_known = anchored && window.has_reset();
  if (!reset_known && !window.has_next_release()) return "";
  const absl::Time at = ToTime(reset_known ? window.reset() : window.next_release());
  return absl::StrCat(anchored ? "resets" : verb, " ", FormatUntil(at, now, zone));
}

// The provider's figure beside ours, as in "provider 61 %, ours 48 %: 26 prompts came from
// elsewhere".
std::string MeterNote(const v1::WindowStatus& window) {
  const v1::WindowMeter& meter = window.meter();
  const auto percent = [](double value) {
    return absl::StrCat(FormatNumber(std::floor(value)), " %");
  };
  const std::string provider = absl::StrCat("provider ", percent(meter.percent()));
  if (window.limit() <= 0) return provider;
  const std::string foreign = FormatNumber(std::abs(meter.foreign()));
  if (foreign == "0") return absl::StrCat(provider, ", as counted here");
  const std::string both =
      absl::StrCat(provider, ", ours ", percent(meter.ours_percent()), ": ", foreign, " ");
  const std::string unit = UnitOf(window, std::abs(meter.foreign()));
  return meter.foreign() > 0 ? absl::StrCat(both, unit, " came from elsewhere")
                             : absl::StrCat(both, unit, " fewer than counted here");
}

std::vector<Cell> WindowNotes(const v1::WindowStatus& window, absl::Time now, absl::TimeZone zone) {
  std::vector<Cell> notes;
  const bool beyond = window.limit() > 0 && window.used() >= window.limit();
  if (window.meter().used_up()) {
    const std::string relief = ReliefOf(window, "frees", now, zone);
    const std::string text =
        absl::StrCat("used up, says the provider", relief.empty() ? "" : ", ", relief);
    notes.push_back({text, Paint::kAlarm});
    if (window.limit() > 0) notes.push_back({MeterNote(window), Paint::kQuiet});
    return notes;
  }
  if (window.enforce() == "probe" && (beyond || window.exhausted())) {
    notes.push_back({"the figure is approximate; one at a time", Paint::kCaution});
  } else if (window.exhausted()) {
    const std::string relief = ReliefOf(window, "frees", now, zone);
    const std::string text = absl::StrCat("exhausted", relief.empty() ? "" : ", ", relief);
    notes.push_back({text, Paint::kAlarm});
    if (window.has_meter()) notes.push_back({MeterNote(window), Paint::kQuiet});
    return notes;
  } else if (window.enforce() == "off" && beyond) {
    notes.push_back({"only counts", Paint::kQuiet});
  }
  const std::string relief = ReliefOf(window, "next ages out", now, zone);
  if (!relief.empty()) notes.push_back({relief, Paint::kQuiet});
  if (window.has_ahead_until()) {
    const std::string at = FormatUntil(ToTime(window.ahead_until()), now, zone);
    notes.push_back(
        {absl::StrCat("ahead of pace: background work waits until ", at), Paint::kCaution});
  }
  if (window.has_runs_out() && !beyond) {
    const std::string at = FormatAbout(ToTime(window.runs_out()), now, zone);
    notes.push_back({absl::StrCat("runs out ", at, " at this rate"), Paint::kCaution});
  }
  if (window.has_meter()) notes.push_back({MeterNote(window), Paint::kQuiet});
  return notes;
}

// " of glm-5*"; empty where all models count.
std::string OfModels(const v1::WindowStatus& window) {
  if (window.models().empty()) return "";
  const std::string models = EscapeControls(absl::StrJoin(window.models(), ", "));
  return absl::StrCat(" of ", FitWidth(models, kPoolNameMax));
}

Gauge WindowGauge(const v1::WindowStatus& window, absl::Time now, absl::TimeZone zone) {
  Gauge gauge;
  gauge.name = EscapeControls(window.name());
  gauge.used = window.used();
  gauge.limit = window.limit();
  gauge.notes = WindowNotes(window, now, zone);
  if (window.limit() <= 0) {
    gauge.amount = absl::StrCat(FormatNumber(window.used()), " ", UnitOf(window, window.used()),
                                OfModels(window));
    return gauge;
  }
  const double share = window.used() / window.limit();
  gauge.amount = absl::StrCat(FormatNumber(window.used()), " of ", FormatNumber(window.limit()),
                              " ", UnitOf(window, 2), OfModels(window));
  // Down, so that 100% means no room.
  gauge.percent = absl::StrCat(FormatNumber(std::floor(share * 100)), "%");
  if (window.exhausted() && (window.enforce() != "probe" || window.meter().used_up())) {
    gauge.paint = Paint::kAlarm;
  } else {
    gauge.paint = share < kNearlyFull ? Paint::kGood : Paint::kCaution;
  }
  return gauge;
}

// A plan brings a window of tool calls; who makes none has no use for it.
bool IsOfUse(const v1::WindowStatus& window) {
  return window.unit() != "mcp_calls" || window.used() > 0 || window.exhausted() ||
         window.meter().percent() > 0;
}

Table MakeTable(const std::vector<Gauge>& gauges, size_t bar_width) {
  using Align = Table::Align;
  Table table(
      {{.width_min = 6}, {}, {}, {.align = Align::kRight}, {.width_min = 12, .cut_last = true}},
      kIndent);
  for (const Gauge& gauge : gauges) {
    const bool alarming = gauge.paint == Paint::kAlarm;
    table.AddRow({{gauge.name},
                  {Bar(gauge, bar_width), gauge.paint},
                  {gauge.amount, alarming ? Paint::kAlarm : Paint::kPlain},
                  {gauge.percent, gauge.paint},
                  gauge.notes.empty() ? Cell{} : gauge.notes.front()});
    for (size_t i = 1; i < gauge.notes.size(); ++i) table.AddRow({{}, {}, {}, {}, gauge.notes[i]});
  }
  return table;
}

// What is left of a line when everything else has its room.
size_t BarWidth(const std::vector<Gauge>& gauges, size_t columns) {
  size_t name = 0, amount = 0, percent = 0, note = 0;
  for (const Gauge& gauge : gauges) {
    name = std::max(name, DisplayWidth(gauge.name));
    amount = std::max(amount, DisplayWidth(gauge.amount));
    percent = std::max(percent, DisplayWidth(gauge.percent));
    for (const Cell& cell : gauge.notes) note = std::max(note, DisplayWidth(cell.text));
  }
  constexpr size_t kGaps = 8;  // four, of two spaces each
  const size_t taken = kIndent + name + amount + percent + note + kGaps;
  if (columns < taken + kBarWidthMin) return 0;
  return std::min(columns - taken, kBarWidthMax);
}

}  // namespace

std::string RenderGauges(const v1::AccountStatus& account, absl::Time now,
                         const ViewOptions& options) {
  std::vector<Gauge> gauges = {SlotsGauge(account)};
  for (const v1::PoolStatus& pool : account.slots().pools()) gauges.push_back(PoolGauge(pool));
  for (const v1::WindowStatus& window : account.windows()) {
    if (!IsOfUse(window)) continue;
    gauges.push_back(WindowGauge(window, now, options.zone));
  }
  return MakeTable(gauges, BarWidth(gauges, options.columns)).Render(options);
}

}  // namespace zbroker::zctl
