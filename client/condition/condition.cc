#include "client/condition/condition.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/base/text.h"

namespace zbroker::condition {
namespace {

absl::Status Unknown(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Ellipsize(EscapeControls(text), 60),
                   "\" is no condition: slot, reset, idle, the number of a lease, or a window's "
                   "use, as 5h<80%"));
}

std::string Percent(double share) { return absl::StrCat(std::floor(share * 1000) / 10, " %"); }

// Used of a window, 1 being all of it; what the provider's meter says where we know no limit.
std::optional<double> ShareOf(const v1::WindowStatus& window) {
  if (window.limit() > 0) return window.used() / window.limit();
  if (window.has_meter()) return window.meter().percent() / 100;
  return std::nullopt;
}

// When something of the window comes back by itself.
std::optional<absl::Time> NextRoom(const v1::WindowStatus& window) {
  if (window.has_next_release()) return FromProtoTime(window.next_release());
  if (window.has_reset()) return FromProtoTime(window.reset());
  return std::nullopt;
}

std::string SlotsInWords(const v1::SlotsStatus& slots) {
  return absl::StrCat(slots.in_flight(), " of ", slots.limit(), " slots taken, ", slots.waiting(),
                      slots.waiting() == 1 ? " waits" : " wait");
}

// Whether a request of no particular model, for a person, meets it.
bool IsWallOfAll(const v1::Block& block) {
  return block.reason() == v1::BLOCK_REASON_WALL && block.model().empty() &&
         block.kind() != v1::KIND_MCP;
}
bool IsUsedUp(const v1::WindowStatus& window) {
  if (!window.models().empty() || window.unit() == "mcp_calls") return false;
  return window.meter().used_up() || (window.exhausted() && window.enforce() == "hard");
}

}  // namespace

absl::StatusOr<Condition> Condition::Parse(absl::string_view text) {
  if (text == "slot") return Condition("slot", Slot{});
  if (text == "reset") return Condition("reset", Reset{});
  if (text == "idle") return Condition("idle", Idle{});
  if (text.find_first_of("<>") != absl::string_view::npos) return ParseUsage(text);
  const bool digits = !text.empty() && std::ranges::all_of(text, absl::ascii_isdigit);
  uint64_t lease = 0;
  if (!digits || !absl::SimpleAtoi(text, &lease) || lease == 0) return Unknown(text);
  return Condition(std::string(text), Ended{lease});
}

absl::StatusOr<Condition> Condition::ParseUsage(absl::string_view text) {
  const size_t sign = text.find_first_of("<>");
  Usage usage;
  usage.below = text[sign] == '<';
  absl::string_view figure = text.substr(sign + 1);
  if (!figure.empty() && figure.front() == '=') {
    usage.equal = true;
    figure.remove_prefix(1);
  }
  usage.window = std::string(absl::StripAsciiWhitespace(text.substr(0, sign)));
  figure = absl::StripAsciiWhitespace(figure);
  if (!figure.empty() && figure.back() == '%') {
    usage.percent = true;
    figure.remove_suffix(1);
    figure = absl::StripTrailingAsciiWhitespace(figure);
  }
  // Plain figures: the library's idea of a number includes hexadecimal ones and infinity.
  const bool plain =
      std::ranges::all_of(figure, [](char c) { return absl::ascii_isdigit(c) || c == '.'; });
  if (usage.window.empty() || !CheckName("window", usage.window).ok() || !plain ||
      !absl::SimpleAtod(figure, &usage.figure) || !std::isfinite(usage.figure)) {
    return Unknown(text);
  }
  // What can't come to pass is a slip of the pen, and would be waited for for ever.
  if (usage.below && !usage.equal && usage.figure == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", EscapeControls(text), "\": nothing is below 0"));
  }
  return Condition(std::string(text), std::move(usage));
}

absl::StatusOr<Verdict> Condition::Judge(const v1::Status& status,
                                         absl::string_view account) const {
  if (const auto* ended = std::get_if<Ended>(&what_)) return Of(*ended, status);
  const v1::AccountStatus* found = nullptr;
  for (const v1::AccountStatus& one : status.accounts()) {
    if (found == nullptr && (account.empty() || one.name() == account)) found = &one;
  }
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("no account ", EscapeControls(account)));
  }
  if (const auto* usage = std::get_if<Usage>(&what_)) return Of(*usage, *found);
  if (std::holds_alternative<Idle>(what_)) return Of(Idle{}, *found);
  return std::holds_alternative<Slot>(what_) ? Of(Slot{}, *found) : Of(Reset{}, *found);
}

