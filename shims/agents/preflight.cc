#include "shims/agents/preflight.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/duration.h"
#include "client/base/glob.h"
#include "client/base/proto_time.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "shims/agents/budget.h"
#include "shims/agents/obstacles.h"
#include "shims/agents/words.h"

namespace zbroker::agents {
namespace {

// A queue that takes longer is not worth standing in.
constexpr absl::Duration kLongQueue = absl::Minutes(10);
constexpr absl::Duration kWorthSaying = absl::Seconds(5);
// For sums that are a hair off.
constexpr double kTiny = 1e-6;
constexpr uint32_t kAnyNumber = std::numeric_limits<uint32_t>::max();

// What prompts would take of a window.
struct Demand {
  const v1::WindowStatus* window = nullptr;
  double each = 0;
  double all = 0;
  uint32_t fit_now = 0;
  uint32_t fit_ever = 0;
};

uint32_t Whole(double prompts) {
  constexpr double kMost = kAnyNumber - 1;
  return static_cast<uint32_t>(std::clamp(std::floor(prompts + kTiny), 0.0, kMost));
}

bool IsFor(const v1::WindowStatus& window, const std::string& model) {
  if (window.models().empty()) return true;
  return !model.empty() && AnyGlobMatches({window.models().begin(), window.models().end()}, model);
}

class Judgement {
 public:
  Judgement(const v1::PreflightRequest& request, const v1::AccountStatus& account,
            const Experience& experience, absl::Time now, absl::TimeZone zone)
      : request_(request), account_(account), experience_(experience), now_(now), zone_(zone) {
    for (const v1::WindowStatus& window : account.windows()) AddDemand(window);
  }

  v1::Preflight Come() && {
    const bool decided =
        Obstructed() || BeyondWholeWindow() || BeyondTheTime() || BeyondRoom() || BehindTheQueue();
    if (!decided) Go();
    if (FitNow() != kAnyNumber) reply_.set_prompts_that_fit(FitNow());
    AddCautions();
    std::string summary = absl::StrCat(Opening(), " ", absl::StrJoin(reasons_, " "));
    for (const std::string& caution : reply_.cautions()) {
      absl::StrAppend(&summary, " Note: ", caution);
    }
    reply_.set_summary(std::move(summary));
    return std::move(reply_);
  }

 private:
  void AddDemand(const v1::WindowStatus& window) {
    if (window.limit() <= 0 || window.enforce() == "off") return;
    if (!IsFor(window, request_.model())) return;
    const double each =
        window.prompt_charge() + experience_.calls_per_prompt() * window.call_charge();
    if (each <= 0) return;
    demands_.push_back({.window = &window,
                        .each = each,
                        .all = each * request_.prompts(),
                        .fit_now = Whole(LeftOf(window) / each),
                        .fit_ever = Whole(window.limit() / each)});
  }

  void Decide(const char* verdict, std::optional<absl::Time> until = std::nullopt) {
    reply_.set_verdict(verdict);
    if (until) SetProtoTime(*until, reply_.mutable_until());
  }
  void Say(std::string text) { reasons_.push_back(Sentence(std::move(text))); }

  bool Obstructed() {
    bool open_end = false;
    absl::Time until = now_;
    for (const v1::Obstacle& obstacle : ObstaclesOf(account_)) {
      if (IsBrief(obstacle) || !Stops(obstacle, request_.model())) continue;
      obstructed_ = true;
      open_end |= !obstacle.has_until();
      until = std::max(until, FromProtoTime(obstacle.until()));
      Say(Describe(obstacle, now_, zone_));
    }
    if (!obstructed_) return false;
    Decide("wait", open_end ? std::nullopt : std::optional(until));
    if (open_end) Say("nobody knows until when: tell the user");
    return true;
  }

  bool BeyondWholeWindow() {
    for (const Demand& demand : demands_) {
      if (demand.all <= demand.window->limit() + kTiny) continue;
      Decide("too_much");
      Say(absl::StrCat(Needs(demand), ", more than a whole window ", NameOf(demand), " of ",
                       zctl::FormatNumber(demand.window->limit()), ", which is enough for ",
                       Count(demand.fit_ever, "prompts")));
      Say(absl::StrCat("do at most ", FitNow(), " now, or split the work over several windows"));
      return true;
    }
    return false;
  }

  bool BeyondTheTime() {
    const auto each = TimeOfPrompt();
    if (request_.minutes() == 0 || !each) return false;
    const absl::Duration time = absl::Minutes(int64_t{request_.minutes()});
    const uint32_t at_once = std::max(account_.slots().limit(), 1u);
    if (*each * request_.prompts() / at_once <= time) return false;
    in_time_ = Whole(absl::FDivDuration(time, *each) * at_once);
    Decide("too_much");
    Say(absl::StrCat("a prompt has taken about ", zbroker::FormatDuration(*each),
                     " of late, so that ", Count(request_.prompts(), "prompts"), " take at least ",
                     zbroker::FormatDuration(*each * request_.prompts() / at_once), " even if all ",
                     at_once, " slots work for nothing else, and there are ", request_.minutes(),
                     " minutes"));
    Say(absl::StrCat("at most ", Count(FitNow(), "prompts"), " can be done in the time"));
    return true;
  }

