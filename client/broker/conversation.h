// What a client and its daemon say to each other. Internal to this folder.
//
// Three tables hold what the daemon has to be told again when there is a new stream: Acquires that
// wait, leases that are held, and releases that are not answered.
#ifndef ZBROKER_CLIENT_BROKER_CONVERSATION_H_
#define ZBROKER_CLIENT_BROKER_CONVERSATION_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/base/clock.h"
#include "client/broker/backoff.h"
#include "client/broker/broker_client.h"
#include "client/broker/transport.h"

namespace zbroker::broker {

// No thread, clock or lock: time is an argument, and the caller runs the callbacks. Not
// thread-safe.
class Conversation {
 public:
  struct Options {
    std::string client_name;
    absl::Duration broker_timeout;
  };
  using MakeLease = std::function<Lease(const v1::Granted&)>;
  // Callbacks that are due, in order. They own what the user gave us, so they are not only to be
  // run but also to be destroyed without a lock.
  using Calls = std::vector<std::function<void()>>;

  Conversation(Options options, MakeLease make_lease)
      : options_(std::move(options)), make_lease_(std::move(make_lease)) {}

  // See BrokerClient. Before the first Greet(), and while there is no stream, what is said is kept.
  std::string Ask(v1::Acquire request, BrokerClient::Callbacks callbacks, const Now& now);
  void Withdraw(const std::string& ticket, bool keep_place, Calls& calls);
  void WithdrawAll(Calls& calls);
  void Release(uint64_t lease_id, v1::Outcome outcome, const v1::ReleaseDetails& details,
               Lender::ReleaseCallback done, Calls& calls);
  void EndSeen(uint64_t lease_id);

  // A stream has begun, which outlives its Part(): says hello and all that is in the tables.
  void Greet(Stream& stream, const Now& now);
  void Hear(const v1::SessionReply& reply, const Now& now, Calls& calls);
  // The stream is no more.
  void Part(const absl::Status& why, const Now& now, Calls& calls);
  // No stream could be had. Ends the Acquires that have been without a daemon for too long, or
  // whose daemon won't come, and tells the others. Part() does this too.
  void FindNobody(const absl::Status& why, const Now& now, Calls& calls);

  // Says again what the daemon was too busy for, and ends the waits that a daemon which hangs would
  // have ended. To be called when next_look() has come; earlier is harmless.
  void Attend(const Now& now, Calls& calls);
  // Never too late. May be too early, when what was due has been settled otherwise.
  BootTime next_look() const { return next_look_; }

  // Empties the tables; callbacks come back to be destroyed, not to be run.
  void Forget(Calls& calls);

  // Nothing waits, is held or is to be answered.
  bool idle() const { return waiting_.empty() && held_.empty() && releasing_.empty(); }
  bool releases_answered() const { return releasing_.empty(); }

 private:
  struct Waiting {
    v1::Acquire request;
    BrokerClient::Callbacks callbacks;
    // Since when no daemon has served it; InfiniteFuture: one does.
    BootTime away_since;
    // The daemon refused with UNAVAILABLE: ask again then.
    BootTime ask_again_at = BootTime::InfiniteFuture();
    absl::Status refusal;  // what it said; OK: nothing, so far
    bool sent = false;     // to some daemon: one can be started here
  };
  struct Held {
    std::string ticket;
    std::function<void(const std::string&)> on_lost;
  };
  struct Releasing {
    std::string ticket;
    v1::ReleaseRequest request;
    Lender::ReleaseCallback done;
    Backoff pause;
    // The daemon answered UNAVAILABLE: send again then.
    BootTime send_again_at = BootTime::InfiniteFuture();
    bool refused = false;  // ever
  };

  void HearWelcome(const v1::Welcome& welcome, Calls& calls);
  void HearQueued(const v1::Queued& queued, Calls& calls);
  void HearGranted(const v1::Granted& granted, Calls& calls);
  void HearRefused(const v1::Refused& refused, BootTime now, Calls& calls);
  void HearReleased(uint64_t lease_id, const absl::Status& status, Calls& calls);
  void HearFailed(const v1::Failed& failed, BootTime now, Calls& calls);
  void HearRevoked(const v1::Revoked& revoked, Calls& calls);

  void SayAcquire(Waiting& waiting);
  void SayRelease(Releasing& releasing);
  void SayReleases(bool of_tickets_that_wait);
  void Say(v1::SessionRequest request);
  void EndUnanswered(const Now& now, Calls& calls);
  // From when on a wait of which nothing is heard is ended.
  BootTime UnansweredAt(const Waiting& waiting, const Now& now) const;
  void LookAt(BootTime at) { next_look_ = std::min(next_look_, at); }

  const Options options_;
  const MakeLease make_lease_;
  std::map<std::string, Waiting> waiting_;
  std::map<uint64_t, Held> held_;
  std::map<uint64_t, Releasing> releasing_;
  Stream* stream_ = nullptr;
  BootTime greeted_;                  // when the stream began
  std::vector<uint64_t> reclaiming_;  // the leases that the hello named
  BootTime next_look_ = BootTime::InfiniteFuture();
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_CONVERSATION_H_
