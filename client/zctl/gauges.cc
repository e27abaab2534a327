#include "client/zctl/gauges.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/table.h"
#include "client/zctl/width.h"

namespace zbroker::zctl {
namespace {

constexpr size_t kIndent = 2;
constexpr size_t kBarWidthMin = 5;
constexpr size_t kBarWidthMax = 20;
constexpr double kNearlyFull = 0.75;

struct Gauge {
  std::string name;
  double used = 0;
  double limit = 0;  // 0: none
  std::string amount;
  std::string percent;
  std::string note;
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

Gauge SlotsGauge(const v1::SlotsStatus& slots) {
  Gauge gauge;
  gauge.name = "slots";
  gauge.used = slots.in_flight();
  gauge.limit = slots.limit();
  gauge.amount = absl::StrCat(slots.in_flight(), " of ", slots.limit(), " in flight");
  gauge.paint = slots.in_flight() < slots.limit() ? Paint::kGood : Paint::kCaution;
  std::vector<std::string> notes;
  if (slots.in_flight() > slots.limit()) notes.push_back("draining");
  if (slots.waiting() > 0) notes.push_back(absl::StrCat(slots.waiting(), " waiting"));
  if (slots.in_flight() == 0 && slots.waiting() == 0) notes.push_back("idle");
  if (slots.pinned()) {
    notes.push_back("limit pinned");
  } else if (slots.learned()) {
    notes.push_back("limit learned");
  }
  gauge.note = absl::StrJoin(notes, ", ");
  return gauge;
}

std::string WindowNote(const v1::WindowStatus& window, absl::Time now, absl::TimeZone zone) {
  const std::string release =
      window.has_next_release() ? FormatUntil(ToTime(window.next_release()), now, zone) : "";
  if (window.exhausted()) {
    return release.empty() ? "exhausted" : absl::StrCat("exhausted, frees ", release);
  }
  if (release.empty()) return "";
  return absl::StrCat("next ages out ", release);
}

Gauge WindowGauge(const v1::WindowStatus& window, absl::Time now, absl::TimeZone zone) {
  Gauge gauge;
  gauge.name = EscapeControls(window.name());
  gauge.used = window.used();
  gauge.limit = window.limit();
  const std::string unit = absl::StrReplaceAll(EscapeControls(window.unit()), {{"_", " "}});
  gauge.note = WindowNote(window, now, zone);
  if (window.limit() <= 0) {
    gauge.amount = absl::StrCat(FormatNumber(window.used()), " ", unit);
    return gauge;
  }
  const double share = window.used() / window.limit();
  gauge.amount =
      absl::StrCat(FormatNumber(window.used()), " of ", FormatNumber(window.limit()), " ", unit);
  // Down, so that 100% means no room.
  gauge.percent = absl::StrCat(FormatNumber(std::floor(share * 100)), "%");
  if (window.exhausted()) {
    gauge.paint = Paint::kAlarm;
  } else {
    gauge.paint = share < kNearlyFull ? Paint::kGood : Paint::kCaution;
  }
  return gauge;
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
                  {gauge.note, alarming ? Paint::kAlarm : Paint::kQuiet}});
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
    note = std::max(note, DisplayWidth(gauge.note));
  }
  constexpr size_t kGaps = 8;  // four, of two spaces each
  const size_t taken = kIndent + name + amount + percent + note + kGaps;
  if (columns < taken + kBarWidthMin) return 0;
  return std::min(columns - taken, kBarWidthMax);
}

}  // namespace

std::string RenderGauges(const v1::AccountStatus& account, absl::Time now,
                         const ViewOptions& options) {
  std::vector<Gauge> gauges = {SlotsGauge(account.slots())};
  for (const v1::WindowStatus& window : account.windows()) {
    gauges.push_back(WindowGauge(window, now, options.zone));
  }
  return MakeTable(gauges, BarWidth(gauges, options.columns)).Render(options);
}

}  // namespace zbroker::zctl
