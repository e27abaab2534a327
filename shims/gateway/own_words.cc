// What an Exchange says in its own words, in the shape of the client's protocol.
#include "shims/mcp/own_words.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"
#include "client/broker/refusal.h"
#include "shims/gateway/exchange.h"
#include "shims/gateway/meter_watch.h"
#include "shims/gateway/retry_fields.h"
#include "shims/gateway/target.h"
#include "shims/zai/as_events.h"
#include "shims/zai/reset_time.h"

namespace zbroker::gateway {
namespace {

// Seconds after which a place may be free that was not.
constexpr char kBusyPause[] = "2";

bool IsUsedUp(zai::Signal signal) {
  return signal == zai::Signal::kWall || signal == zai::Signal::kBreaker;
}

// Codex prints this field between its own words for a limit and the time of the reset, and nothing
// of the body.
void AddReason(const zai::ErrorReply& reply, Headers& headers) {
  constexpr size_t kReasonBytesMax = 200;
  std::string reason = Ellipsize(reply.message, kReasonBytesMax);
  while (!reason.empty() && (reason.back() == '.' || reason.back() == ' ')) reason.pop_back();
  const bool ascii = std::all_of(reason.begin(), reason.end(),
                                 [](char c) { return absl::ascii_isascii(c) && c >= ' '; });
  if (ascii && !reason.empty()) headers.push_back({"x-codex-promo-message", reason});
}

// Clients of the old form of MCP over HTTP look for answers on another connection, but see a
// status.
bool AnswersInPlace(absl::string_view path) {
  return !absl::EndsWith(absl::StripSuffix(path, "/"), "/message");
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

}  // namespace

awaitable<void> Exchange::AnswerRefusal(const absl::Status& refusal) {
  Headers headers;
  const std::optional<v1::Block> block = broker::BlockOf(refusal);
  const bool wall = block.has_value() && block->reason() == v1::BLOCK_REASON_WALL;
  if (wall && service_.meter != nullptr) service_.meter->Refused(request_.headers);
  if (tool_calls_.leased > 0 && AnswersInPlace(PathOf(request_.below))) {
    co_await AnswerCalls(refusal);
    co_return;
  }
  if (block.has_value()) {
    // As the upstream would say it once more.
    StopClientsRetries(headers);
    zai::ErrorReply reply = {.http_status = 429,
                             .code = block->upstream_code(),
                             .message = refusal.message(),
                             .used_up = true};
    if (block->has_until()) reply.resets_at = absl::FromUnixSeconds(block->until().seconds());
    co_await AnswerError(reply, std::move(headers));
    co_return;
  }
  const std::string message = absl::StrCat("zbroker: ", refusal.message());
  const int status = HttpStatusOf(refusal);
  // Some libraries would ask again within half a second.
  if (status == 503) headers.push_back({"Retry-After", kBusyPause});
  co_await AnswerError({.http_status = status, .message = message}, std::move(headers));
}

awaitable<void> Exchange::AnswerCalls(const absl::Status& refusal) {
  status_ = 200;
  Head head{status_, "", {{"Content-Type", "application/json"}}};
  std::string body = mcp::RefusalLine(tool_calls_.batch, tool_calls_.requests,
                                      mcp::RefusalWords(refusal, absl::LocalTimeZone()));
  co_await responder_.Send(head, body);
}

// Who has cancelled a request expects no answer to it, but the end of what was posted.
awaitable<void> Exchange::AnswerCancelled() {
  const bool events =
      absl::StrContains(FindHeader(request_.headers, "accept"), "text/event-stream") &&
      AnswersInPlace(PathOf(request_.below));
  status_ = events ? 200 : 202;
  Head head{status_, "", {}};
  if (events) head.headers.push_back({"Content-Type", "text/event-stream"});
  co_await responder_.Send(head, "");
}

bool Exchange::NeedsOwnWords(const UpstreamAnswer& answer) const {
  return endpoint_.protocol == zai::Protocol::kResponses && !answer.is_event_stream() &&
         answer.is_whole() && zai::IsFinal(answer.verdict().signal);
}

awaitable<void> Exchange::Reword(const UpstreamAnswer& answer) {
  const zai::Verdict& verdict = answer.verdict();
  Headers headers;
  if (zai::IsFinal(verdict.signal)) StopClientsRetries(headers);
  int status = answer.status() >= 400 ? answer.status() : 502;
  const bool responses = endpoint_.protocol == zai::Protocol::kResponses;
  // Codex prints the body of a 400 and gives up. Of a 429 without a limit that it knows it prints
  // the number alone, and what is neither it sends again, five times.
  if (responses && status == 429 && verdict.signal == zai::Signal::kTerminal) status = 400;
  const std::string unexplained = absl::StrCat("zbroker: the upstream answered with status ",
                                               answer.status(), " and no stream");
  // Codex prints it beside a time of the user's clock.
  const std::string message =
      responses ? zai::WithTimesIn(verdict.message, absl::LocalTimeZone()) : verdict.message;
  co_await AnswerError({.http_status = status,
                        .code = verdict.code,
                        .message = message.empty() ? unexplained : message,
                        .request_id = verdict.request_id,
                        .used_up = IsUsedUp(verdict.signal),
                        .resets_at = verdict.reset_at},
                       std::move(headers));
}

awaitable<void> Exchange::RelayAsEvents(UpstreamAnswer& answer) {
  std::string events;
  if (answer.is_whole() && answer.verdict().signal == zai::Signal::kNone) {
    events = zai::EventsOf(endpoint_.protocol, answer.PlainBody());
    if (events.empty()) answer.Disown("the upstream answered without a stream, and with no answer");
  } else {
    answer.Disown("the upstream answered without a stream");
  }
  EndLease(answer);
  if (events.empty()) co_return co_await Reword(answer);
  bool written = co_await responder_.Write(events);
  if (written) written = co_await responder_.End();
  if (!written) NoteFate("client left in the middle");
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
  if (endpoint_.protocol == zai::Protocol::kResponses && reply.used_up) AddReason(reply, headers);
  const std::string body = zai::ErrorBody(endpoint_.protocol, reply);
  Head head{status_, "", std::move(headers)};
  head.headers.push_back({"Content-Type", "application/json"});
  for (Header& header : OwnHeaders()) head.headers.push_back(std::move(header));
  co_await responder_.Send(head, body);
}

awaitable<bool> Exchange::PingIfDue() {
  if (LoopClock::now() < ping_due_) co_return true;
  const absl::Duration pause =
      std::min(patience_, absl::FromChrono(service_.options.ping_interval));
  ping_due_ = LoopClock::now() + absl::ToChronoMicroseconds(pause);
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

Headers Exchange::OwnHeaders() const {
  if (lease_id_ == 0) return {};
  return {{"x-zbroker-waited-ms", absl::StrCat(absl::ToInt64Milliseconds(waited_))},
          {"x-zbroker-lease", absl::StrCat(lease_id_)}};
}

}  // namespace zbroker::gateway
