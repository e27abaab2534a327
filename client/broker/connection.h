// The connection that a BrokerClient and its leases share. Internal to this folder.
//
// One thread connects, and stays connected as long as the conversation has something to be told;
// the stream's threads bring the replies. The thread owns the connection: it ends it when the last
// of client and leases is gone, so that it does not matter on whose thread that one was destroyed.
// A stream's own thread can't wait for the stream to end.
#ifndef ZBROKER_CLIENT_BROKER_CONNECTION_H_
#define ZBROKER_CLIENT_BROKER_CONNECTION_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "client/broker/broker_client.h"
#include "client/broker/conversation.h"
#include "client/broker/transport.h"

namespace zbroker::broker {

class ConnectionShare;

// Thread-safe. Callbacks are collected under the lock and called after it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Nothing happens before the first Acquire.
  static std::shared_ptr<ConnectionShare> Create(const BrokerClient::Options& options,
                                                 std::unique_ptr<Transport> transport);

  std::string StartAcquire(v1::Acquire request, BrokerClient::Callbacks callbacks);
  void CancelAcquire(const std::string& ticket, bool keep_place);
  void CancelAll();
  void StartRelease(uint64_t lease_id, v1::Outcome outcome, const v1::ReleaseDetails& details,
                    Lender::ReleaseCallback done);
  void EndSeen(uint64_t lease_id);

  // Lets the thread end, when the releases are answered or a second is over. Waits for that, a
  // little longer at most; not at all in a callback.
  void Close();

 private:
  Connection(const BrokerClient::Options& options, std::unique_ptr<Transport> transport);

  void Run();
  // False when the connection is to end.
  bool WaitForWork();
  absl::Status OpenStream();
  // Returns when the stream has ended, having done meanwhile what was due.
  void AttendStream();
  void FindNobody(const absl::Status& why);
  void Pause(absl::Duration length);
  // What is left at the end is destroyed on the thread, before anybody who waits goes on.
  void End();

  void OnReply(const v1::SessionReply& reply);
  void OnStreamEnd(const absl::Status& status);
  Lease MakeLease(const v1::Granted& granted);
  // Wakes the thread when it would look too late.
  void WakeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const std::unique_ptr<Transport> transport_;
  std::weak_ptr<ConnectionShare> share_;

  Mutex mutex_;
  CondVar changed_;  // for the thread
  CondVar ended_changed_;
  Conversation conversation_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Stream> stream_ ABSL_GUARDED_BY(mutex_);
  bool stream_ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status stream_error_ ABSL_GUARDED_BY(mutex_);
  // When the thread, which sleeps, will look by itself; the past while it does not sleep.
  BootTime awake_at_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  BootTime close_at_ ABSL_GUARDED_BY(mutex_);  // whatever is not answered
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

// A reference to the connection. With the last one the connection is closed.
class ConnectionShare final : public Lender {
 public:
  explicit ConnectionShare(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~ConnectionShare() override { connection_->Close(); }

  Connection& connection() const { return *connection_; }
  void StartRelease(uint64_t lease_id, v1::Outcome outcome, const v1::ReleaseDetails& details,
                    ReleaseCallback done) override {
    connection_->StartRelease(lease_id, outcome, details, std::move(done));
  }
  void EndSeen(uint64_t lease_id) override { connection_->EndSeen(lease_id); }

 private:
  const std::shared_ptr<Connection> connection_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_CONNECTION_H_
