// What holds after every step of a history.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "tests/sim/history.h"

namespace zbroker::sim {

using core::Amount;
using core::LeaseId;

namespace {

// Of the globs that histories use: names, and names that end in a star or a question mark.
bool GlobMatches(const std::string& glob, const std::string& text) {
  const std::string stem = glob.substr(0, glob.size() - 1);
  if (glob.ends_with('*')) return text.starts_with(stem);
  if (glob.ends_with('?')) return text.size() == glob.size() && text.starts_with(stem);
  return glob == text;
}

bool AnyMatches(const std::vector<std::string>& globs, const std::string& text) {
  return std::ranges::any_of(
      globs, [&](const std::string& glob) { return !text.empty() && GlobMatches(glob, text); });
}

core::Priority PriorityByRules(const core::AccountConfig& account, const core::Acquire& acquire) {
  if (acquire.priority_given) return acquire.request.priority;
  for (const core::PriorityRule& rule : account.priority_rules) {
    const bool applies =
        (rule.models.empty() || AnyMatches(rule.models, acquire.request.model)) &&
        (rule.programs.empty() || AnyMatches(rule.programs, acquire.client.holder.program) ||
         AnyMatches(rule.programs, acquire.program)) &&
        rule.background.value_or(acquire.background) == acquire.background;
    if (applies) return rule.priority;
  }
  return acquire.background ? core::Priority::kBackground : core::Priority::kNormal;
}

// Of hours as histories have them: some minutes of each day by UTC.
bool IsWithin(const core::WeekHours& hours, absl::Time time) {
  const int64_t minute = absl::ToInt64Minutes(time - absl::UnixEpoch()) % (24 * 60);
  return hours.from_minute <= minute && minute < hours.to_minute;
}

// What has been in flight for so long is served, whatever becomes of it.
constexpr absl::Duration kProof = absl::Seconds(5);

auto NameAndTime(const core::Block& block) {
  return std::tuple(block.reason, block.scope,
                    block.scope == core::Scope::kModel ? block.model : "",
                    block.scope == core::Scope::kKind ? block.kind : core::Kind::kPrompt,
                    block.since, block.until, block.step);
}

}  // namespace

void History::CheckInvariants(const core::Snapshot& snapshot) {
  for (const core::AccountSnapshot& account : snapshot.accounts) {
    CheckInFlight(account);
    CheckCaps(account);
    CheckTotals(account);
    CheckNothingAdmissible(account);
    CheckWindows(account);
    CheckBlocks(account);
    CheckPauses(account);
  }
}

// A block stands against nobody who was granted in the batch that it is in: a grant is the last
// thing that a batch does.
void History::CheckGrants(const core::Effects& effects) {
  for (const core::Record& record : effects.records) {
    const auto* opened = std::get_if<core::LeaseOpened>(&record);
    if (opened == nullptr) continue;
    EXPECT_EQ(opened->granted, now_);
    EXPECT_LE(opened->queued, opened->granted);
    EXPECT_GE(opened->queued, now_ - absl::Hours(24 * 60)) << "an arrival that can't be";
    if (ConfigOf(opened->request.account).shadow || clock_unread_) continue;
    EXPECT_EQ(ledger_.BlockAgainst(opened->request.account, opened->request, now_), nullptr)
        << "a grant in spite of a block: " << opened->request.ticket;
    EXPECT_FALSE(ledger_.IsPaused(opened->request.account, opened->request, opened->holder, now_))
        << "a grant in spite of a pause: " << opened->request.ticket;
  }
}

// A trial shows something while its holder is there, and until the hours of a schedule begin: what
// is learned in these stays in them.
void History::NoteTrials(const core::Snapshot& snapshot) {
  for (const core::AccountSnapshot& account : snapshot.accounts) {
    Known& known = known_[account.name];
    const bool scheduled = std::ranges::any_of(
        ConfigOf(account.name).schedules,
        [&](const core::ScheduleConfig& one) { return IsWithin(one.when, wall_.At(now_)); });
    if (scheduled || std::exchange(known.pinned, false)) known.trials.clear();
    for (const core::Lease& lease : account.leases) {
      if (!lease.trial) continue;
      if (lease.state != core::LeaseState::kHeld) known.trials.erase(lease.id);
      if (!scheduled && granted_now_.contains(lease.id)) known.trials.insert(lease.id);
    }
  }
}

// The limit rises because a trial was served, of this limit.
void History::CheckLearned(const std::vector<core::Record>& records) {
  std::vector<const core::LeaseClosed*> closed;
  for (const core::Record& record : records) {
    const auto* one = std::get_if<core::LeaseClosed>(&record);
    if (one == nullptr) continue;
    closed.push_back(one);
    const bool proven = one->closed - one->granted >= kProof;
    if (one->outcome != core::Outcome::kOk && !proven) {
      known_[one->account].trials.erase(one->lease);
    }
  }
  for (const core::Record& record : records) {
    const auto* learned = std::get_if<core::LimitLearned>(&record);
    if (learned == nullptr) continue;
    EXPECT_GE(learned->state.ceiling, learned->state.limit);
    // A model may get back what it had, once the account is blamed for its fall.
    if (!learned->model.empty()) continue;
    Known& known = known_[learned->account];
    const core::LearnedState& state = learned->state;
    const auto before = known.limits.find(state.hours);
    // Other hours begin with what was learned in those before.
    const bool same_hours = std::exchange(known.hours, state.hours) == state.hours;
    const bool rose = same_hours && before != known.limits.end() && state.limit > before->second &&
                      absl::EndsWith(state.why, "in flight were served");
    if (rose) {
      EXPECT_FALSE(known.trials.empty()) << learned->account << " learned from no trial";
      known.trials.clear();
    }
    known.limits[state.hours] = state.limit;
  }
  for (const core::LeaseClosed* one : closed) known_[one->account].trials.erase(one->lease);
}

void History::CheckPauses(const core::AccountSnapshot& account) {
  const std::vector<core::Pause> recorded = ledger_.PausesOf(account.name, now_);
  EXPECT_TRUE(std::ranges::equal(
      account.pauses, recorded,
      [](const auto& a, const auto& b) { return a.part == b.part && a.until == b.until; }))
      << "status and ledger disagree: " << account.pauses.size() << " pauses and "
      << recorded.size();
}

void History::CheckBlocks(const core::AccountSnapshot& account) {
  std::vector<decltype(NameAndTime(core::Block()))> shown, recorded;
  for (const core::Block& block : account.blocks) shown.push_back(NameAndTime(block));
  for (const core::Block& block : ledger_.StandingBlocks(account.name, now_)) {
    recorded.push_back(NameAndTime(block));
  }
  std::ranges::sort(shown);
  std::ranges::sort(recorded);
  EXPECT_TRUE(shown == recorded) << "status and ledger disagree: " << shown.size() << " blocks and "
                                 << recorded.size();
  const auto refusing = std::ranges::count_if(account.blocks, &core::Block::Refuses);
  EXPECT_EQ(ledger_.OpenEpisodes(account.name), static_cast<size_t>(refusing))
      << account.name << ": what was told is not what stands";
  for (const core::WaiterSnapshot& one : account.waiters) {
    const core::Request& request = one.waiter.request;
    const core::Block* block = ledger_.BlockAgainst(account.name, request, now_);
    if (one.waiter.client_gone()) continue;
    if (ledger_.IsPaused(account.name, request, one.waiter.client.holder, now_)) continue;
    EXPECT_EQ(one.state.reason == core::WaitReason::kBlocked, block != nullptr) << request.ticket;
    if (block == nullptr || !block->Refuses()) continue;
    EXPECT_TRUE(one.waiter.hold_until_reset) << "waits at a wall unasked: " << request.ticket;
  }
}

void History::CheckTotals(const core::AccountSnapshot& account) const {
  const core::Totals totals = ledger_.TotalsOf(account.name);
  EXPECT_EQ(account.totals.granted, totals.granted);
  EXPECT_EQ(account.totals.lost, totals.lost);
  EXPECT_EQ(account.totals.throttled, totals.throttled);
  EXPECT_EQ(account.totals.shadow_waits, totals.shadow_waits);
  EXPECT_EQ(account.totals.shadow_waited, totals.shadow_waited);
}

void History::CheckInFlight(const core::AccountSnapshot& account) {
  std::vector<LeaseId> held;
  for (const core::Lease& lease : account.leases) held.push_back(lease.id);
  EXPECT_EQ(held, ledger_.OpenLeases(account.name)) << "status and ledger disagree";
  std::set<LeaseId> hosts;
  bool slot_granted = false;
  bool trial_granted = false;
  for (const core::Lease& lease : account.leases) {
    slot_granted |= HoldsSlot(lease) && !lease.trial && granted_now_.contains(lease.id);
    trial_granted |= HoldsSlot(lease) && lease.trial && granted_now_.contains(lease.id);
    if (granted_now_.contains(lease.id)) CheckPriority(*ledger_.FindOpen(lease.id));
    CheckSlotless(account, lease);
    if (lease.host == 0) continue;
    EXPECT_TRUE(hosts.insert(lease.host).second) << "two nested in lease " << lease.host;
    const core::LeaseOpened* host = ledger_.FindOpen(lease.host);
    ASSERT_NE(host, nullptr) << "nested in a lease that has ended";
    EXPECT_EQ(host->holder.uid, lease.client.holder.uid);
  }
  EXPECT_EQ(account.in_flight, std::ranges::count_if(account.leases, HoldsSlot));
  // A lowered limit may leave more in flight, but then nothing gets a slot.
  if (slot_granted || trial_granted) {
    EXPECT_LE(account.in_flight, account.slot_limit + (trial_granted ? 1 : 0));
  }
}

// Calls of tools take slots where the configuration says so, and one that took none leaves none
// behind.
void History::CheckSlotless(const core::AccountSnapshot& account, const core::Lease& lease) const {
  if (granted_now_.contains(lease.id) && !account.retired) {
    const bool of_tool = lease.request.kind == core::Kind::kMcp;
    EXPECT_EQ(lease.slotless, of_tool && !ConfigOf(account.name).mcp_slots);
  }
  if (!lease.slotless) return;
  EXPECT_TRUE(lease.host == 0 && lease.guest == 0) << "nested without a slot: " << lease.id;
  EXPECT_NE(lease.state, core::LeaseState::kQuarantined) << "keeps no slot: " << lease.id;
  EXPECT_FALSE(lease.trial || lease.model_trial || lease.in_flight > 0) << "evidence of slots";
}

void History::CheckPriority(const core::LeaseOpened& opened) const {
  const auto asked = asked_.find(opened.request.ticket);
  // A reload may have changed the rules since it asked.
  if (asked == asked_.end() || rules_changed_ >= opened.queued) return;
  EXPECT_EQ(opened.request.priority,
            PriorityByRules(ConfigOf(opened.request.account), asked->second))
      << opened.request.ticket;
}

// Pools, sessions and interactive work keep what is theirs in what was granted just now.
void History::CheckCaps(const core::AccountSnapshot& account) const {
  const core::AccountConfig& config = ConfigOf(account.name);
  if (config.shadow || account.retired) return;
  const auto count = [&](auto matches) {
    return static_cast<int>(std::ranges::count_if(account.leases, [&](const core::Lease& lease) {
      return HoldsSlot(lease) && matches(lease.request);
    }));
  };
  const bool trial = std::ranges::any_of(account.leases, [&](const core::Lease& lease) {
    return lease.trial && granted_now_.contains(lease.id);
  });
  const int limit = account.slot_limit + (trial ? 1 : 0);
  for (const core::Lease& lease : account.leases) {
    if (!granted_now_.contains(lease.id) || lease.slotless) continue;
    for (size_t i = 0; i < config.pools.size(); ++i) {
      if ((lease.pools >> i & 1) == 0) continue;
      if (lease.host != 0 && InPoolAlready(account, lease.host, i)) continue;
      EXPECT_LE(InPool(account, i), config.pools[i].limit) << "pool " << i;
    }
    if (HoldsSlot(lease)) CheckGroupCap(account, lease.group);
    if (!HoldsSlot(lease)) continue;
    EXPECT_TRUE(!(lease.trial && lease.model_trial)) << "one lease is two trials";
    EXPECT_TRUE(!lease.model_trial || lease.takes_throttles) << "a trial that a program will see";
    EXPECT_TRUE(!lease.trial || lease.takes_throttles) << "a trial that a program will see";
    if (config.slots.per_session > 0) {
      EXPECT_LE(count([&](const auto& one) { return one.session == lease.request.session; }),
                config.slots.per_session);
    }
    if (lease.request.priority == core::Priority::kInteractive) continue;
    EXPECT_LE(count([](const auto& one) { return one.priority != core::Priority::kInteractive; }),
              limit - std::min(config.slots.reserve_interactive, limit - 1))
        << "reserved for interactive work";
  }
}

bool History::InPoolAlready(const core::AccountSnapshot& account, LeaseId host, size_t pool) {
  return std::ranges::any_of(account.leases, [&](const core::Lease& lease) {
    return lease.id == host && (lease.pools >> pool & 1) != 0;
  });
}

// How many of the leases count against the pool: those that are not nested in one that does.
int History::InPool(const core::AccountSnapshot& account, size_t pool) const {
  return static_cast<int>(std::ranges::count_if(account.leases, [&](const core::Lease& lease) {
    const bool inside = (lease.pools >> pool & 1) != 0 && !lease.shadow && !lease.slotless;
    return inside && (lease.host == 0 || !InPoolAlready(account, lease.host, pool));
  }));
}

// A lease of the group was granted just now.
void History::CheckGroupCap(const core::AccountSnapshot& account, const std::string& group) const {
  const core::KnownModelLimit* limit = LimitOf(account, group);
  if (limit == nullptr) return;
  const bool trial = std::ranges::any_of(account.leases, [&](const core::Lease& lease) {
    return lease.model_trial && lease.group == group && granted_now_.contains(lease.id);
  });
  EXPECT_LE(OfGroup(account, group), limit->limit + (trial ? 1 : 0)) << "group " << group;
  EXPECT_FALSE(trial && limit->pinned) << "a trial of what is pinned: " << group;
}

const core::KnownModelLimit* History::LimitOf(const core::AccountSnapshot& account,
                                              const std::string& group) {
  const auto limit = std::ranges::find_if(
      account.model_limits, [&](const auto& one) { return one.model == group && one.in_force; });
  return limit == account.model_limits.end() ? nullptr : &*limit;
}

// How many of the leases count against the limit of the group.
int History::OfGroup(const core::AccountSnapshot& account, const std::string& group) {
  const auto of_group = [&](LeaseId id) {
    return std::ranges::any_of(account.leases, [&](const core::Lease& lease) {
      return lease.id == id && lease.group == group;
    });
  };
  return static_cast<int>(std::ranges::count_if(account.leases, [&](const core::Lease& lease) {
    return lease.group == group && !lease.shadow && !lease.slotless &&
           (lease.host == 0 || !of_group(lease.host));
  }));
}

const core::AccountConfig& History::ConfigOf(const std::string& account) const {
  static const core::AccountConfig kRetired;
  const auto found = std::ranges::find(config_.accounts, account, &core::AccountConfig::name);
  return found == config_.accounts.end() ? kRetired : *found;
}

void History::CheckWindows(const core::AccountSnapshot& account) {
  for (const core::WindowSnapshot& window : account.windows) {
    const core::WindowConfig& config = window.config;
    EXPECT_EQ(window.used.micros(), ledger_.Used(account.name, config, wall_, now_).micros())
        << account.name << " " << config.name;
    EXPECT_EQ(window.full, ledger_.FullUntil(account.name, config) > now_)
        << account.name << " " << config.name;
    if (window.full && config.enforce != core::Enforce::kOff && !ConfigOf(account.name).shadow) {
      EXPECT_FALSE(charged_now_.contains({account.name, config.name}))
          << "charged though the meter says that it is used up: " << config.name;
    }
    // A new configuration may find more used than it allows, and a lease may turn out to have used
    // more than was expected, but then nothing is charged.
    const bool settles = config.unit == core::Unit::kTokens || config.unit == core::Unit::kCredits;
    if (config.enforce == core::Enforce::kHard && !settles && !ConfigOf(account.name).shadow &&
        charged_now_.contains({account.name, config.name})) {
      EXPECT_LE(window.used, config.limit);
    }
  }
}

}  // namespace zbroker::sim
