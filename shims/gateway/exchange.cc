#include "shims/gateway/exchange.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/log.h"
#include "client/base/sparse_log.h"
#include "client/base/text.h"
#include "client/broker/refusal.h"
#include "shims/gateway/acquire.h"
#include "shims/gateway/outcome.h"
#include "shims/gateway/secrets.h"
#include "shims/lease/admission.h"
#include "shims/zai/reply.h"

namespace zbroker::gateway {
namespace {

LoopTime After(LoopTime time, absl::Duration length) {
  return time + absl::ToChronoMicroseconds(length);
}

void Set(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

// Trying again does not help before somebody acts, or a reset that is far away.
bool IsFinal(zai::Signal signal) {
  return signal == zai::Signal::kWall || signal == zai::Signal::kBreaker ||
         signal == zai::Signal::kTerminal;
}

// The status that a client's library takes for what the refusal is.
int HttpStatusOf(const absl::Status& refusal) {
  switch (refusal.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return 400;
    default:
      return 503;
  }
}

zai::Inspection Inspect(const zai::Endpoint& endpoint, const ClientRequest& request) {
  return zai::InspectRequest(
      endpoint, [&](absl::string_view name) { return FindHeader(request.headers, name); },
      request.body);
}

UpstreamRequest ToUpstream(const Options& options, const ClientRequest& request) {
  return {.method = request.method,
          .url = options.upstream.UrlFor(request.below),
          .headers = ForUpstream(request.headers),
          .body = request.body,
          .idle_connection_max = options.upstream_idle};
}

}  // namespace

Exchange::Exchange(Service& service, boost::beast::tcp_stream& stream, ClientRequest request)
    : service_(service),
      request_(std::move(request)),
      upstream_request_(ToUpstream(service.options, request_)),
      endpoint_(zai::FindEndpoint(request_.method, PathOf(AfterAuthority(upstream_request_.url)))),
      inspection_(Inspect(endpoint_, request_)),
      started_(LoopClock::now()),
      changed_(service.io),
      watch_(stream.socket(), changed_),
      responder_(stream, request_.wants),
      lease_(service.releases) {
  if (inspection_.stream && inspection_.needs_slot) {
    // Well before the client gives up, since a ping is what tells it that somebody is there.
    patience_ = ClientTimeout(request_.headers).value_or(absl::InfiniteDuration()) / 2;
    ping_due_ = After(started_, std::min(patience_, absl::FromChrono(service_.options.silence)));
  }
}

void Exchange::Stop() {
  fate_ = "the gateway ended";
  watch_.SetGone();
  responder_.CutUnlessEnded();
}

awaitable<bool> Exchange::Run() {
  for (;;) {
    if (inspection_.needs_slot) {
      const bool admitted = co_await Admit();
      if (!admitted) break;
    }
    ++attempts_;
    UpstreamAnswer answer(service_.curl, changed_, endpoint_, upstream_request_,
                          service_.options.upstream_time_outs);
    const bool answered = co_await AwaitAnswer(answer);
    if (answered) ReportTrouble(answer);
    if (answered && ShouldRetry(answer)) {
      ticket_ = Release(lease_, answer, Told(answer));
      continue;
    }
    if (answered) {
      co_await Relay(answer);
    } else {
      NoteFate("client left before its answer");
    }
    if (lease_.held()) {
      answer.GiveUp(service_.clock.Read().wall);
      ReleaseCancelled(lease_, answer, Told(answer));
    }
    break;
  }
  responder_.CutUnlessEnded();
  lease_.ReleaseCancelled();
  if (service_.options.verbose) LogInfo(Describe());
  co_return responder_.reusable();
}

v1::Acquire Exchange::MakeAcquire() const {
  const Options& options = service_.options;
  v1::Acquire acquire = AcquireFor(options.lease, inspection_, request_.caller());
  acquire.set_ticket(ticket_);
  acquire.set_takes_throttles(attempts_ < options.retries);
  acquire.set_reports(true);
  if (options.timeout.has_value()) {
    const absl::Duration spent = absl::FromChrono(LoopClock::now() - started_);
    Set(service_.clock.Read().wall + *options.timeout - spent, acquire.mutable_deadline());
  }
  return acquire;
}

// A stream has none: it is kept alive.
LoopTime Exchange::ClientDeadline() const {
  const auto timeout = ClientTimeout(request_.headers);
  if (!timeout.has_value() || inspection_.stream) return Wakeup::kNever;
  // Early enough for our answer to arrive.
  return After(started_, std::max(*timeout * 0.9, *timeout - absl::Seconds(5)));
}

awaitable<bool> Exchange::Admit() {
  if (ticket_.empty() && !service_.places.empty()) {
    ticket_ = service_.places.Take(Fingerprint(), LoopClock::now());
  }
  std::optional<lease::Admission> admission(std::in_place, service_.io, service_.broker, changed_,
                                            MakeAcquire());
  const LoopTime deadline = ClientDeadline();
  while (!admission->ended()) {
    if (LoopClock::now() >= deadline) {
      KeepPlace(admission->ticket());
      admission.reset();  // before the client hears of it, and asks again
      co_await AnswerRefusal(absl::DeadlineExceededError(
          "no slot within the time that the client gives a request; its place is kept for 5 s"));
      co_return false;
    }
    co_await changed_.Wait(std::min(ping_due_, deadline));
    bool alive = !watch_.gone();
    if (alive) alive = co_await PingIfDue();
    if (!alive) {
      status_ = 0;
      NoteFate("client left while it waited");
      KeepPlace(admission->ticket());
      co_return false;
    }
  }
  absl::StatusOr<broker::Lease> lease = admission->Take();
  if (lease.ok()) {
    lease_id_ = lease->id();
    waited_ += lease->waited();
    lease_.Take(*std::move(lease));
    co_return true;
  }
  if (absl::IsUnavailable(lease.status()) &&
      service_.options.if_unavailable == IfUnavailable::kRun) {
    LogWarningSparsely("RELAYED WITHOUT A LEASE: ", lease.status().message());
    co_return true;
  }
  co_await AnswerRefusal(lease.status());
  co_return false;
}

void Exchange::KeepPlace(std::string ticket) {
  service_.places.Add(Fingerprint(), std::move(ticket), LoopClock::now());
}

awaitable<void> Exchange::AnswerRefusal(const absl::Status& refusal) {
  Headers headers;
  const std::optional<v1::Block> block = broker::BlockOf(refusal);
  if (block.has_value()) {
    // As the upstream would say it once more.
    StopClientsRetries(headers);
    co_await AnswerError(
        {.http_status = 429, .code = block->upstream_code(), .message = refusal.message()},
        std::move(headers));
    co_return;
  }
  const std::string message = absl::StrCat("zbroker: ", refusal.message());
  co_await AnswerError({.http_status = HttpStatusOf(refusal), .message = message}, {});
}

awaitable<bool> Exchange::AwaitAnswer(UpstreamAnswer& answer) {
  for (;;) {
    answer.Advance(service_.clock.Read().wall);
    if (answer.ready()) co_return true;
    LoopTime until = answer.next_deadline();
    if (responder_.begun()) until = std::min(until, ping_due_);
    co_await changed_.Wait(until);
    if (watch_.gone()) co_return false;
    if (!responder_.begun()) continue;
    const bool alive = co_await PingIfDue();
    if (!alive) co_return false;
  }
}

zai::Verdict Exchange::Told(const UpstreamAnswer& answer) const {
  const zai::Verdict& verdict = answer.verdict();
  // Our own words about a connection quote nothing.
  if (verdict.message.empty() && verdict.code.empty()) return verdict;
  if (answer.finished() && verdict.message == answer.result().message()) return verdict;
  return Secrets(request_.headers, request_.below, request_.body, inspection_.model).Mask(verdict);
}

void Exchange::ReportTrouble(const UpstreamAnswer& answer) const {
  const bool unknown = answer.has_head() && answer.status() == 429 && !answer.verdict().known_code;
  if (answer.verdict().advice.empty() && !unknown) return;
  const zai::Verdict told = Told(answer);
  if (!told.advice.empty()) {
    LogWarningSparsely("the upstream answered ", told.code, ": ", told.message, " ", told.advice);
  }
  if (unknown) {
    LogWarningSparsely("the upstream answered 429 with an unknown code, \"", told.code,
                       "\": ", told.message);
  }
}

bool Exchange::ShouldRetry(const UpstreamAnswer& answer) const {
  if (!lease_.held() || attempts_ > service_.options.retries) return false;
  const zai::Verdict& verdict = answer.verdict();
  switch (verdict.signal) {
    case zai::Signal::kThrottle:
    case zai::Signal::kStartRate:
    case zai::Signal::kOverload: {
      if (lease_.shadow()) return false;
      const absl::Duration pause = verdict.retry_after.value_or(absl::ZeroDuration());
      return responder_.begun() || After(LoopClock::now(), pause) < ClientDeadline();
    }
    case zai::Signal::kWall:
      return service_.options.lease.hold_until_reset() && !lease_.shadow();
    default:
      return false;
  }
}

awaitable<void> Exchange::Relay(UpstreamAnswer& answer) {
  if (!answer.has_head() || (answer.finished() && !answer.result().ok() && answer.empty())) {
    // Nothing of an answer, or only its beginning.
    const absl::Status& result = answer.result();
    Release(lease_, answer, Told(answer));
    const int status = absl::IsDeadlineExceeded(result) ? 504 : 502;
    const std::string message =
        absl::StrCat("zbroker: ", service_.options.upstream.text(), ": ", result.message());
    co_await AnswerError({.http_status = status, .message = message}, {});
    co_return;
  }
  if (responder_.begun() && !answer.is_event_stream()) {
    Release(lease_, answer, Told(answer));
    const zai::Verdict& verdict = answer.verdict();
    const std::string unexplained = absl::StrCat("zbroker: the upstream answered with status ",
                                                 answer.status(), " and no stream");
    co_await AnswerError({.http_status = answer.status() >= 400 ? answer.status() : 502,
                          .code = verdict.code,
                          .message = verdict.message.empty() ? unexplained : verdict.message,
                          .request_id = verdict.request_id},
                         {});
    co_return;
  }
  BeginRelay(answer);
  const bool relayed = co_await RelayBody(answer);
  if (relayed) {
    co_await EndRelay(answer);
  } else {
    NoteFate("client left in the middle");
  }
}

awaitable<bool> Exchange::RelayBody(UpstreamAnswer& answer) {
  for (;;) {
    const std::string bytes = answer.Take();
    if (answer.finished()) {
      // The slot is free as soon as the upstream is done, however slowly the client reads; but what
      // the client can get at once it gets before.
      if (answer.result().ok()) responder_.SendLast(bytes);
      Release(lease_, answer, Told(answer));
      if (answer.result().ok() || bytes.empty()) co_return true;
    }
    const bool written = co_await responder_.Write(bytes);
    if (!written) co_return false;
    if (answer.finished()) co_return true;
    if (bytes.empty()) {
      co_await changed_.Wait(answer.next_deadline());
      if (watch_.gone()) co_return false;
    }
    answer.Advance(service_.clock.Read().wall);
  }
}

void Exchange::BeginRelay(const UpstreamAnswer& answer) {
  if (responder_.begun()) return;
  Head head{answer.status(), answer.reason(), ForClient(answer.headers())};
  if (IsFinal(answer.verdict().signal)) StopClientsRetries(head.headers);
  for (Header& header : OwnHeaders()) head.headers.push_back(std::move(header));
  std::optional<uint64_t> length = answer.length();
  if (!length.has_value() && answer.is_whole() && !request_.wants.head_only) {
    length = answer.kept().size();
  }
  status_ = answer.status();
  responder_.Begin(head, length);
}

awaitable<void> Exchange::EndRelay(UpstreamAnswer& answer) {
  if (answer.result().ok()) {
    const bool sent = co_await responder_.End();
    if (!sent) NoteFate("client left in the middle");
    co_return;
  }
  NoteFate("the upstream broke off");
  if (answer.is_event_stream()) {
    co_await EndWithError({.http_status = 502, .message = answer.result().message()});
  }
}

awaitable<void> Exchange::EndWithError(zai::ErrorReply reply) {
  reply.rpc_id = inspection_.rpc_id;
  // The line that was broken off must not swallow it.
  const std::string event = absl::StrCat("\n", zai::ErrorEvent(endpoint_.protocol, reply));
  const bool written = co_await responder_.Write(event);
  if (written) co_await responder_.End();
}

awaitable<void> Exchange::AnswerError(zai::ErrorReply reply, Headers headers) {
  status_ = reply.http_status;
  if (responder_.begun()) {
    co_await EndWithError(reply);
    co_return;
  }
  reply.rpc_id = inspection_.rpc_id;
  const std::string body = zai::ErrorBody(endpoint_.protocol, reply);
  Head head{status_, "", std::move(headers)};
  head.headers.push_back({"Content-Type", "application/json"});
  for (Header& header : OwnHeaders()) head.headers.push_back(std::move(header));
  co_await responder_.Send(head, body);
}

awaitable<bool> Exchange::PingIfDue() {
  if (LoopClock::now() < ping_due_) co_return true;
  ping_due_ = After(LoopClock::now(),
                    std::min(patience_, absl::FromChrono(service_.options.ping_interval)));
  if (!responder_.begun()) {
    status_ = 200;
    Head head{
        200,
        "",
        {{"Content-Type", "text/event-stream; charset=utf-8"}, {"Cache-Control", "no-cache"}}};
    responder_.Begin(head, std::nullopt);
  }
  const std::string ping = zai::PingEvent(endpoint_.protocol);
  co_return co_await responder_.Write(ping);
}

uint64_t Exchange::Fingerprint() const {
  return absl::HashOf(request_.method, request_.below, inspection_.session, request_.body);
}

Headers Exchange::OwnHeaders() const {
  if (lease_id_ == 0) return {};
  return {{"x-zbroker-waited-ms", absl::StrCat(absl::ToInt64Milliseconds(waited_))},
          {"x-zbroker-lease", absl::StrCat(lease_id_)}};
}

void Exchange::NoteFate(absl::string_view fate) {
  if (fate_.empty()) fate_ = fate;
}

std::string Exchange::Describe() const {
  const absl::Duration taken = absl::FromChrono(LoopClock::now() - started_);
  std::string line = absl::StrCat(request_.method, " ", PathOf(request_.below));
  if (status_ != 0) absl::StrAppend(&line, " ", status_);
  if (!fate_.empty()) absl::StrAppend(&line, " (", fate_, ")");
  if (!inspection_.model.empty()) absl::StrAppend(&line, " ", inspection_.model);
  if (lease_id_ != 0) {
    absl::StrAppend(&line, " lease ", lease_id_, " waited ", absl::ToInt64Milliseconds(waited_),
                    " ms");
  }
  if (attempts_ > 1) absl::StrAppend(&line, " attempts ", attempts_);
  absl::StrAppend(&line, " took ", absl::ToInt64Milliseconds(taken), " ms");
  return Ellipsize(line, 512);
}

}  // namespace zbroker::gateway