Verdict Condition::Of(const Slot&, const v1::AccountStatus& account) {
  const absl::Duration wait = FromProtoDuration(account.expected_wait());
  if (!account.has_blocked() && account.has_expected_wait() && wait <= absl::ZeroDuration()) {
    return {.reached = true, .words = "a slot is free"};
  }
  Verdict verdict;
  if (account.has_blocked()) {
    verdict.words = absl::StrCat(account.blocked().reason(), ": ", account.blocked().detail());
    if (account.blocked().has_until()) verdict.at = FromProtoTime(account.blocked().until());
    return verdict;
  }
  verdict.words = SlotsInWords(account.slots());
  for (const v1::Block& block : account.blocks()) {
    if (!block.model().empty() || block.reason() == v1::BLOCK_REASON_OVERLOAD) continue;
    const absl::Time until = FromProtoTime(block.until());
    if (!verdict.at || *verdict.at < until) verdict.at = until;
    absl::StrAppend(&verdict.words, ", the upstream asked for a pause");
    break;
  }
  return verdict;
}

Verdict Condition::Of(const Reset&, const v1::AccountStatus& account) {
  Verdict verdict;
  const auto later = [&verdict](std::optional<absl::Time> at) {
    if (at && (!verdict.at || *verdict.at < *at)) verdict.at = at;
  };
  std::vector<std::string> words;
  for (const v1::Block& block : account.blocks()) {
    if (!IsWallOfAll(block)) continue;
    words.push_back(block.detail().empty() ? "a wall stands"
                                           : absl::StrCat("wall: ", block.detail()));
    later(FromProtoTime(block.until()));
  }
  for (const v1::WindowStatus& window : account.windows()) {
    if (!IsUsedUp(window)) continue;
    words.push_back(absl::StrCat("window ", window.name(), " is used up"));
    later(NextRoom(window));
  }
  verdict.reached = words.empty();
  verdict.words = verdict.reached ? "no wall stands" : absl::StrJoin(words, "; ");
  return verdict;
}

Verdict Condition::Of(const Idle&, const v1::AccountStatus& account) {
  const v1::SlotsStatus& slots = account.slots();
  return {.reached = slots.in_flight() == 0 && slots.waiting() == 0 && account.leases().empty(),
          .words = SlotsInWords(slots),
          .at = std::nullopt};
}

Verdict Condition::Of(const Ended& ended, const v1::Status& status) {
  Verdict verdict{.reached = true, .words = absl::StrCat("lease ", ended.lease, " is not open")};
  for (const v1::AccountStatus& account : status.accounts()) {
    for (const v1::LeaseInfo& lease : account.leases()) {
      if (lease.lease_id() != ended.lease) continue;
      verdict.reached = false;
      verdict.words = absl::StrCat("lease ", ended.lease, " is open");
      if (lease.has_until() && lease.state() == v1::LEASE_STATE_QUARANTINED) {
        verdict.at = FromProtoTime(lease.until());
      }
    }
  }
  return verdict;
}

absl::StatusOr<Verdict> Condition::Of(const Usage& usage, const v1::AccountStatus& account) {
  std::vector<absl::string_view> names;
  for (const v1::WindowStatus& window : account.windows()) {
    names.push_back(window.name());
    if (window.name() != usage.window) continue;
    const auto share = ShareOf(window);
    if (usage.percent && !share) {
      return absl::FailedPreconditionError(
          absl::StrCat("no limit of window ", window.name(),
                       " is known, so there is no share of it; "
                       "name a plan or a limit in the configuration, or ask for a figure: ",
                       window.name(), "<100"));
    }
    const double now = usage.percent ? *share * 100 : window.used();
    Verdict verdict;
    verdict.reached = (usage.below ? now < usage.figure : now > usage.figure) ||
                      (usage.equal && now == usage.figure);
    verdict.words = absl::StrCat(
        "window ", window.name(), ": ",
        usage.percent ? Percent(*share) : absl::StrCat(window.used(), " ", window.unit()), " used");
    if (usage.below) verdict.at = NextRoom(window);
    return verdict;
  }
  return absl::NotFoundError(
      absl::StrCat("account ", account.name(), " has no window ", EscapeControls(usage.window),
                   names.empty() ? "" : absl::StrCat("; it has ", absl::StrJoin(names, ", "))));
}

}  // namespace zbroker::condition
