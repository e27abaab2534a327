#include "shims/gateway/exchange.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/log.h"
#include "client/base/text.h"
#include "client/broker/refusal.h"
#include "shims/gateway/outcome.h"
#include "shims/lease/admission.h"
#include "shims/zai/reply.h"

namespace zbroker::gateway {
namespace {

// Some SDKs sleep for whatever Retry-After says.
constexpr double kRetryAfterSecondsMax = 60;

LoopTime After(LoopTime time, absl::Duration length) {
  return time + absl::ToChronoMicroseconds(length);
}

void Set(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

v1::Kind ToKind(zai::Kind kind) {
  switch (kind) {
    case zai::Kind::kPrompt:
      return v1::KIND_PROMPT;
    case zai::Kind::kCall:
      return v1::KIND_CALL;
    case zai::Kind::kMcp:
      return v1::KIND_MCP;
  }
  return v1::KIND_CALL;
}

// Trying again does not help before somebody acts, or a reset that is far away.
bool IsFinal(zai::Signal signal) {
  return signal == zai::Signal::kWall || signal == zai::Signal::kBreaker ||
         signal == zai::Signal::kTerminal;
}

void StopClientsRetries(Headers& headers) {
  RemoveHeader(headers, "x-should-retry");
  headers.push_back({"x-should-retry", "false"});
  double seconds = 0;
  if (!absl::SimpleAtod(FindHeader(headers, "retry-after"), &seconds) ||
      seconds > kRetryAfterSecondsMax) {
    RemoveHeader(headers, "retry-after");
    RemoveHeader(headers, "retry-after-ms");
  }
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

UpstreamRequest ToUpstream(const Upstream& upstream, const ClientRequest& request) {
  return {.method = request.method,
          .url = upstream.UrlFor(request.below),
          .headers = ForUpstream(request.headers),
          .body = request.body};
}

absl::string_view UpstreamPath(const UpstreamRequest& request) {
  absl::string_view path = request.url;
  path.remove_prefix(path.find("://") + 3);
  const size_t slash = path.find('/');
  return slash == path.npos ? "/" : PathOf(path.substr(slash));
}

}  // namespace

Exchange::Exchange(Service& service, boost::beast::tcp_stream& stream, ClientRequest request)
    : service_(service),
      request_(std::move(request)),
      upstream_request_(ToUpstream(service.options.upstream, request_)),
      endpoint_(zai::FindEndpoint(request_.method, UpstreamPath(upstream_request_))),
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
    if (!answered) break;
    ReportTrouble(answer);
    if (!ShouldRetry(answer)) {
      co_await Relay(answer);
      break;
    }
    ticket_ = Release(lease_, answer);
  }
  responder_.CutUnlessEnded();
  lease_.ReleaseCancelled();
  if (service_.options.verbose) LogInfo(Describe());
  co_return responder_.reusable();
}

v1::Acquire Exchange::MakeAcquire() const {
  const Options& options = service_.options;
  v1::Acquire acquire = options.lease;
  acquire.set_ticket(ticket_);
  acquire.set_model(inspection_.model);
  acquire.set_kind(ToKind(inspection_.kind));
  acquire.set_takes_throttles(attempts_ < options.retries);
  if (inspection_.background) {
    acquire.set_background(true);
    // What a program was given does not lift what it does on the side.
    if (acquire.priority() != v1::PRIORITY_BACKGROUND) acquire.clear_priority();
  }
  if (!inspection_.session.empty()) {
    acquire.set_session(inspection_.session);
  } else if (acquire.session().empty()) {
    acquire.set_session(request_.caller().name);
  }
  // A long-lived gateway serves programs that it knows nothing of itself, under leases or not.
  acquire.set_program(request_.caller().program);
  if (const uint64_t parent = request_.caller().parent; parent != 0) {
    acquire.set_parent_lease_id(parent);
  }
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
  if (ticket_.empty()) ticket_ = service_.places.Take(Fingerprint(), LoopClock::now());
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
    LogWarning("RELAYED WITHOUT A LEASE: ", lease.status().message());
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

void Exchange::ReportTrouble(const UpstreamAnswer& answer) const {
  const zai::Verdict& verdict = answer.verdict();
  if (!verdict.advice.empty()) {
    LogWarning("the upstream answered ", verdict.code, ": ", verdict.message, " ", verdict.advice);
  }
  if (!answer.has_head() || answer.status() != 429 || verdict.known_code) return;
  LogWarning("the upstream answered 429 with an unknown code, \"", verdict.code,
             "\": ", verdict.message);
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
    Release(lease_, answer);
    const int status = absl::IsDeadlineExceeded(result) ? 504 : 502;
    const std::string message =
        absl::StrCat("zbroker: ", service_.options.upstream.text(), ": ", result.message());
    co_await AnswerError({.http_status = status, .message = message}, {});
    co_return;
  }
  if (responder_.begun() && !answer.is_event_stream()) {
    Release(lease_, answer);
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
  for (;;) {
    // The slot is free as soon as the upstream is done, however slowly the client reads.
    if (answer.finished()) Release(lease_, answer);
    const std::string bytes = answer.Take();
    if (bytes.empty() && answer.finished()) break;
    const bool written = co_await responder_.Write(bytes);
    if (!written) co_return;
    if (bytes.empty()) {
      co_await changed_.Wait(answer.next_deadline());
      if (watch_.gone()) co_return;
    }
    answer.Advance(service_.clock.Read().wall);
  }
  co_await EndRelay(answer);
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
    co_await responder_.End();
  } else if (answer.is_event_stream()) {
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

std::string Exchange::Describe() const {
  const absl::Duration taken = absl::FromChrono(LoopClock::now() - started_);
  std::string line = absl::StrCat(request_.method, " ", PathOf(request_.below), " ", status_);
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
