// The waiters of one account, in the order in which they are served, arranged so that finding the
// next one does not depend on how many wait.
//
// ORDER. The smallest of these three goes first.
//
//   1. Rank: the waiter's priority, lifted by one for each `age_after` that it has waited since
//      higher priorities began to hold it back; while nobody of these waits, it is back where it
//      was. So no priority starves another, and sessions of one priority stay equal however long
//      they wait. Gaps between those who hold it back, each shorter than `age_after`, change
//      nothing of when that began: they are there before a slot is free, each time.
//   2. The tag of its session: the slot-time that the session has had, by start-time fair queueing
//      (Goyal, Vin and Cheng, 1996). A grant adds the slot-time that is expected of it, and its end
//      replaces that by what it really took.
//   3. Its arrival.
//
// A session that comes to the queue without waiting there already starts at the queue's virtual
// time, if its own tag is less: nobody saves up slot-time by being idle, and a newcomer is neither
// served before nor behind everybody else's past. A waiter that comes back, as after a throttle or
// when its client was cut off, brings the virtual time at which it first joined. Virtual time is
// the largest amount of slot-time that a session really had had, present leases up to now included,
// when it was granted another slot; or that each session with a slot has had, if that is more. What
// is only expected is no part of it: were it, one estimate that is too high would put every
// newcomer behind the backlog of those who are there.
//
// A session that holds slots may be moved on to the virtual time as well. The time since these were
// granted is then in its tag already, so their end adds only what they took beyond it.
//
// GATES. Waiters that agree in model, kind, the windows that they charge, whether they are
// interactive, patient, paused and take throttles, stand behind one gate. A gate is open or closed
// for all who stand behind it; only what concerns a session is asked of each. Waiters behind a
// closed gate hold up nobody. Neither do those behind an open one, with one exception: if the first
// of them lacks room in a window, all who charge that window wait, behind whatever gate, because
// light charges that still fit would else starve a heavy one. If the first of patient ones is ahead
// of a window's pace, all patient ones who charge that window wait, for the same reason.
//
// Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
#define ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/lease.h"

namespace zbroker::core {

class WaiterQueue {
 public:
  // Tags of this many idle sessions are remembered; those with the smallest are forgotten first.
  static constexpr size_t kIdleSessionsMax = 4096;

  // Who may be granted, as far as it is not a matter of order. `open` is asked about a waiter for
  // all behind the same gate, `may` about one waiter, `lacking` for the windows that have no room
  // for its charges, and `ahead` for those whose pace it would be ahead of, if it is patient.
  struct Admission {
    absl::FunctionRef<bool(const Waiter&)> open;
    absl::FunctionRef<bool(const Waiter&)> may;
    absl::FunctionRef<WindowSet(const Waiter&)> lacking;
    absl::FunctionRef<WindowSet(const Waiter&)> ahead;
  };

  void set_age_after(absl::Duration age_after) { age_after_ = age_after; }

  // The waiters are not owned, and must stay, with what their place depends on, until erased; the
  // queue itself changes their rank.
  void Insert(Waiter* waiter);
  void Erase(const Waiter& waiter);
  // Lets `change` alter what decides which gate the waiter stands behind. Its session's tag stays.
  // REQUIRES: it is in the queue.
  void MoveGate(Waiter& waiter, absl::FunctionRef<void(Waiter&)> change);
  // Erases all of them; the sessions stay.
  void Clear();

  // Lifts those that were held back long enough, and takes back what is no longer needed.
  void Advance(BootTime now);
  // When the next of those who are held back rises.
  BootTime NextRise() const;

  // The session got a slot at `since`, of which so much slot-time is expected. Slots that are
  // inherited or restored are expected to take none.
  void SlotTaken(const std::string& session, BootTime since, absl::Duration expected);
  // It lost that slot, of which it is to pay for the time until `paid_until`.
  void SlotFreed(const std::string& session, BootTime since, absl::Duration expected,
                 BootTime paid_until);
  int SlotsOf(const std::string& session) const;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Who came first; nullptr: nobody waits.
  const Waiter* Oldest() const;

