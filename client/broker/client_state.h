// What a BrokerClient and its leases share. Internal to this folder: it shows gRPC.
//
// Three tables say what the daemon has to be told again after a reconnection: Acquires that wait,
// leases that are held, and releases that are not answered. One thread connects, and keeps
// connecting as long as a table has something; gRPC's threads bring the replies. Callbacks are
// collected under the lock and called after it.
#ifndef ZBROKER_CLIENT_BROKER_CLIENT_STATE_H_
#define ZBROKER_CLIENT_BROKER_CLIENT_STATE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "client/broker/broker_client.h"
#include "client/broker/session.h"

namespace zbroker::broker {

class ClientState final : public Lender, public std::enable_shared_from_this<ClientState> {
 public:
  explicit ClientState(BrokerClient::Options options) : options_(std::move(options)) {}
  ~ClientState() override;

  std::string StartAcquire(v1::Acquire request, BrokerClient::Callbacks callbacks);
  void CancelAcquire(const std::string& ticket, bool keep_place);
  void CancelAll();

  void StartRelease(uint64_t lease_id, v1::Outcome outcome, const v1::ReleaseDetails& details,
                    ReleaseCallback done) override;

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
    ReleaseCallback done;
  };
  using Calls = std::vector<std::function<void()>>;

  void Run();
  // Tries once to get a session.
  bool ConnectSession();
  // Says hello and everything that the daemon has to be told again.
  void GreetLocked(Session& session) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendReleasesLocked(Session& session, bool of_tickets_that_wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The waiters that the daemon has told to come back later.
  void AskAgainLocked(BootTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends the waits that a daemon which hangs would have ended.
  void EndUnansweredLocked(const Now& now, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  BootTime NextLookLocked(const Now& now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // From when on a wait for which nothing is heard is ended.
  BootTime UnansweredAt(const Waiting& waiting, const Now& now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns when the session has ended, having done meanwhile what was due.
  void AttendSession();
  // Ends the Acquires that have been without a daemon for too long, and tells the others.
  void GiveUpOrTell(const absl::Status& why);
  bool HasWorkLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // replies.cc
  void OnReply(const v1::SessionReply& reply);
  void OnWelcome(const v1::Welcome& welcome, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnQueued(const v1::Queued& queued, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnGranted(const v1::Granted& granted, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnRefused(const v1::Refused& refused, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnReleased(uint64_t lease_id, const absl::Status& status, Calls& calls)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnRevoked(const v1::Revoked& revoked, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendLocked(v1::SessionRequest request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const BrokerClient::Options options_;
  const Clock& clock_ = Clock::System();

  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Held> held_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Releasing> releasing_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> reclaiming_ ABSL_GUARDED_BY(mutex_);  // named in the last hello
  std::shared_ptr<Session> session_ ABSL_GUARDED_BY(mutex_);
  bool session_ended_ ABSL_GUARDED_BY(mutex_) = false;
  BootTime greeted_ ABSL_GUARDED_BY(mutex_);  // when the session began
  absl::Status session_error_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool thread_started_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_CLIENT_STATE_H_
