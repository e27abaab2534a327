// The wire without our client library: what a client in another language, a confused one or a
// hostile one may send.
#ifndef ZBROKER_TESTS_INTEGRATION_RAW_CLIENT_H_
#define ZBROKER_TESTS_INTEGRATION_RAW_CLIENT_H_

#include <grpcpp/grpcpp.h>
#include <sys/types.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/base/fd.h"
#include "zbroker/v1/admin.grpc.pb.h"
#include "zbroker/v1/broker.grpc.pb.h"
#include "zbroker/v1/ledger.grpc.pb.h"

namespace zbroker::testing {

// Whom the kernel lets files and sockets be owned by, and who owns none of ours.
inline constexpr uid_t kNobody = 65534;

// No call of a test takes longer, sanitizers and a busy machine included; one that hangs ends with
// DEADLINE_EXCEEDED.
inline constexpr absl::Duration kCallTime = absl::Seconds(90);

// A connected socket, which the daemon takes for one of user `uid`. Only root can be somebody else.
// Fails the test, and returns an invalid Fd, when there is none to be had.
Fd ConnectSocket(const std::string& path, uid_t uid = geteuid());

// One connection and the services on it.
class RawClient {
 public:
  explicit RawClient(const std::string& socket_path, uid_t uid = geteuid());

  grpc::Channel& channel() { return *channel_; }
  v1::Broker::Stub& broker() { return broker_; }
  v1::Ledger::Stub& ledger() { return ledger_; }
  v1::Admin::Stub& admin() { return admin_; }

  // A call of any service: `RawClient::Call(&v1::Admin::Stub::Pause, client.admin(), request)`.
  template <typename Stub, typename Request, typename Reply>
  static absl::StatusOr<Reply> Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, Reply*),
                                    Stub& stub, const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
    Reply reply;
    const grpc::Status status = (stub.*method)(&context, request, &reply);
    if (!status.ok()) return ToAbsl(status);
    return reply;
  }

  // A call of a method without a stub, for example "/grpc.health.v1.Health/Check", with a request
  // and a reply as they go over the wire.
  absl::StatusOr<std::string> CallBytes(const std::string& method, const std::string& request);

  absl::StatusOr<v1::UnaryAcquireReply> Acquire(const v1::UnaryAcquireRequest& request) {
    return Call(&v1::Broker::Stub::Acquire, broker_, request);
  }
  absl::StatusOr<v1::RenewReply> Renew(uint64_t lease_id);
  absl::StatusOr<v1::ReleaseReply> Release(uint64_t lease_id);
  absl::Status Revoke(uint64_t lease_id);
  // Fails the test when there is none to be had.
  v1::Status Status();

  static absl::Status ToAbsl(const grpc::Status& status);

 private:
  std::shared_ptr<grpc::Channel> channel_;
  v1::Broker::Stub broker_;
  v1::Ledger::Stub ledger_;
  v1::Admin::Stub admin_;
};

// An Acquire that charges nothing but a place in the count of calls.
v1::Acquire Ask(const std::string& ticket);

// One Session stream, cancelled when destroyed.
class RawSession {
 public:
  // Says hello and takes the welcome.
  explicit RawSession(RawClient& client) : RawSession(client, v1::Hello()) {}
  RawSession(RawClient& client, const v1::Hello& hello);
  // Says nothing yet.
  static RawSession Silent(RawClient& client);
  RawSession(RawSession&&) = default;
  ~RawSession();

  // False when the stream has ended.
  bool Send(const v1::SessionRequest& request);
  void Acquire(const v1::Acquire& acquire);
  void Release(uint64_t lease_id, v1::Outcome outcome = v1::OUTCOME_OK);

  // The next reply; REPLY_NOT_SET when the stream has ended.
  v1::SessionReply Next();
  // The next reply that is not about the queue.
  v1::SessionReply NextAnswer();
  // Acquires and waits for the grant. Fails the test, and returns 0, when it is refused.
  uint64_t Lease(const v1::Acquire& acquire);
  // Acquires and waits for the refusal.
  absl::Status Refusal(const v1::Acquire& acquire);

  // Reads until the stream ends, and says how it did.
  absl::Status End();
  // Tells the daemon that nothing more will come.
  void HalfClose() { stream_->WritesDone(); }

 private:
  using Stream = grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionReply>;
  RawSession() = default;

  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_RAW_CLIENT_H_
