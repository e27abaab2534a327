#include "client/zctl/statusline_view.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace zbroker::zctl {
namespace {

constexpr std::pair<absl::string_view, BarKind> kBars[] = {{"terminal", BarKind::kTerminal},
                                                           {"tmux", BarKind::kTmux},
                                                           {"waybar", BarKind::kWaybar},
                                                           {"starship", BarKind::kStarship}};
constexpr absl::string_view kBetween = " · ";
// From here on a window deserves a look.
constexpr double kNearlyFull = 0.85;
constexpr size_t kBlockedMax = 40;

// A piece of the line, and how it is to look.
struct Piece {
  std::string text;
  Paint paint = Paint::kPlain;
};

struct Line {
  std::string account;
  Piece blocked, slots, waiting;
  std::vector<Piece> windows;
  double fullest = 0;  // share of the window that is used most

  std::vector<Piece> All() const {
    std::vector<Piece> all = {blocked, slots, waiting};
    all.insert(all.end(), windows.begin(), windows.end());
    std::erase_if(all, [](const Piece& piece) { return piece.text.empty(); });
    return all;
  }
};

// "14:05", with the day if that is another.
std::string Clock(absl::Time time, absl::Time now, absl::TimeZone zone) {
  const bool today = absl::ToCivilDay(time, zone) == absl::ToCivilDay(now, zone);
  return absl::FormatTime(today ? "%H:%M" : "%a %H:%M", time, zone);
}

Piece Blocked(const v1::AccountStatus& account, absl::Time now, absl::TimeZone zone) {
  if (!account.has_blocked()) return {};
  std::string text = EscapeControls(account.blocked().reason());
  if (account.blocked().has_until()) {
    absl::StrAppend(&text, " until ", Clock(ToTime(account.blocked().until()), now, zone));
  }
  return {Ellipsize(text, kBlockedMax), Paint::kAlarm};
}

Piece Waiting(const v1::AccountStatus& account, const std::string& session) {
  const uint32_t waiting = account.slots().waiting();
  if (waiting == 0) return {};
  const auto own = std::count_if(
      account.waiters().begin(), account.waiters().end(),
      [&](const v1::WaiterInfo& one) { return !session.empty() && one.session() == session; });
  std::string text = absl::StrCat(waiting, waiting == 1 ? " waits" : " wait");
  if (own > 0) absl::StrAppend(&text, ", ", own, " here");
  return {std::move(text), Paint::kCaution};
}

Piece Window(const v1::WindowStatus& window, double share, absl::Time now, absl::TimeZone zone) {
  std::string text = absl::StrCat(EscapeControls(window.name()), " ", std::floor(share * 100), "%");
  if (window.has_reset()) {
    absl::StrAppend(&text, " resets ", Clock(ToTime(window.reset()), now, zone));
  }
  const bool full = window.exhausted() && window.enforce() != "probe";
  return {std::move(text), full                  ? Paint::kAlarm
                           : share < kNearlyFull ? Paint::kPlain
                                                 : Paint::kCaution};
}

Line Describe(const v1::Status& status, const std::string& session, absl::TimeZone zone) {
  const v1::AccountStatus& account = status.accounts(0);
  const absl::Time now = ToTime(status.now());
  const v1::SlotsStatus& slots = account.slots();
  Line line{.account = EscapeControls(account.name()),
            .blocked = Blocked(account, now, zone),
            .slots = {absl::StrCat(slots.in_flight(), "/", slots.limit(), " slots")},
            .waiting = Waiting(account, session)};
  for (const v1::WindowStatus& window : account.windows()) {
    if (window.limit() <= 0 || window.used() <= 0) continue;
    const double share = window.used() / window.limit();
    line.fullest = std::max(line.fullest, share);
    line.windows.push_back(Window(window, share, now, zone));
  }
  return line;
}

std::string Join(const std::vector<Piece>& pieces, bool color) {
  return absl::StrJoin(pieces, kBetween, [&](std::string* out, const Piece& piece) {
    absl::StrAppend(out, Painted(piece.text, piece.paint, color));
  });
}

std::string TmuxStyle(Paint paint) {
  switch (paint) {
    case Paint::kAlarm:
      return "#[fg=red,bold]";
    case Paint::kCaution:
      return "#[fg=yellow]";
    case Paint::kQuiet:
      return "#[dim]";
    default:
      return "";
  }
}

// In tmux a "#" begins a command.
std::string ForTmux(const std::vector<Piece>& pieces) {
  return absl::StrJoin(pieces, kBetween, [](std::string* out, const Piece& piece) {
    const std::string style = TmuxStyle(piece.paint);
    absl::StrAppend(out, style, absl::StrReplaceAll(piece.text, {{"#", "##"}}),
                    style.empty() ? "" : "#[default]");
  });
}

std::string ForWaybar(const std::vector<Piece>& pieces, absl::string_view state, double fullest) {
  google::protobuf::Struct object;
  auto& fields = *object.mutable_fields();
  // It reads text and tooltip as markup.
  const std::string text =
      absl::StrReplaceAll(Join(pieces, false), {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
  fields["text"].set_string_value(text);
  fields["tooltip"].set_string_value(text);
  fields["class"].set_string_value(std::string(state));
  fields["percentage"].set_number_value(std::floor(std::min(fullest, 1.0) * 100));
  std::string json;
  return google::protobuf::util::MessageToJsonString(object, &json).ok() ? json : "{}";
}

std::string FillTemplate(absl::string_view text, const Line& line) {
  return absl::StrReplaceAll(text, {{"{account}", line.account},
                                    {"{slots}", line.slots.text},
                                    {"{waiting}", line.waiting.text},
                                    {"{windows}", Join(line.windows, false)},
                                    {"{blocked}", line.blocked.text},
                                    {"{line}", Join(line.All(), false)}});
}

bool IsPlaceholder(absl::string_view name) {
  const std::vector<absl::string_view> all = absl::StrSplit(kPlaceholders, ' ');
  return std::ranges::find(all, name) != all.end();
}

}  // namespace

BarKind BarOf(absl::string_view format) {
  for (const auto& [name, bar] : kBars) {
    if (format == name) return bar;
  }
  return format.empty() ? BarKind::kTerminal : BarKind::kTemplate;
}

absl::Status CheckBar(absl::string_view format) {
  if (BarOf(format) != BarKind::kTemplate) return absl::OkStatus();
  const auto wrong = [](absl::string_view what, absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", Ellipsize(EscapeControls(what), kBlockedMax), "\" ", why, kPlaceholders));
  };
  if (format.find_first_of("\r\n") != format.npos) {
    return wrong(format, "has a line break, and a status bar has one line; it may have ");
  }
  if (!absl::StrContains(format, '{')) {
    return wrong(format, "is none of terminal, tmux, waybar, starship and no text with some of ");
  }
  for (size_t at = format.find('{'); at != format.npos; at = format.find('{', at + 1)) {
    const size_t end = format.find('}', at);
    if (end == format.npos) return wrong(format.substr(at), "has no \"}\" at its end; there are ");
    const absl::string_view name = format.substr(at, end - at + 1);
    if (!IsPlaceholder(name)) return wrong(name, "is no field; there are ");
  }
  return absl::OkStatus();
}

