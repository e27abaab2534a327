// An account's waiters: from the Acquire to the grant or the refusal, and what they are told.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/glob.h"
#include "daemon/core/account.h"

namespace zbroker::core {
namespace {

// Who names none is a session by itself.
std::string SessionOf(const Acquire& acquire) {
  if (!acquire.request.session.empty()) return acquire.request.session;
  // All who can't be seen are not one.
  return acquire.client.holder.pid == 0 ? absl::StrCat("connection:", acquire.client.connection)
                                        : absl::StrCat("pid:", acquire.client.holder.pid);
}

}  // namespace

absl::Status Account::CheckRoom(const Acquire& acquire, size_t queue_max, BootTime now) const {
  absl::Status fits = quota_.CheckFits(quota_.Price(acquire.request, now));
  if (!fits.ok()) return fits;
  PlaceTable& places = clients_.places();
  if (places.Has({acquire.client.holder.uid, acquire.request.ticket}, now)) return absl::OkStatus();
  if (absl::Status tree = CheckTree(acquire); !tree.ok()) return tree;
  if (queue_.size() + places.CountOf(name(), now) < queue_max) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("the queue of account ", name(), " is full (", queue_max, ")"));
}

std::string Account::FindTree(const Acquire& acquire) const {
  const uint32_t uid = acquire.client.holder.uid;
  const Lease* parent = clients_.FindLease(acquire.request.parent);
  const bool ours = parent != nullptr && parent->client.holder.uid == uid;
  if (ours && open_.contains(parent->id)) return parent->request.tree;
  return trees_.Find({uid, SessionOf(acquire)}, acquire.parent_session);
}

absl::Status Account::CheckTree(const Acquire& acquire) const {
  const int most = config_.slots.per_tree;
  const Trees::Key tree{acquire.client.holder.uid, FindTree(acquire)};
  const size_t size = trees_.SizeOf(tree);
  if (most == 0 || size < static_cast<size_t>(most)) return absl::OkStatus();
  const auto held = static_cast<size_t>(std::ranges::count_if(
      open_, [&](LeaseId id) { return TreeOf(*clients_.FindLease(id)) == tree; }));
  return absl::ResourceExhaustedError(
      absl::StrCat("session ", tree.name, ", with those that it has started, has ", held,
                   held == 1 ? " request" : " requests", " in flight and ", size - held,
                   " waiting, the most that it may have (", most,
                   "): do fewer things at once, and try again when some of them have ended"));
}

void Account::Ask(const Acquire& acquire, BootTime arrival, BootTime now) {
  Advance(now);
  Waiter waiter{.request = acquire.request,
                .client = acquire.client,
                .deadline = acquire.deadline,
                .no_wait = acquire.no_wait,
                .hold_until_reset = acquire.hold_until_reset,
                .reports = acquire.reports,
                .takes_throttles = acquire.takes_throttles};
  waiter.order.arrival = arrival;
  // Whoever waited for the daemon before this one: what that knew of their shares is lost, so they
  // are equals, and go by their arrival rather than by who was first to come back.
  if (arrival < now) waiter.joined = absl::ZeroDuration();
  const TicketKey key{acquire.client.holder.uid, acquire.request.ticket};
  if (const auto place = clients_.places().Take(key, now)) {
    waiter.order = place->order;
    waiter.attempt = place->attempt;
    waiter.joined = place->joined;
  }
  waiter.request.account = name();
  waiter.request.session = SessionOf(acquire);
  waiter.request.tree = FindTree(acquire);
  if (!config_.projects) waiter.request.project.clear();
  trees_.Remember({acquire.client.holder.uid, waiter.request.session}, acquire.parent_session);
  if (!acquire.priority_given) waiter.request.priority = PriorityFor(acquire);
  waiter.rank = waiter.request.priority;
  Waiter& entered = clients_.Enter(std::move(waiter));
  trees_.Enter(TreeOf(entered));
  PutInQueue(entered, now);
  newcomers_.push_back(entered.order.id);
}

void Account::AskAgain(Waiter& waiter, const Acquire& acquire, BootTime now, Effects& effects) {
  Advance(now);
  TakeFromQueue(waiter);
  clients_.Move(waiter, acquire.client, acquire.deadline);
  waiter.no_wait = acquire.no_wait;
  waiter.hold_until_reset = acquire.hold_until_reset;
  waiter.reports = acquire.reports;
  waiter.takes_throttles = acquire.takes_throttles;
  newcomers_.push_back(waiter.order.id);
  Requeue(waiter, now, effects);
}

Priority Account::PriorityFor(const Acquire& acquire) const {
  const std::string* programs[] = {&acquire.client.holder.program, &acquire.program};
  const auto is_of = [&](const std::vector<std::string>& globs) {
    return std::any_of(std::begin(programs), std::end(programs), [&](const std::string* program) {
      return !program->empty() && AnyGlobMatches(globs, *program);
    });
  };
  for (const PriorityRule& rule : config_.priority_rules) {
    if (!rule.models.empty() && !AnyGlobMatches(rule.models, acquire.request.model)) continue;
    if (!rule.programs.empty() && !is_of(rule.programs)) continue;
    if (rule.background && *rule.background != acquire.background) continue;
    return rule.priority;
  }
  return acquire.background ? Priority::kBackground : Priority::kNormal;
}

