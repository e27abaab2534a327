// What has happened that somebody may want to hear of: read off the state after each batch, so that
// it does not matter what brought it about, nor which daemon was there.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "daemon/core/broker.h"

namespace zbroker::core {
namespace {

// So many throttles within so long are a burst, which is over when there was none for a while.
constexpr int kThrottlesOfABurst = 3;
constexpr absl::Duration kBurst = absl::Minutes(1);
constexpr absl::Duration kBurstOver = absl::Minutes(5);

std::string SubjectOf(const Block& block) {
  switch (block.scope) {
    case Scope::kAccount:
      return "";
    case Scope::kModel:
      return block.model.empty() ? "unknown model" : absl::StrCat("model ", block.model);
    case Scope::kKind:
      return absl::StrCat("kind ", Name(block.kind));
  }
  return "";
}

std::optional<HappeningKind> KindOf(const Block& block) {
  switch (block.reason) {
    case BlockReason::kWall:
      return HappeningKind::kWall;
    case BlockReason::kBreaker:
      return HappeningKind::kBreaker;
    case BlockReason::kPlan:
      return HappeningKind::kPlan;
    default:
      return std::nullopt;
  }
}

std::string WordsOf(const Block& block) {
  return block.detail.empty() ? Describe(block) : absl::StrCat(Describe(block), ": ", block.detail);
}

}  // namespace

void Account::TellHappenings(const HappeningTerms& terms, Episodes& episodes,
                             std::vector<Record>& records) const {
  const std::vector<Block> blocks = upstream_.Standing();
  for (const HappeningKind kind :
       {HappeningKind::kWall, HappeningKind::kBreaker, HappeningKind::kPlan}) {
    std::vector<Happening> standing;
    for (const Block& block : blocks) {
      if (KindOf(block) != kind) continue;
      standing.push_back({.account = name(),
                          .kind = kind,
                          .subject = SubjectOf(block),
                          .at = now_,
                          .until = block.until,
                          .detail = WordsOf(block),
                          .upstream_code = block.upstream_code});
    }
    if (standing.empty() && !episodes.AnyOf(kind, name())) continue;
    episodes.Tell(kind, name(), standing, now_, "", records);
  }
  TellWaiting(terms, episodes, records);
}

void Account::TellWaiting(const HappeningTerms& terms, Episodes& episodes,
                          std::vector<Record>& records) const {
  const Waiter* oldest = queue_.Oldest();
  const bool told = episodes.IsOpen(HappeningKind::kWaiting, name(), "");
  const absl::Duration waited =
      oldest == nullptr ? absl::ZeroDuration() : now_ - oldest->order.arrival;
  if (told ? (waited * 2 >= terms.long_wait || !terms.all_are_back) : waited < terms.long_wait) {
    return;
  }
  if (told) {
    return episodes.Tell(HappeningKind::kWaiting, name(), {}, now_,
                         "nobody waits for long any more", records);
  }
  Happening waiting{.account = name(),
                    .kind = HappeningKind::kWaiting,
                    .at = now_,
                    .detail = absl::StrCat(queue_.size(), queue_.size() == 1 ? " waits" : " wait",
                                           ", the first for ", zbroker::FormatDuration(waited),
                                           ": ", Describe(Explain(*oldest, PositionOf(*oldest))))};
  episodes.Tell(HappeningKind::kWaiting, name(), {std::move(waiting)}, now_, "", records);
}

BootTime Account::NextLongWait(absl::Duration long_wait) const {
  const Waiter* oldest = queue_.Oldest();
  if (oldest == nullptr) return BootTime::InfiniteFuture();
  const BootTime at = oldest->order.arrival + long_wait;
  return at > now_ ? at : BootTime::InfiniteFuture();
}

void Broker::RecallHappenings(const Recovered& recovered) {
  for (const Happening& one : recovered.open_happenings) episodes_.Recall(one);
  for (const LimitLearned& one : recovered.limits) {
    limits_told_[{one.account, one.model, one.state.hours}] = one.state.limit;
  }
}

void Broker::TellHappenings(BootTime now, Effects& effects) {
  std::vector<Record> told;
  settled_ = now;
  for (; effects.told < effects.records.size(); ++effects.told) {
    const Record& record = effects.records[effects.told];
    if (const auto* closed = std::get_if<LeaseClosed>(&record)) {
      TellClosed(*closed, now, told);
    } else if (const auto* learned = std::get_if<LimitLearned>(&record)) {
      TellLearned(*learned, now, told);
    }
  }
  std::set<std::string> names;
  const Account::HappeningTerms terms{config_.long_wait, now >= gathering_until_};
  for (const auto& [name, account] : accounts_) {
    names.insert(name);
    account.TellHappenings(terms, episodes_, told);
  }
  episodes_.KeepOnly(names, now, told);
  TellLedger(now, told);
  std::ranges::move(told, std::back_inserter(effects.records));
  effects.told = effects.records.size();
}

void Broker::TellLedger(BootTime now, std::vector<Record>& told) {
  if (ledger_trouble_.empty() && !episodes_.AnyOf(HappeningKind::kLedger, "")) return;
  const Happening trouble{.kind = HappeningKind::kLedger, .at = now, .detail = ledger_trouble_};
  // It may have begun and ended since the last time.
  if (!ledger_trouble_.empty()) {
    episodes_.Tell(HappeningKind::kLedger, "", {trouble}, now, "", told);
  }
  if (!ledger_error_.ok()) return;
  episodes_.Tell(HappeningKind::kLedger, "", {}, now, "the ledger can be written again", told);
  ledger_trouble_.clear();
}

void Broker::TellClosed(const LeaseClosed& closed, BootTime now, std::vector<Record>& told) {
  if (closed.outcome == Outcome::kLost) {
    told.push_back(
        Happening{.account = closed.account,
                  .kind = HappeningKind::kLost,
                  .subject = absl::StrCat(closed.lease),
                  .at = now,
                  .detail = absl::StrCat("lease ", closed.lease, " of ",
                                         zbroker::FormatDuration(closed.closed - closed.granted),
                                         ": its holder ended without a release"),
                  .lease = closed.lease});
  }
  if (closed.outcome != Outcome::kThrottle) return;
  Throttles& throttles = throttles_[closed.account];
  if (!throttles.at.empty() && now - throttles.at.back() > kBurstOver) throttles = {};
  throttles.at.push_back(now);
  while (now - throttles.at.front() > kBurst) throttles.at.pop_front();
  if (throttles.told || throttles.at.size() < kThrottlesOfABurst) return;
  throttles.told = true;
  told.push_back(
      Happening{.account = closed.account,
                .kind = HappeningKind::kThrottles,
                .at = now,
                .detail = absl::StrCat("the upstream said \"too many\" ", throttles.at.size(),
                                       " times within ", zbroker::FormatDuration(kBurst)),
                .upstream_code = closed.upstream_code});
}

void Broker::TellLearned(const LimitLearned& learned, BootTime now, std::vector<Record>& told) {
  const LearnedState& state = learned.state;
  const auto [known, is_new] =
      limits_told_.try_emplace({learned.account, learned.model, state.hours}, state.start);
  const int before = std::exchange(known->second, state.limit);
  // A model has no limit until it is blamed.
  if (before == state.limit && !(is_new && !learned.model.empty())) return;
  told.push_back(
      Happening{.account = learned.account,
                .kind = HappeningKind::kLimit,
                .subject = learned.model.empty() ? "" : absl::StrCat("model ", learned.model),
                .at = now,
                .detail = absl::StrCat(state.limit, state.limit == 1 ? " slot" : " slots",
                                       before == state.limit ? "" : absl::StrCat(" after ", before),
                                       " in ", Name(state.hours), " hours: ", state.why)});
}

void Broker::Handle(const Note& note, BootTime now, Effects& effects) {
  if (note.kind == HappeningKind::kGatewayUp) {
    std::vector<Happening> running;
    for (const auto& [subject, detail] : note.standing) {
      running.push_back({.kind = note.kind, .subject = subject, .at = now, .detail = detail});
    }
    return episodes_.Tell(note.kind, "", running, now, "", effects.records);
  }
  for (const auto& [subject, detail] : note.standing) {
    effects.records.push_back(
        Happening{.kind = note.kind, .subject = subject, .at = now, .detail = detail});
  }
}

void Broker::Handle(const HooksTold& told, BootTime, Effects& effects) {
  effects.records.push_back(told);
}

}  // namespace zbroker::core
