#include "shims/gateway/exchange.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "client/base/log.h"
#include "client/base/sparse_log.h"
#include "client/base/text.h"
#include "shims/gateway/acquire.h"
#include "shims/gateway/local_answer.h"
#include "shims/gateway/outcome.h"
#include "shims/gateway/secrets.h"
#include "shims/lease/admission.h"
#include "shims/zai/reply.h"

namespace zbroker::gateway {
namespace {

// What an upstream still has to say when the answer is complete.
constexpr std::chrono::seconds kTailMax{1};
// Claude Code tells its user that nothing comes after 20 s, be it only the beginning of an answer.
constexpr std::chrono::seconds kBeginningKeptMax{10};

LoopTime After(LoopTime time, absl::Duration length) {
  return time + absl::ToChronoMicroseconds(length);
}

void Set(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

bool IsThrottle(zai::Signal signal) {
  return signal == zai::Signal::kThrottle || signal == zai::Signal::kStartRate ||
         signal == zai::Signal::kOverload;
}

zai::Inspection Inspect(const zai::Endpoint& endpoint, const ClientRequest& request,
                        const ToolCalls& calls) {
  zai::Inspection inspection = zai::InspectRequest(
      endpoint, [&](absl::string_view name) { return FindHeader(request.headers, name); },
      request.body);
  if (calls.readable) inspection.needs_slot = calls.leased > 0;
  inspection.model = calls.readable ? calls.tool : inspection.model;
  return inspection;
}

// What is no call passes at once, whatever it is, and for as long as both ends want it.
zai::Endpoint Watched(zai::Endpoint endpoint, const zai::Inspection& inspection) {
  endpoint.mcp = endpoint.mcp && inspection.needs_slot;
  return endpoint;
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
      tool_calls_(FindToolCalls(endpoint_, PathOf(AfterAuthority(upstream_request_.url)),
                                request_.headers, request_.body, service.options.tools)),
      inspection_(Inspect(endpoint_, request_, tool_calls_)),
      started_(LoopClock::now()),
      changed_(service.io),
      watch_(stream.socket(), changed_),
      responder_(stream, request_.wants),
      lease_(service.releases) {
  if (inspection_.stream && inspection_.needs_slot) {
    // Well before the client gives up, since a ping is what tells it that somebody is there.
    const std::optional<absl::Duration> timeout = ClientTimeout(request_.headers);
    patience_ = timeout.value_or(absl::InfiniteDuration()) / 2;
    const auto silence = timeout ? service_.options.patient_silence : service_.options.silence;
    ping_due_ = After(started_, std::min(patience_, absl::FromChrono(silence)));
  }
}

void Exchange::Stop() {
  fate_ = "the gateway ended";
  watch_.SetGone();
  responder_.CutUnlessEnded();
}

awaitable<bool> Exchange::Run() {
  if (const auto here = AnswerHere(endpoint_, inspection_, request_); here.has_value()) {
    status_ = here->head.status;
    co_await responder_.Send(here->head, here->body);
    co_return Finished();
  }
  if (CancelsForGood()) {
    status_ = 202;
    const Head accepted{status_, "", {}};
    co_await responder_.Send(accepted, "");
    co_return Finished();
  }
  std::optional<OpenCalls::Entry> open;
  if (tool_calls_.leased > 0 && !tool_calls_.batch) {
    CallName name = NameOfCall(tool_calls_.requests.front().id);
    if (name.known()) {
      open.emplace(service_.open_calls, std::move(name), [this] { return CancelCall(); });
    }
  }
  for (bool once_more = false;;) {
    if (inspection_.needs_slot && !once_more) {
      const bool admitted = co_await Admit();
      if (!admitted) break;
    }
    ++attempts_;
    UpstreamAnswer answer(service_.curl, changed_, Watched(endpoint_, inspection_),
                          upstream_request_, service_.options.upstream_time_outs);
    const bool answered = co_await AwaitAnswer(answer);
    if (answered) LearnFrom(answer);
    // Under the same lease: it is the same work, charged once.
    once_more = answered && !once_more && ShouldTryOnceMore(answer);
    if (once_more) continue;
    if (answered && ShouldRetry(answer)) {
      ticket_ = Release(lease_, answer, Told(answer));
      continue;
    }
    if (answered) {
      co_await Relay(answer);
    } else {
      NoteFate("client left before its answer");
    }
    if (lease_.held()) answer.GiveUp(service_.clock.Read().wall);
    if (lease_.held() && answer.complete()) co_await AwaitEnd(answer);
    if (lease_.held()) {
      RememberFailure();
      answer.TellWhenClosed(ReleaseCancelled(lease_, answer, Told(answer)));
    }
    break;
  }
  co_return Finished();
}

// Codex leaves as soon as it has the last event, whatever the upstream still says.
awaitable<void> Exchange::AwaitEnd(UpstreamAnswer& answer) {
  const LoopTime deadline = LoopClock::now() + kTailMax;
  while (!answer.finished() && LoopClock::now() < deadline) {
    co_await changed_.Wait(std::min(deadline, answer.next_deadline()));
    answer.Take();
    answer.Advance(service_.clock.Read().wall);
  }
  EndLease(answer);
}

bool Exchange::Finished() {
  responder_.CutUnlessEnded();
  lease_.ReleaseCancelled();
  if (service_.options.verbose) LogInfo(Describe());
  return responder_.reusable();
}

v1::Acquire Exchange::MakeAcquire() const {
  const Options& options = service_.options;
  v1::Acquire acquire = AcquireFor(options.lease, inspection_, request_.caller());
  acquire.set_ticket(ticket_);
  if (repeated_) acquire.set_kind(v1::KIND_CALL);
  acquire.set_takes_throttles(attempts_ < options.retries);
  acquire.set_reports(true);
  if (tool_calls_.leased > 1) acquire.set_weight(tool_calls_.leased);
  const auto timeout =
      tool_calls_.leased > 0 ? options.timeout.value_or(options.tool_patience) : options.timeout;
  if (timeout.has_value()) {
    const absl::Duration spent = absl::FromChrono(LoopClock::now() - started_);
    Set(service_.clock.Read().wall + *timeout - spent, acquire.mutable_deadline());
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
  if (inspection_.kind == zai::Kind::kPrompt && !service_.failed_prompts.empty()) {
    repeated_ = repeated_ || service_.failed_prompts.Take(Fingerprint(), LoopClock::now());
  }
  std::optional<lease::Admission> admission(std::in_place, service_.io, service_.broker, changed_,
                                            MakeAcquire());
  const LoopTime deadline = ClientDeadline();
  admitting_ = true;
  while (!admission->ended() && !cancelled_) {
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
  admitting_ = false;
  if (cancelled_) {
    NoteFate("client cancelled it while it waited");
    admission->Withdraw();
    admission.reset();
    co_await AnswerCancelled();
    co_return false;
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

CallName Exchange::NameOfCall(const std::string& id) const {
  CallName name{.session = std::string(FindHeader(request_.headers, "mcp-session-id")),
                .below = request_.below,
                .id = id};
  if (name.session.empty()) name.pid = request_.caller().pid;
  return name;
}

bool Exchange::CancelsForGood() {
  if (tool_calls_.cancelled.empty() || service_.open_calls.empty()) return false;
  const CallName name = NameOfCall(tool_calls_.cancelled);
  return name.known() && service_.open_calls.Cancel(name);
}

bool Exchange::CancelCall() {
  cancelled_ = true;
  if (admitting_) {
    changed_.Notify();
    return true;
  }
  // The server may answer or not, now or never.
  NoteFate("client cancelled it");
  lease_.ReleaseCancelled();
  return false;
}

void Exchange::KeepPlace(std::string ticket) {
  service_.places.Add(Fingerprint(), std::move(ticket), LoopClock::now());
}

void Exchange::RememberFailure() {
  if (inspection_.kind != zai::Kind::kPrompt) return;
  service_.failed_prompts.Add(Fingerprint(), LoopClock::now());
}

void Exchange::EndLease(const UpstreamAnswer& answer) {
  if (!lease_.held()) return;
  const zai::Signal signal = answer.verdict().signal;
  if (signal == zai::Signal::kTransient) RememberFailure();
  std::string ticket = Release(lease_, answer, Told(answer));
  // Its client may ask once more, after its own pause.
  if (IsThrottle(signal)) KeepPlace(std::move(ticket));
}

uint64_t Exchange::Fingerprint() const {
  const auto lookup = [this](absl::string_view name) { return FindHeader(request_.headers, name); };
  const uint64_t asked = zai::FingerprintRequest(endpoint_, lookup, request_.body);
  return absl::HashOf(request_.method, request_.below, inspection_.session,
                      asked != 0 ? asked : absl::HashOf(request_.body));
}

awaitable<bool> Exchange::AwaitAnswer(UpstreamAnswer& answer) {
  for (;;) {
    answer.Advance(service_.clock.Read().wall);
    if (answer.ready()) co_return true;
    LoopTime until = answer.next_deadline();
    LoopTime passes = ping_due_;
    if (answer.is_event_stream() && endpoint_.protocol == zai::Protocol::kAnthropic) {
      passes = std::min(passes, answer.first_byte().value_or(passes) + kBeginningKeptMax);
    }
    if (responder_.begun()) until = std::min(until, ping_due_);
    if (answer.is_event_stream()) until = std::min(until, passes);
    co_await changed_.Wait(until);
    if (watch_.gone()) co_return false;
    // The upstream's own pings are better than none, though an error may yet follow them.
    if (answer.is_event_stream() && LoopClock::now() >= passes) co_return true;
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
  const auto lookup = [this](absl::string_view name) { return FindHeader(request_.headers, name); };
  std::string decoded;
  const absl::string_view body = zai::PlainBody(lookup, request_.body, &decoded);
  return Secrets(request_.headers, request_.below, body, inspection_.model).Mask(verdict);
}

bool Exchange::ShouldTryOnceMore(const UpstreamAnswer& answer) const {
  return answer.verdict().worth_another_try && inspection_.needs_slot && !cancelled_ &&
         service_.options.retries > 0 && LoopClock::now() < ClientDeadline();
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