  bool BeyondRoom() {
    std::optional<absl::Time> until;
    bool lacking = false;
    bool unknown = false;
    for (const Demand& demand : demands_) {
      if (demand.all <= LeftOf(*demand.window) + kTiny) continue;
      lacking = true;
      const auto free = FreeAt(*demand.window);
      unknown |= !free;
      if (free) until = std::max(until.value_or(*free), *free);
      Say(absl::StrCat(Needs(demand), ", but only ", zctl::FormatNumber(LeftOf(*demand.window)),
                       " are left of window ", NameOf(demand)));
    }
    if (!lacking) return false;
    Decide("wait", unknown ? std::nullopt : until);
    if (!unknown) {
      Say(absl::StrCat(
          reset_known_ ? "all of it is free again at " : "some of it is free again at ",
          When(*until, now_, zone_),
          reset_known_ ? "" : "; ask again then, as nobody knows when enough is"));
    }
    if (FitNow() > 0) Say(absl::StrCat(Count(FitNow(), "prompts"), " would fit now"));
    return true;
  }

  bool BehindTheQueue() {
    const absl::Duration wait = FromProtoDuration(account_.expected_wait());
    const absl::Duration patience =
        request_.minutes() == 0 ? kLongQueue : absl::Minutes(int64_t{request_.minutes()});
    if (!account_.has_expected_wait() || wait < patience) return false;
    Decide("wait", now_ + wait);
    Say(absl::StrCat(Count(account_.slots().waiting(), "requests"),
                     " wait already, and a new one would wait for about ",
                     zbroker::FormatDuration(wait)));
    return true;
  }

  void Go() {
    Decide("go");
    if (demands_.empty()) Say("no window with a limit counts such requests");
    for (const Demand& demand : demands_) {
      Say(absl::StrCat("window ", NameOf(demand), " has ",
                       Count(LeftOf(*demand.window), demand.window->unit()), " left of ",
                       zctl::FormatNumber(demand.window->limit()), ", and this needs about ",
                       zctl::FormatNumber(demand.all)));
    }
    const absl::Duration wait = FromProtoDuration(account_.expected_wait());
    if (account_.has_expected_wait() && wait >= kWorthSaying) {
      Say(absl::StrCat("the first request will wait for about ", zbroker::FormatDuration(wait)));
    }
    SayHowLong();
  }

  void SayHowLong() {
    const auto each = TimeOfPrompt();
    if (!each) return;
    const uint32_t slots = std::max(account_.slots().limit(), 1u);
    Say(absl::StrCat("one prompt after the other takes about ",
                     zbroker::FormatDuration(*each * request_.prompts()), "; more than ", slots,
                     " at once gain nothing, as there ", slots == 1 ? "is " : "are ",
                     Count(slots, "slots")));
  }

  void AddCautions() {
    const absl::Time end = now_ + absl::Minutes(int64_t{request_.minutes()});
    for (const Demand& demand : demands_) {
      const v1::WindowStatus& window = *demand.window;
      if (reply_.verdict() == "go" && window.has_runs_out() &&
          (request_.minutes() == 0 || FromProtoTime(window.runs_out()) < end)) {
        reply_.add_cautions(absl::StrCat(
            "at the rate at which it is used now, without this work, window ", NameOf(demand),
            " is used up at about ", When(FromProtoTime(window.runs_out()), now_, zone_), "."));
      }
    }
    for (const v1::Obstacle& obstacle : ObstaclesOf(account_)) {
      if (!IsBrief(obstacle) || !Stops(obstacle, request_.model())) continue;
      reply_.add_cautions(
          absl::StrCat(Describe(obstacle, now_, zone_), "; requests wait for that by themselves."));
    }
    if (request_.minutes() > 0 && reply_.has_until() && FromProtoTime(reply_.until()) > end) {
      reply_.add_cautions(
          absl::StrCat("that is after the ", request_.minutes(), " minutes that there are."));
    }
  }

  std::string Opening() const {
    if (reply_.verdict() == "go") return "GO.";
    if (reply_.verdict() == "too_much") return "TOO MUCH.";
    if (!reply_.has_until()) return "WAIT.";
    return absl::StrCat("WAIT until ", When(FromProtoTime(reply_.until()), now_, zone_), ".");
  }

  // When there is more of it; empty if that is not known.
  std::optional<absl::Time> FreeAt(const v1::WindowStatus& window) {
    if (window.has_reset()) return FromProtoTime(window.reset());
    reset_known_ = false;
    if (!window.has_next_release()) return std::nullopt;
    return FromProtoTime(window.next_release());
  }

  // From its begin to the end of the last call that follows from it, while it has a slot to itself.
  std::optional<absl::Duration> TimeOfPrompt() const {
    const auto held = experience_.held();
    if (!held) return std::nullopt;
    return *held * (1 + experience_.calls_per_prompt());
  }

  uint32_t FitNow() const {
    if (obstructed_) return 0;
    uint32_t fit = in_time_;
    for (const Demand& demand : demands_) fit = std::min(fit, demand.fit_now);
    return fit;
  }

  std::string Needs(const Demand& demand) const {
    return absl::StrCat(Count(request_.prompts(), "prompts"),
                        request_.prompts() == 1 ? " needs about " : " need about ",
                        Count(demand.all, demand.window->unit()));
  }
  static std::string NameOf(const Demand& demand) { return EscapeControls(demand.window->name()); }

  const v1::PreflightRequest& request_;
  const v1::AccountStatus& account_;
  const Experience& experience_;
  const absl::Time now_;
  const absl::TimeZone zone_;
  std::vector<Demand> demands_;
  v1::Preflight reply_;
  std::vector<std::string> reasons_;
  bool obstructed_ = false;
  bool reset_known_ = true;
  uint32_t in_time_ = kAnyNumber;
};

}  // namespace

v1::Preflight Judge(const v1::PreflightRequest& request, const v1::AccountStatus& account,
                    const Experience& experience, absl::Time now, absl::TimeZone zone) {
  return Judgement(request, account, experience, now, zone).Come();
}

}  // namespace zbroker::agents