std::string RenderStatusline(const v1::Status& status, absl::string_view format,
                             const std::string& session, bool color, absl::TimeZone zone) {
  if (status.accounts().empty()) return RenderNoStatusline("no account", format, color);
  const Line line = Describe(status, session, zone);
  switch (BarOf(format)) {
    case BarKind::kTmux:
      return ForTmux(line.All());
    case BarKind::kWaybar:
      return ForWaybar(line.All(),
                       !line.blocked.text.empty()   ? "blocked"
                       : !line.waiting.text.empty() ? "waiting"
                                                    : "fine",
                       line.fullest);
    case BarKind::kStarship:
      return Join(line.All(), false);
    case BarKind::kTemplate:
      return FillTemplate(format, line);
    case BarKind::kTerminal:
      break;
  }
  return Join(line.All(), color);
}

std::string RenderNoStatusline(absl::string_view why, absl::string_view format, bool color) {
  const std::vector<Piece> pieces = {{absl::StrCat("zbroker: ", why), Paint::kQuiet}};
  switch (BarOf(format)) {
    case BarKind::kTmux:
      return ForTmux(pieces);
    case BarKind::kWaybar:
      return ForWaybar(pieces, "off", 0);
    case BarKind::kStarship:
    case BarKind::kTemplate:
      return Join(pieces, false);
    case BarKind::kTerminal:
      break;
  }
  return Join(pieces, color);
}

}  // namespace zbroker::zctl