void Account::PutInQueue(Waiter& waiter, BootTime now) {
  waiter.charges = quota_.Price(waiter.request, now);
  waiter.pools = capacity_.PoolsOf(waiter.request.model);
  waiter.group = capacity_.GroupOf(waiter.request.model);
  waiter.paused = IsPaused(waiter.request, waiter.client.holder);
  waiter.slotless = GoesWithoutSlot(waiter.request);
  waiter.patient = IsPatient(waiter.request);
  if (waiter.patient) patience_.emplace(waiter.request.patience, waiter.order.id);
  queue_.Insert(&waiter);
  nesting_.Enter(waiter);
}

void Account::TakeFromQueue(const Waiter& waiter) {
  queue_.Erase(waiter);
  nesting_.Leave(waiter);
  patience_.erase({waiter.request.patience, waiter.order.id});
}

void Account::EndPatience() {
  while (!patience_.empty() && patience_.begin()->first <= now_) {
    Waiter& waiter = *clients_.FindWaiter(patience_.begin()->second);
    queue_.MoveGate(waiter, [](Waiter& moved) { moved.patient = false; });
    patience_.erase(patience_.begin());
  }
}

void Account::Forget(WaiterId id) {
  const Waiter& waiter = *clients_.FindWaiter(id);
  TakeFromQueue(waiter);
  trees_.Leave(TreeOf(waiter));
  progress_.Forget(id);
  clients_.Remove(id);
}

void Account::Refuse(WaiterId id, absl::Status why, std::vector<AddressedEvent>& events,
                     std::optional<Block> block, std::optional<BootTime> until) {
  const Waiter& waiter = *clients_.FindWaiter(id);
  events.push_back({waiter.client.stream,
                    Refused{waiter.request.ticket, std::move(why), std::move(block), until}});
  Forget(id);
}

void Account::RefuseLate(Waiter& waiter, BootTime now, Effects& effects) {
  Advance(now);
  const WaitState state = Explain(waiter, PositionOf(waiter));
  Refuse(waiter.order.id,
         absl::DeadlineExceededError(absl::StrCat("waited until the deadline: ", Describe(state))),
         effects.events, std::nullopt, state.until);
}

void Account::SetAside(Waiter& waiter, BootTime now) {
  Advance(now);
  Waiter aside = waiter;
  Forget(waiter.order.id);
  aside.client.stream = 0;
  aside.client.connection = 0;
  aside.gone_until = now + PlaceTable::kKept;
  clients_.places().Keep(std::move(aside), now);
}

bool Account::RefuseIfBlocked(const Waiter& waiter, std::vector<AddressedEvent>& events) {
  if (waiter.hold_until_reset || config_.shadow) return false;
  std::optional<Block> block;
  if (const Block* said = upstream_.Refusing(waiter.request)) {
    block = *said;
  } else if (const auto full = quota_.UsedUp(waiter.charges)) {
    // A wall that nobody has met yet.
    block = {.reason = BlockReason::kWall,
             .until = *full->room,
             .detail = absl::StrCat("window ", full->window, ", says the provider's meter")};
  }
  if (!block) return false;
  Refuse(waiter.order.id, upstream_.Refusal(*block), events, block);
  return true;
}

void Account::RefuseBlocked(std::vector<AddressedEvent>& events) {
  for (const Waiter* waiter : InOrder()) RefuseIfBlocked(*waiter, events);
}

void Account::Reprice(Effects& effects) {
  for (Waiter* waiter : InOrder()) {
    Charges charges = quota_.Price(waiter->request, now_);
    if (absl::Status fits = quota_.CheckFits(charges); !fits.ok()) {
      Refuse(waiter->order.id, std::move(fits), effects.events);
    } else {
      queue_.MoveGate(*waiter, [&](Waiter& moved) { moved.charges = std::move(charges); });
    }
  }
}

bool Account::RefuseThoseWhoDoNotWait(Effects& effects) {
  bool refused = false;
  for (const WaiterId id : newcomers_) {
    const Waiter* waiter = clients_.FindWaiter(id);
    if (waiter == nullptr) continue;
    if (RefuseIfBlocked(*waiter, effects.events)) {
      refused = true;
    } else if (waiter->no_wait) {
      const WaitState state = Explain(*waiter, PositionOf(*waiter));
      Refuse(id, absl::AbortedError(absl::StrCat("it would have to wait: ", Describe(state))),
             effects.events, std::nullopt, state.until);
      refused = true;
    }
  }
  return refused;
}

void Account::AnswerNewcomers(Effects& effects) {
  for (const WaiterId id : std::exchange(newcomers_, {})) {
    const Waiter* waiter = clients_.FindWaiter(id);
    if (waiter == nullptr) continue;
    const WaitState state = Explain(*waiter, PositionOf(*waiter));
    effects.events.push_back(
        {waiter->client.stream, Queued{waiter->request.ticket, waiter->order.arrival, state}});
    progress_.Tell(id, state, now_);
  }
}

void Account::ReportProgress(Effects& effects) {
  progress_.Looked(now_);
  size_t position = 0;
  for (const Waiter* waiter : InOrder()) {
    const WaitState state = Explain(*waiter, ++position);
    if (!progress_.IsWorthTelling(waiter->order.id, state)) continue;
    effects.events.push_back(
        {waiter->client.stream, Queued{waiter->request.ticket, waiter->order.arrival, state}});
    progress_.Tell(waiter->order.id, state, now_);
  }
}

}  // namespace zbroker::core