  // The first waiter who may be granted, nullptr if there is none.
  Waiter* Next(const Admission& admission) const;

  // Behind each open gate the first who may be granted but for windows: whoever can be granted
  // next, as soon as there is room, is one of these.
  std::vector<Waiter*> Heads(const Admission& admission) const;

  // Whether somebody waits who needs no slot.
  bool HasSlotless() const;

  // The first behind each gate, open or closed.
  std::vector<Waiter*> Fronts() const;

  // All waiters in order, if each of a session's takes `expected` slot-time; and how many of them
  // come before one, which takes time linear in the number of sessions.
  std::vector<Waiter*> InOrder(absl::Duration expected) const;
  size_t CountBefore(const Waiter& waiter, absl::Duration expected) const;

 private:
  struct Gate;
  using Lane = std::map<std::pair<Priority, QueueOrder>, Waiter*>;
  struct Session {
    std::string name;
    absl::Duration tag;
    int slots = 0;
    int64_t since_us = 0;      // the sum of the instants at which it got them
    absl::Duration expected;   // of its tag, what is expected of them
    absl::Duration forwarded;  // by how much its tag was moved on while it held slots
    std::array<std::map<QueueOrder, Waiter*>, 3> waiters;  // by rank
    // Those behind each gate; none empty.
    std::map<Gate*, Lane> lanes;

    bool idle() const { return slots == 0 && lanes.empty(); }
  };
  using HeadKey = std::tuple<Priority, absl::Duration, QueueOrder>;
  // The windows that are charged, the kind, whether it is interactive, patient, paused and takes
  // throttles, the model.
  using GateKey = std::tuple<WindowSet, Kind, bool, bool, bool, bool, std::string>;
  struct Gate {
    GateKey key;
    std::map<HeadKey, Waiter*> heads;  // the first of each session; none empty
  };

  static GateKey KeyOf(const Waiter& waiter);
  static HeadKey HeadKeyOf(const Session& session, const Lane& lane);
  // `joined`: from where on the session counts, if it does not wait yet; absent: from now.
  Session& FindOrAdd(const std::string& name, std::optional<absl::Duration> joined);
  // Into and out of one session, which may become idle.
  void Join(Session& session, Waiter& waiter);
  void Leave(Session& session, const Waiter& waiter);
  void SetRank(Waiter& waiter, size_t rank);
  bool SomebodyWaitsAbove(size_t priority) const;
  void MoveTag(Session& session, absl::Duration tag);
  // The slot-time that the session has really had by now.
  absl::Duration Had(const Session& session) const;
  // Moves the virtual time on, if those who hold slots have all had more.
  void CatchUp();
  // Remembers the session's tag for a while, if it has nothing else.
  void RetireIfIdle(Session& session);
  static Waiter* FirstWhoMay(const Gate& gate, const Admission& admission);
  // How much slot-time its session will have had, by its tag, when its turn comes.
  static absl::Duration TagOf(const Session& session, const Waiter& waiter,
                              absl::Duration expected);

  absl::Duration age_after_ = absl::InfiniteDuration();
  BootTime now_;
  absl::Duration virtual_time_;
  size_t size_ = 0;
  std::map<GateKey, Gate> gates_;  // none empty
  absl::node_hash_map<std::string, Session> sessions_;
  std::set<std::pair<absl::Duration, std::string>> idle_;  // sessions, by tag
  absl::flat_hash_set<const Session*> holding_;            // sessions with slots
  // Somebody of this priority has come or gone; `above_before` says of each priority whether one of
  // a higher priority waited until then.
  using ByPriority = std::array<bool, 3>;
  ByPriority SomebodyWaitsAboveEach() const;
  void NoteHoldingBack(const ByPriority& above_before);

  // All waiters, by priority and rank; since when higher priorities hold one back, and when the
  // last one of these went.
  using ByRank = std::array<std::map<QueueOrder, Waiter*>, 3>;
  std::array<ByRank, 3> by_priority_;
  std::array<BootTime, 3> held_back_since_ = {
      BootTime::InfiniteFuture(), BootTime::InfiniteFuture(), BootTime::InfiniteFuture()};
  std::array<BootTime, 3> last_above_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
