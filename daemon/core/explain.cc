// Why nothing moves, or somebody does not: the gates as those who wait find them.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/core/account.h"
#include "daemon/core/broker.h"
#include "daemon/core/gate_list.h"

namespace zbroker::core {
namespace {

constexpr size_t kLeasesNamed = 5;

constexpr absl::string_view kGateWords[kGateNames] = {
    "pause",  "block", "slots",    "pool",   "model limit", "session", "reserve",
    "window", "pace",  "off-peak", "starts", "nesting",     "order"};

// Whether the question, which has a `what`, names the waiter.
bool Names(const Question& question, const Waiter& waiter) {
  if (!question.all_users && waiter.client.holder.uid != question.uid) return false;
  const Request& request = waiter.request;
  if (question.what == request.ticket || question.what == request.session) return true;
  int32_t pid = 0;
  if (!absl::SimpleAtoi(question.what, &pid) || pid <= 0) return false;
  return pid == waiter.client.holder.pid || pid == request.program_pid;
}

}  // namespace

absl::string_view Name(GateName name) { return kGateWords[static_cast<size_t>(name)]; }

std::string Account::EndOf(absl::FunctionRef<bool(const Lease&)> chosen) const {
  std::vector<LeaseId> ids;
  size_t more = 0;
  for (const LeaseId id : open_) {
    const Lease& lease = *clients_.FindLease(id);
    if (lease.host != 0 || lease.shadow || !chosen(lease)) continue;
    if (ids.size() < kLeasesNamed) {
      ids.push_back(id);
    } else {
      ++more;
    }
  }
  if (ids.empty()) return "a release, or a higher limit";
  return absl::StrCat(ids.size() == 1 ? "the end of lease " : "the end of one of the leases ",
                      absl::StrJoin(ids, ", "),
                      more == 0 ? "" : absl::StrCat(" and ", more, " more"));
}

std::vector<GateState> Account::GatesOf(const Waiter& waiter, const WaitState& told,
                                        size_t before) const {
  const Terms terms = TermsFor(waiter);
  const Asking asking = AskingOf(waiter);
  const GateSet set = Concerning(asking, terms);
  const Gate* binding = FirstShut(set, asking, terms);
  std::vector<GateState> states;
  for (const Gate& gate : kGates) {
    GateState& state = states.emplace_back();
    state.name = gate.name;
    state.applies = (set & Of(gate.name)) != 0;
    state.passed = !state.applies || !gate.shut(*this, asking, terms);
    if (state.passed) {
      state.words = gate.stands(*this, waiter, terms);
      continue;
    }
    WaitState why = told;
    why.until.reset();
    gate.tell(*this, waiter, terms, why);
    state.words = Describe(why);
    state.until = why.until;
    state.opens = gate.opens(*this, waiter);
    state.binds = &gate == binding;
  }
  states.push_back(NestingOf(waiter));
  states.push_back(OrderOf(waiter, told, before));
  states.back().binds = binding == nullptr && !states.back().passed;
  std::ranges::sort(states, {}, &GateState::name);
  return states;
}

GateState Account::NestingOf(const Waiter& waiter) const {
  GateState state{.name = GateName::kNesting};
  const Lease* parent = waiter.parent == 0 ? nullptr : clients_.FindLease(waiter.parent);
  if (parent == nullptr) {
    state.applies = false;
    state.words = "it was not started under a lease that is open";
    return state;
  }
  state.passed = Nesting::CanHost(*parent);
  if (state.passed) {
    state.words = absl::StrCat("it goes into the slot of lease ", parent->id);
  } else if (parent->guest != 0) {
    state.words = absl::StrCat("lease ", parent->id, ", under which it was started, hosts lease ",
                               parent->guest, " already");
    state.opens = absl::StrCat("the end of lease ", parent->guest);
  } else {
    state.words = absl::StrCat("the holder of lease ", parent->id, ", under which it was started, ",
                               "is gone");
  }
  return state;
}

GateState Account::OrderOf(const Waiter& waiter, const WaitState& told, size_t before) const {
  GateState state{.name = GateName::kOrder};
  // What others lack room in is not a matter of who is first of those who could go.
  // Where nobody does, all gates are simply open.
  const bool contested = told.reason == WaitReason::kOrder && !told.window.empty();
  state.applies = !TermsFor(waiter).host;
  state.passed = !state.applies || (before == 0 && !contested);
  if (contested) {
    state.words = Describe(told);
    state.opens = "its turn: so that small requests can't starve a large one";
  } else if (state.passed) {
    state.words = state.applies ? "nobody goes before it" : "it depends on no turn";
  } else {
    state.words = absl::StrCat(before, before == 1 ? " waiter goes" : " waiters go", " before it");
    state.opens = "its turn";
  }
  return state;
}

WaiterExplanation Account::ExplainFully(const Waiter& waiter,
                                        const std::vector<Waiter*>& order) const {
  WaiterExplanation out;
  size_t position = 0;
  Terms terms = TermsNow();
  // Whoever could have the next slot that is free, goes before.
  terms.offer = Capacity::Offer::kSlot;
  for (const Waiter* ahead : order) {
    ++position;
    if (ahead == &waiter) break;
    constexpr GateSet kOfOthers = kAllGates & ~Of(GateName::kStarts) & ~Of(GateName::kReserve);
    if (!Passes(kOfOthers, AskingOf(*ahead), terms)) continue;
    if (++out.before > Explanation::kBeforeMax) continue;
    out.first_before.push_back({*ahead, Explain(*ahead, position), quota_.Names(ahead->charges)});
  }
  const bool waits = position > 0 && order[position - 1] == &waiter;
  const WaitState told = Explain(waiter, waits ? position : order.size() + 1);
  out.gates = GatesOf(waiter, told, out.before);
  out.waiter = {waiter, told, quota_.Names(waiter.charges)};
  return out;
}

Waiter Account::Newcomer() const {
  Waiter newcomer;
  newcomer.request.account = name();
  newcomer.charges = quota_.Price(newcomer.request, now_);
  newcomer.paused = IsPaused(newcomer.request, newcomer.client.holder);
  return newcomer;
}

void Account::Explain(AccountExplanation& account) const {
  account.name = name();
  account.retired = retired_;
  account.in_flight = capacity_.taken();
  account.slot_limit = capacity_.limit();
  account.waiting = queue_.size();
  account.wait = ExpectedWait();
  const std::vector<Waiter*> order = InOrder();
  account.newcomer = ExplainFully(Newcomer(), order);
  if (!order.empty()) account.first = ExplainFully(*order.front(), order);
  if (!open_.empty()) account.oldest = Look(*clients_.FindLease(*open_.begin()));
  // By the words that are told: of many waiters there are few.
  std::map<std::string, AccountExplanation::Kept> kept;
  size_t position = 0;
  for (const Waiter* waiter : order) {
    const WaitState told = Explain(*waiter, ++position);
    const Gate* gate = FirstShut(kAllGates, AskingOf(*waiter), TermsFor(*waiter));
    AccountExplanation::Kept& one = kept[Describe(told)];
    if (one.waiters++ > 0) continue;
    one.gate.name = gate == nullptr ? GateName::kOrder : gate->name;
    one.gate.passed = false;
    one.gate.binds = true;
    one.gate.words = Describe(told);
    one.gate.until = told.until;
    if (gate != nullptr) one.gate.opens = gate->opens(*this, *waiter);
  }
  for (auto& [words, one] : kept) account.kept.push_back(std::move(one));
  std::ranges::stable_sort(account.kept, std::ranges::greater(),
                           &AccountExplanation::Kept::waiters);
  if (account.kept.size() > Explanation::kKeptMax) account.kept.resize(Explanation::kKeptMax);
}

void Account::Explain(const Question& question, std::vector<WaiterExplanation>& waiters) const {
  const std::vector<Waiter*> order = InOrder();
  for (const Waiter* waiter : order) {
    if (waiters.size() == Explanation::kWaitersMax) return;
    if (Names(question, *waiter)) waiters.push_back(ExplainFully(*waiter, order));
  }
}

absl::StatusOr<Explanation> Broker::Explain(const Question& question, BootTime now) const {
  Explanation out{.at = now, .ledger_error = ledger_error_};
  if (!question.account.empty() && !accounts_.contains(question.account)) {
    return absl::NotFoundError(absl::StrCat("no account ", question.account));
  }
  LeaseId id = 0;
  if (!question.what.empty() && absl::SimpleAtoi(question.what, &id)) {
    const Lease* lease = clients_.FindLease(id);
    if (lease != nullptr) out.lease = accounts_.at(lease->request.account).Look(*lease);
    if (out.lease) return out;
  }
  for (const auto& [name, account] : accounts_) {
    if (!question.account.empty() && name != question.account) continue;
    if (question.what.empty()) {
      account.Explain(out.accounts.emplace_back());
    } else {
      account.Explain(question, out.waiters);
    }
  }
  std::ranges::stable_sort(out.accounts, [&](const auto& a, const auto& b) {
    return (a.name == config_.default_account) > (b.name == config_.default_account);
  });
  return out;
}

}  // namespace zbroker::core
