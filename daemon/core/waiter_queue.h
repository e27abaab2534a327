// The waiters of one account, in the order in which they are served, arranged so that finding the
// next one does not depend on how many wait.
//
// ORDER. First the rank: a waiter's priority, lifted by one each time it has waited `age_after`
// while somebody of a higher priority waited as well; back where it was as soon as nobody does. So
// no priority starves another, and sessions of one priority stay equal however long they wait.
// Then the session that has had the least slot-time, by start-time fair queueing (Goyal, Vin and
// Cheng, 1996): each session has a tag, its virtual time. A grant moves the tag on by the slot-time
// that is expected of it, and the end of the lease by what it took more or less. The virtual time
// of the queue is the largest tag that was served; a session that comes back to the queue starts
// there at the earliest, so that nobody saves up slot-time by being idle, and what it is moved by
// while it holds slots counts as part of what these take. Last, the arrival.
//
// GATES. Waiters of one model, of one kind, that charge the same windows, are interactive or not,
// and take throttles or not, are behind one gate: what blocks one of them blocks all, except for
// what concerns the session. What a
// gate is closed to never blocks those behind another, with one exception: if the first waiter
// behind an open gate lacks room in a window, all that charge that window stand back, as a heavy
// charge would else be starved by light ones that still fit.
//
// Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
#define ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
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
  // A set of windows by index; see AccountConfig::kWindowsMax.
  using WindowSet = uint32_t;
  // Tags of this many idle sessions are remembered; those with the smallest are forgotten first.
  static constexpr size_t kIdleSessionsMax = 4096;

  // Who may be granted, as far as it is not a matter of order. `open` is asked about a waiter for
  // all behind the same gate, `may` about one waiter, and `lacking` for the windows that have no
  // room for its charges.
  struct Admission {
    absl::FunctionRef<bool(const Waiter&)> open;
    absl::FunctionRef<bool(const Waiter&)> may;
    absl::FunctionRef<WindowSet(const Waiter&)> lacking;
  };

  void set_age_after(absl::Duration age_after) { age_after_ = age_after; }

  // The waiters are not owned, and must stay, with what their place depends on, until erased; the
  // queue itself changes their rank.
  void Insert(Waiter* waiter);
  void Erase(const Waiter& waiter);
  // Changes what the waiter would charge. Its session's tag stays. REQUIRES: it is in the queue.
  void Reprice(Waiter& waiter, std::vector<Amount> charges);
  // Erases all of them; the sessions stay.
  void Clear();

  // Lifts those that were held back long enough, and takes back what is no longer needed.
  void Advance(BootTime now);

  // The session got a slot, of which so much slot-time is expected, or lost it after `correction`
  // more than that. Slots that are inherited or restored are expected to take no time.
  void SlotTaken(const std::string& session, absl::Duration expected);
  void SlotFreed(const std::string& session, absl::Duration correction);
  int SlotsOf(const std::string& session) const;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The first waiter who may be granted, nullptr if there is none. `contested` collects the windows
  // that somebody ahead lacks room in; pass the same set to the next call of the same pass.
  Waiter* Next(const Admission& admission, WindowSet& contested) const;

  // Behind each open gate the first who may be granted but for windows: whoever can be granted
  // next, as soon as there is room, is one of these.
  std::vector<Waiter*> Heads(const Admission& admission) const;

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
    absl::Duration forwarded;  // by how much its tag was moved on while it held slots
    std::array<std::map<QueueOrder, Waiter*>, 3> waiters;  // by rank
    // Those behind each gate; none empty.
    std::map<Gate*, Lane> lanes;

    bool idle() const { return slots == 0 && lanes.empty(); }
  };
  using HeadKey = std::tuple<Priority, absl::Duration, QueueOrder>;
  // The windows that are charged, the kind, whether it is interactive and takes throttles, the
  // model.
  using GateKey = std::tuple<WindowSet, Kind, bool, bool, std::string>;
  struct Gate {
    GateKey key;
    std::map<HeadKey, Waiter*> heads;  // the first of each session; none empty
  };

  static GateKey KeyOf(const Waiter& waiter);
  static HeadKey HeadKeyOf(const Session& session, const Lane& lane);
  Session& FindOrAdd(const std::string& name);
  // Into and out of one session, which may become idle.
  void Join(Session& session, Waiter& waiter);
  void Leave(Session& session, const Waiter& waiter);
  void SetRank(Waiter& waiter, size_t rank);
  bool SomebodyWaitsAbove(size_t priority) const;
  void MoveTag(Session& session, absl::Duration tag);
  // Remembers the session's tag for a while, if it has nothing else.
  void RetireIfIdle(Session& session);
  static Waiter* FirstWhoMay(const Gate& gate, const Admission& admission);
  // How much slot-time its session will have had, by its tag, when its turn comes.
  static absl::Duration TagOf(const Session& session, const Waiter& waiter,
                              absl::Duration expected);

  absl::Duration age_after_ = absl::InfiniteDuration();
  absl::Duration virtual_time_;
  size_t size_ = 0;
  std::map<GateKey, Gate> gates_;  // none empty
  absl::node_hash_map<std::string, Session> sessions_;
  std::set<std::pair<absl::Duration, std::string>> idle_;  // sessions, by tag
  // All waiters, by priority and rank, and since when one of a higher priority waits.
  using ByRank = std::array<std::map<QueueOrder, Waiter*>, 3>;
  std::array<ByRank, 3> by_priority_;
  std::array<BootTime, 3> held_back_since_ = {
      BootTime::InfiniteFuture(), BootTime::InfiniteFuture(), BootTime::InfiniteFuture()};
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WAITER_QUEUE_H_
