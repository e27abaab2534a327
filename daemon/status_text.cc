#include "daemon/status_text.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"

namespace zbroker {
namespace {

class Line {
 public:
  Line(const Now& now, absl::TimeZone zone) : now_(now), zone_(zone) {}

  std::string Of(const core::AccountSnapshot& account) const {
    std::vector<std::string> parts = Blocked(account);
    parts.push_back(absl::StrCat(account.in_flight, " of ", account.slot_limit, " slots"));
    if (!account.waiters.empty()) {
      parts.push_back(absl::StrCat(account.waiters.size(), " waiting"));
    }
    for (const core::WindowSnapshot& window : account.windows) {
      if (std::string text = Window(window); !text.empty()) parts.push_back(std::move(text));
    }
    return absl::StrJoin(parts, ", ");
  }

 private:
  std::string Time(BootTime boot) const {
    const absl::Time time = now_.WallAt(boot);
    const bool today = absl::ToCivilDay(time, zone_) == absl::ToCivilDay(now_.wall, zone_);
    return absl::FormatTime(today ? "%H:%M" : "%a %H:%M", time, zone_);
  }

  std::vector<std::string> Blocked(const core::AccountSnapshot& account) const {
    std::vector<std::string> parts;
    for (const core::Pause& pause : account.pauses) {
      if (!pause.part.whole()) continue;
      parts.push_back("paused");
    }
    // The gravest of the whole account: single models are nothing for one line.
    for (const core::Block& block : account.blocks) {
      if (block.scope != core::Scope::kAccount) continue;
      parts.push_back(absl::StrCat(core::Describe(block), " until ", Time(block.until)));
      break;
    }
    return parts;
  }

  std::string Window(const core::WindowSnapshot& window) const {
    const double limit = window.config.limit.ToDouble();
    if (limit <= 0) return "";
    const double share = std::floor(window.used.ToDouble() / limit * 100);
    std::string text = absl::StrCat(window.config.name, " ", share, " %");
    if (window.reset.has_value()) absl::StrAppend(&text, " resets ", Time(*window.reset));
    return text;
  }

  const Now now_;
  const absl::TimeZone zone_;
};

}  // namespace

std::string StatusText(const core::Snapshot& snapshot, const Now& now, absl::TimeZone zone) {
  const Line line(now, zone);
  std::vector<std::string> parts;
  if (!snapshot.ledger_error.ok()) {
    parts.push_back(absl::StrCat("no new leases: ", snapshot.ledger_error.message()));
  }
  for (const core::AccountSnapshot& account : snapshot.accounts) {
    // One that is no longer configured and that nobody holds a lease of any more.
    if (account.retired && account.leases.empty()) continue;
    const std::string text = line.Of(account);
    parts.push_back(snapshot.accounts.size() > 1 ? absl::StrCat(account.name, ": ", text) : text);
  }
  return Ellipsize(EscapeControls(absl::StrJoin(parts, "; ")), kStatusTextMax);
}

}  // namespace zbroker
