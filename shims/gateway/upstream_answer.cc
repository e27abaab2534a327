#include "shims/gateway/upstream_answer.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "shims/zai/look.h"
#include "shims/zai/retry_after.h"

namespace zbroker::gateway {
namespace {

LoopTime After(absl::Duration length) {
  return LoopClock::now() + absl::ToChronoMicroseconds(length);
}

// A document to be judged is decoded up to this.
constexpr size_t kPlainBytesMax = 16 * 1024 * 1024;

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
  const absl::string_view encoding = FindHeader(headers(), "content-encoding");
  // Bytes that can't be read are judged by their status.
  if (zai::IsEncoded(encoding) && zai::Decoder::Create(encoding) == nullptr) return Form::kOpaque;
  if (status() < 300 && absl::StartsWith(type, "text/event-stream")) return Form::kEvents;
  if (status() >= 300 || absl::StrContains(type, "json") || length() == 0) return Form::kDocument;
  return endpoint_.model_request || endpoint_.mcp ? Form::kUnsaid : Form::kOpaque;
}

// By the first bytes, which outvote the header: a type may be missing, or be that of what was asked
// for.
void UpstreamAnswer::Recognise(absl::string_view beginning) {
  // Part of it has gone out already; or a refusal, which is read whole, whatever it is.
  recognised_ = taken_ || status() >= 300 || form_ == Form::kOpaque;
  if (recognised_) return;
  std::string plain;
  absl::string_view encoding = FindHeader(headers(), "content-encoding");
  if (!zai::IsEncoded(encoding)) encoding = zai::EncodingOfBytes(beginning);
  if (const auto decoder = zai::Decoder::Create(encoding); decoder != nullptr) {
    // Else it says to be encoded, and is not.
    if (decoder->Feed(beginning, kPlainBytesMax, &plain).ok()) beginning = plain;
  }
  const zai::Look look = zai::LookOf(beginning);
  recognised_ = look != zai::Look::kUndecided;
  if (look == zai::Look::kDocument) form_ = Form::kDocument;
  if (look == zai::Look::kEvents) form_ = Form::kEvents;
  if (look == zai::Look::kOther && form_ == Form::kUnsaid) form_ = Form::kOpaque;
}

void UpstreamAnswer::TakeIn(absl::Time now) {
  std::string bytes = transfer_.TakeBody();
  const size_t before = kept_.size();
  if (kept_.empty()) {
    kept_ = std::move(bytes);
  } else {
    kept_ += bytes;
  }
  const bool first = !recognised_;
  if (first) Recognise(kept_);
  if (form_ == Form::kEvents && recognised_) {
    Watch(absl::string_view(kept_).substr(first ? 0 : before), now);
  }
}

void UpstreamAnswer::Advance(absl::Time now) {
  if (finished_) return;
  if (transfer_.has_head() && form_ == Form::kUnknown) {
    form_ = FormOf();
    const absl::string_view encoding = FindHeader(headers(), "content-encoding");
    if (zai::IsEncoded(encoding)) decoder_ = zai::Decoder::Create(encoding);
    first_byte_ = LoopClock::now();
    deadline_ = After(time_outs_.idle);
  }
  if (transfer_.has_body()) {
    deadline_ = After(time_outs_.idle);
    // What was judged and not yet taken holds up the upstream.
    if (!ready_ || kept_.empty()) TakeIn(now);
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
    served_ = watcher_.served();
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
    case Form::kUnsaid:
      // Nothing came that could say it.
      ready_ = finished_;
      if (ready_) JudgeDocument(now);
      break;
    case Form::kEvents:
      ready_ = finished_ || watcher_.decided() || kept_.size() >= kEventsKeptMax;
      break;
    case Form::kDocument:
      ready_ = finished_ || kept_.size() >= kDocumentKeptMax;
      if (!ready_) return;
      JudgeDocument(now);
      break;
    case Form::kOpaque:
      ready_ = true;
      verdict_ = zai::ClassifyResponse(endpoint_, {status(), lookup, ""}, now);
      break;
  }
  if (ready_ && finished_ && !result_.ok()) Blame(result_.message());
}

void UpstreamAnswer::JudgeDocument(absl::Time now) {
  const auto lookup = [this](absl::string_view name) { return FindHeader(headers(), name); };
  std::string plain;
  bool readable = true;
  absl::string_view body = kept_;
  if (decoder_ == nullptr) decoder_ = zai::Decoder::Create(zai::EncodingOfBytes(kept_));
  if (decoder_ != nullptr) {
    readable = decoder_->Feed(kept_, kPlainBytesMax, &plain).ok();
    if (readable) body = plain;
    // What only says to be encoded can be read as it is.
    if (!readable && zai::LookOf(kept_) != zai::Look::kDocument) body = {};
  }
  verdict_ = zai::ClassifyResponse(endpoint_, {status(), lookup, body}, now);
  if (!finished_) return;
  served_ = zai::ReadServed(endpoint_, body);
  const bool fine = readable && result_.ok() && status() >= 200 && status() < 300;
  if (fine && zai::IsEmptyAnswer(endpoint_, body)) Blame("the upstream's answer is empty");
}

void UpstreamAnswer::Watch(absl::string_view bytes, absl::Time now) {
  if (decoder_ == nullptr) return watcher_.Feed(bytes, now);
  std::string plain;
  // What can't be decoded is not watched; the client will see.
  decoder_->Feed(bytes, kPlainBytesMax, &plain).IgnoreError();
  watcher_.Feed(plain, now);
}

void UpstreamAnswer::Blame(absl::string_view message) {
  if (verdict_.signal != zai::Signal::kNone) return;
  verdict_.signal = zai::Signal::kTransient;
  verdict_.message = std::string(message);
}

void UpstreamAnswer::Finish(const absl::Status& result) {
  finished_ = true;
  result_ = result;
  if (result_.ok() && form_ == Form::kEvents) FinishEvents();
  if (!result_.ok() && ready_) Blame(result_.message());
}

// Without a frame, a connection that broke looks like one that was closed; and with one, an
// upstream that gave up looks like one that was done.
void UpstreamAnswer::FinishEvents() {
  constexpr absl::string_view kCut = "the upstream broke off in the middle of its answer";
  if (watcher_.error().has_value()) return;
  if (watcher_.empty()) return Blame("the upstream's answer is empty");
  if (watcher_.complete() || (transfer_.framed() && !endpoint_.model_request)) return;
  // A client that saw the reason for the end has all of the answer.
  if (transfer_.framed() && watcher_.finished()) return Blame(kCut);
  result_ = absl::UnavailableError(kCut);
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
