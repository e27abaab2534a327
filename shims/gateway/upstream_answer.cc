#include "shims/gateway/upstream_answer.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "shims/zai/retry_after.h"

namespace zbroker::gateway {
namespace {

LoopTime After(absl::Duration length) {
  return LoopClock::now() + absl::ToChronoMicroseconds(length);
}

bool IsEncoded(const Headers& headers) {
  const absl::string_view encoding = FindHeader(headers, "content-encoding");
  return !encoding.empty() && !absl::EqualsIgnoreCase(encoding, "identity");
}

}  // namespace

UpstreamAnswer::UpstreamAnswer(CurlLoop& loop, Wakeup& changed, const zai::Endpoint& endpoint,
                               const UpstreamRequest& request, const TimeOuts& time_outs)
    : endpoint_(endpoint),
      time_outs_(time_outs),
      transfer_(loop, changed, request),
      watcher_(endpoint),
      deadline_(After(time_outs.first_byte)) {}

UpstreamAnswer::Form UpstreamAnswer::FormOf() const {
  const std::string type = absl::AsciiStrToLower(FindHeader(headers(), "content-type"));
  // Bytes that can't be read are judged by their status.
  if (IsEncoded(headers())) return Form::kOpaque;
  if (status() < 300 && absl::StartsWith(type, "text/event-stream")) return Form::kEvents;
  if (status() >= 300 || absl::StrContains(type, "json")) return Form::kDocument;
  return Form::kOpaque;
}

void UpstreamAnswer::Advance(absl::Time now) {
  if (finished_) return;
  if (transfer_.has_head() && form_ == Form::kUnknown) {
    form_ = FormOf();
    first_byte_ = LoopClock::now();
    deadline_ = After(time_outs_.idle);
  }
  if (transfer_.has_body()) {
    deadline_ = After(time_outs_.idle);
    // What was judged and not yet taken holds up the upstream.
    if (!ready_ || kept_.empty()) {
      std::string bytes = transfer_.TakeBody();
      if (form_ == Form::kEvents) watcher_.Feed(bytes, now);
      if (kept_.empty()) {
        kept_ = std::move(bytes);
      } else {
        kept_ += bytes;
      }
    }
  }
  if (transfer_.done() && !transfer_.has_body()) {
    if (form_ == Form::kEvents) watcher_.Finish(now);
    Finish(transfer_.result());
  } else if (LoopClock::now() >= deadline_) {
    const absl::Duration silence = has_head() ? time_outs_.idle : time_outs_.first_byte;
    Finish(absl::DeadlineExceededError(
        absl::StrCat("the upstream said nothing for ", zbroker::FormatDuration(silence))));
  }
  if (!ready_) Judge(now);
  if (form_ == Form::kEvents) {
    usage_ = watcher_.usage();
    if (watcher_.error().has_value() && verdict_.signal == zai::Signal::kNone) {
      verdict_ = *watcher_.error();
      if (!verdict_.retry_after)
        verdict_.retry_after = zai::FindRetryAfter(
            [this](absl::string_view name) { return FindHeader(headers(), name); }, now);
    }
  }
}

void UpstreamAnswer::Judge(absl::Time now) {
  const auto lookup = [this](absl::string_view name) { return FindHeader(headers(), name); };
  switch (form_) {
    case Form::kUnknown:
      ready_ = finished_;
      break;
    case Form::kEvents:
      ready_ = finished_ || watcher_.decided() || kept_.size() >= kEventsKeptMax;
      break;
    case Form::kDocument:
      ready_ = finished_ || kept_.size() >= kDocumentKeptMax;
      if (!ready_) return;
      verdict_ = zai::ClassifyResponse(endpoint_, {status(), lookup, kept_}, now);
      if (finished_) usage_ = zai::ReadUsage(endpoint_, kept_);
      break;
    case Form::kOpaque:
      ready_ = true;
      verdict_ = zai::ClassifyResponse(endpoint_, {status(), lookup, ""}, now);
      break;
  }
  if (ready_ && finished_ && !result_.ok() && verdict_.signal == zai::Signal::kNone) {
    verdict_.signal = zai::Signal::kTransient;
    verdict_.message = std::string(result_.message());
  }
}

void UpstreamAnswer::Finish(const absl::Status& result) {
  finished_ = true;
  result_ = result;
  // Without a frame, a connection that broke looks like one that was closed.
  if (result_.ok() && form_ == Form::kEvents && !transfer_.framed() && !watcher_.complete()) {
    result_ = absl::UnavailableError("the upstream broke off in the middle of its answer");
  }
  if (!result_.ok() && ready_ && verdict_.signal == zai::Signal::kNone) {
    verdict_.signal = zai::Signal::kTransient;
    verdict_.message = std::string(result_.message());
  }
}

void UpstreamAnswer::GiveUp(absl::Time now) {
  kept_.clear();
  Advance(now);
}

std::string UpstreamAnswer::Take() {
  taken_ = true;
  return std::exchange(kept_, {});
}

}  // namespace zbroker::gateway
