// One request of a client: inspect, acquire, relay, classify, release; again if the upstream turned
// it away for a moment and the client has not seen anything of it.
#ifndef ZBROKER_SHIMS_GATEWAY_EXCHANGE_H_
#define ZBROKER_SHIMS_GATEWAY_EXCHANGE_H_

#include <boost/beast/core/tcp_stream.hpp>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "shims/gateway/client_watch.h"
#include "shims/gateway/headers.h"
#include "shims/gateway/peer.h"
#include "shims/gateway/responder.h"
#include "shims/gateway/service.h"
#include "shims/gateway/tool_calls.h"
#include "shims/gateway/upstream_answer.h"
#include "shims/lease/held_lease.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/reply.h"
#include "shims/zai/request.h"

namespace zbroker::gateway {

struct ClientRequest {
  std::string method;
  std::string below;  // the target below the token, with its query
  Headers headers;
  std::string body;
  Responder::Request wants;
  // The program that sent it: the session of a request that names none itself, and whose lease is
  // the parent of the request's.
  std::function<const Caller&()> caller;
};

// Not thread-safe.
class Exchange {
 public:
  // All arguments but the request must outlive this.
  Exchange(Service& service, boost::beast::tcp_stream& stream, ClientRequest request);

  // Returns when the request is answered or its client is gone; whether the connection can take
  // another one.
  awaitable<bool> Run();

  // As if the client had gone. An answer that has begun is cut.
  void Stop();

  // What a line in a log says of it: no query, no header, nothing of a body.
  std::string Describe() const;

 private:
  // The verdict, in words that may be kept and logged.
  zai::Verdict Told(const UpstreamAnswer& answer) const;
  // The first of several holds.
  void NoteFate(absl::string_view fate);
  // All that follows.
  void LearnFrom(const UpstreamAnswer& answer);
  // What is worth a person's look: a 429 that the table of errors doesn't know, and what a person
  // can mend.
  void ReportTrouble(const UpstreamAnswer& answer);
  // The upstream knows the request's key: the meter can be asked with it.
  void LendKey(const UpstreamAnswer& answer);

  // Waits for a lease. False: there is none, and the client is answered or gone.
  awaitable<bool> Admit();
  v1::Acquire MakeAcquire() const;
  awaitable<void> AnswerRefusal(const absl::Status& refusal);
  // The same to calls of tools, as results that a model reads.
  awaitable<void> AnswerCalls(const absl::Status& refusal);
  // Of MCP: has a message of the client that cancels a call do so. True: there is no more to it.
  bool CancelsForGood();
  // Its client has cancelled the call; whether the server has not heard of it.
  bool CancelCall();
  awaitable<void> AnswerCancelled();
  CallName NameOfCall(const std::string& id) const;
  // The client, which went away or soon will, keeps its place for when it asks again.
  void KeepPlace(std::string ticket);
  // Waits until the answer is ready. False: the client is gone.
  awaitable<bool> AwaitAnswer(UpstreamAnswer& answer);
  bool ShouldRetry(const UpstreamAnswer& answer) const;
  bool ShouldTryOnceMore(const UpstreamAnswer& answer) const;
  // What the client's program shows its user of an error, where that has to be in certain words.
  bool NeedsOwnWords(const UpstreamAnswer& answer) const;
  // A stream was promised and a whole answer came: passes it on as one.
  awaitable<void> RelayAsEvents(UpstreamAnswer& answer);
  // Undoes what the client was not told of. False: it can't be.
  bool Decode(std::string* bytes);
  // Says what the answer says, as AnswerError does.
  awaitable<void> Reword(const UpstreamAnswer& answer);
  void EndLease(const UpstreamAnswer& answer);
  // A prompt was charged and came to nothing: its repeat is not charged again.
  void RememberFailure();
  // The last that is done; whether the connection can take another request.
  bool Finished();
  awaitable<void> Relay(UpstreamAnswer& answer);
  // The client has gone with a complete answer: ends the lease when the upstream is done, too.
  awaitable<void> AwaitEnd(UpstreamAnswer& answer);
  // Passes on the bytes. False: the client is gone.
  awaitable<bool> RelayBody(UpstreamAnswer& answer);
  void BeginRelay(const UpstreamAnswer& answer);
  awaitable<void> EndRelay(UpstreamAnswer& answer);
  // Answers in our own words, in the protocol's shape; as an event if a stream has begun.
  awaitable<void> AnswerError(zai::ErrorReply reply, Headers headers);
  // Ends the stream that has begun.
  awaitable<void> EndWithError(zai::ErrorReply reply);
  awaitable<bool> PingIfDue();
  Headers OwnHeaders() const;
  // The same for a request that a client sends once more, as a stream or not.
  uint64_t Fingerprint() const;
  // Until when the client waits for the head of the answer, as it says itself.
  LoopTime ClientDeadline() const;

  Service& service_;
  const ClientRequest request_;
  const UpstreamRequest upstream_request_;
  const zai::Endpoint endpoint_;
  const ToolCalls tool_calls_;  // of MCP
  const zai::Inspection inspection_;
  const LoopTime started_;

  Wakeup changed_;
  ClientWatch watch_;
  Responder responder_;
  std::unique_ptr<zai::Decoder> decoder_;  // of an answer that the client gets as it reads
  lease::HeldLease lease_;
  uint64_t lease_id_ = 0;  // of the last lease
  absl::Duration waited_;  // for all leases together
  std::string ticket_;     // of the lease that was sent back; empty: none was
  bool repeated_ = false;  // a prompt that was charged before
  int attempts_ = 0;
  bool admitting_ = false;  // waits for a lease
  bool cancelled_ = false;  // by a message of its client
  int status_ = 0;          // what the client got
  absl::string_view fate_;  // what became of a request that was not answered in full; else empty
  LoopTime ping_due_ = Wakeup::kNever;
  absl::Duration patience_;  // how long the client of a stream may be left without a byte
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_EXCHANGE_H_
