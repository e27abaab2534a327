#include "shims/agents/budget.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "shims/agents/obstacles.h"
#include "shims/agents/words.h"

namespace zbroker::agents {
namespace {

// A request that waits for less starts at once, as far as anybody would notice.
constexpr absl::Duration kAtOnce = absl::Seconds(1);

v1::WindowBudget ToBudget(const v1::WindowStatus& window) {
  v1::WindowBudget budget;
  budget.set_name(EscapeControls(window.name()));
  budget.set_unit(EscapeControls(window.unit()));
  budget.set_used(window.used());
  budget.set_limit(window.limit());
  budget.set_left(LeftOf(window));
  if (window.limit() > 0) {
    budget.set_used_percent(std::round(window.used() / window.limit() * 1000) / 10);
  }
  budget.set_used_up(window.limit() > 0 && budget.left() <= 0);
  if (window.has_reset()) *budget.mutable_reset() = window.reset();
  if (window.has_next_release()) *budget.mutable_next_release() = window.next_release();
  if (window.has_runs_out()) *budget.mutable_runs_out() = window.runs_out();
  if (window.has_ahead_until()) *budget.mutable_ahead_until() = window.ahead_until();
  for (const std::string& model : window.models()) budget.add_models(EscapeControls(model));
  return budget;
}

v1::AccountBudget ToBudget(const v1::AccountStatus& account) {
  v1::AccountBudget budget;
  const v1::SlotsStatus& slots = account.slots();
  budget.set_name(EscapeControls(account.name()));
  budget.set_slots(slots.limit());
  budget.set_slots_free(slots.limit() > slots.in_flight() ? slots.limit() - slots.in_flight() : 0);
  budget.set_waiting(slots.waiting());
  if (account.has_expected_wait()) *budget.mutable_expected_wait() = account.expected_wait();
  for (const v1::WindowStatus& window : account.windows()) {
    *budget.add_windows() = ToBudget(window);
  }
  budget.set_open(true);
  for (v1::Obstacle& obstacle : ObstaclesOf(account)) {
    if (obstacle.model().empty() && !IsBrief(obstacle)) budget.set_open(false);
    *budget.add_obstacles() = std::move(obstacle);
  }
  return budget;
}

std::string SlotWords(const v1::AccountBudget& account) {
  std::string text = absl::StrCat("Slots: ", account.slots() - account.slots_free(), " of ",
                                  account.slots(), " taken, ");
  if (account.waiting() == 0) {
    absl::StrAppend(&text, "nobody waits");
  } else {
    absl::StrAppend(&text, Count(account.waiting(), "requests"),
                    account.waiting() == 1 ? " waits" : " wait");
  }
  if (!account.open() || !account.has_expected_wait()) return text + ".";
  const absl::Duration wait = FromProtoDuration(account.expected_wait());
  return absl::StrCat(text, wait < kAtOnce ? "; a new request starts at once."
                                           : absl::StrCat("; a new request would wait for about ",
                                                          zbroker::FormatDuration(wait), "."));
}

std::string WindowWords(const v1::WindowBudget& window, absl::Time now, absl::TimeZone zone) {
  const auto when = [&](const google::protobuf::Timestamp& time) {
    return When(FromProtoTime(time), now, zone);
  };
  std::string text = absl::StrCat("Window ", window.name());
  if (!window.models().empty()) {
    absl::StrAppend(&text, " (only ", absl::StrJoin(window.models(), ", "), ")");
  }
  if (window.limit() <= 0) {
    return absl::StrCat(text, ": ", Count(window.used(), window.unit()), " used, no limit known.");
  }
  absl::StrAppend(&text, ": ", zctl::FormatNumber(window.used()), " of ",
                  Count(window.limit(), window.unit()), " used (",
                  zctl::FormatNumber(window.used_percent()), "%), ",
                  window.used_up() ? "nothing" : zctl::FormatNumber(window.left()), " left");
  if (window.has_reset()) {
    absl::StrAppend(&text, "; it is reset at ", when(window.reset()));
  } else if (window.has_next_release()) {
    absl::StrAppend(&text, "; some of it is free again from ", when(window.next_release()), " on");
  }
  if (window.has_runs_out()) {
    absl::StrAppend(&text, "; at the present rate it is used up at about ",
                    when(window.runs_out()));
  }
  if (window.has_ahead_until()) {
    absl::StrAppend(&text, "; background work waits until ", when(window.ahead_until()),
                    ", as more of it is used than the time allows that has passed");
  }
  return text + ".";
}

std::string AccountWords(const v1::AccountBudget& account, absl::Time now, absl::TimeZone zone) {
  std::string text = absl::StrCat("Account ", account.name(), ": ");
  if (account.open()) {
    absl::StrAppend(&text, "open.");
  } else {
    absl::StrAppend(&text, "CLOSED, nothing is let through.");
  }
  for (const v1::Obstacle& obstacle : account.obstacles()) {
    absl::StrAppend(&text, " ", Sentence(Describe(obstacle, now, zone)));
  }
  absl::StrAppend(&text, "\n", SlotWords(account));
  for (const v1::WindowBudget& window : account.windows()) {
    absl::StrAppend(&text, "\n", WindowWords(window, now, zone));
  }
  return text;
}

}  // namespace

double LeftOf(const v1::WindowStatus& window) {
  if (window.meter().used_up()) return 0;
  return std::max(window.limit() - window.used(), 0.0);
}

v1::Budget MakeBudget(const v1::Status& status, absl::TimeZone zone) {
  v1::Budget budget;
  *budget.mutable_now() = status.now();
  const absl::Time now = FromProtoTime(status.now());
  std::string words;
  for (const v1::AccountStatus& account : status.accounts()) {
    *budget.add_accounts() = ToBudget(account);
    absl::StrAppend(&words, AccountWords(*budget.accounts().rbegin(), now, zone), "\n");
  }
  absl::StrAppend(&words, "It is ", absl::FormatTime("%Y-%m-%d %H:%M", now, zone), ".");
  budget.set_summary(std::move(words));
  return budget;
}

}  // namespace zbroker::agents
