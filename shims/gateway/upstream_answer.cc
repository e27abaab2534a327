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
  if (length == absl::InfiniteDuration()) return Wakeup::kNever;
  return LoopClock::now() + absl::ToChronoMicroseconds(length);
}

// A document to be judged is decoded up to this.
constexpr size_t kPlainBytesMax = 16 * 1024 * 1024;

// What MCP has besides calls of tools.
bool Passes(const zai::Endpoint& endpoint) {
  return endpoint.protocol == zai::Protocol::kMcp && !endpoint.mcp;
}
constexpr UpstreamAnswer::TimeOuts kForEver = {.first_byte = absl::InfiniteDuration(),
                                               .idle = absl::InfiniteDuration()};

}  // namespace

UpstreamAnswer::UpstreamAnswer(CurlLoop& loop, Wakeup& changed, const zai::Endpoint& endpoint,
                               const UpstreamRequest& request, const TimeOuts& time_outs)
    : endpoint_(endpoint),
      time_outs_(Passes(endpoint) ? kForEver : time_outs),
      transfer_(loop, changed, request),
      watcher_(endpoint),
      deadline_(After(time_outs_.first_byte)) {}

UpstreamAnswer::Form UpstreamAnswer::FormOf() const {
  const std::string type = absl::AsciiStrToLower(FindHeader(headers(), "content-type"));
  const absl::string_view encoding = FindHeader(headers(), "content-encoding");
  if (status() >= 300) return Form::kDocument;
  // An encoding that nobody knows may be none: the first bytes say whether they can be read.
  if (!zai::IsEncoded(encoding) || zai::Decoder::Create(encoding) != nullptr) {
    if (absl::StartsWith(type, "text/event-stream")) {
      return Passes(endpoint_) ? Form::kOpaque : Form::kEvents;
    }
    if (absl::StrContains(type, "json") || length() == 0) return Form::kDocument;
  }
  return endpoint_.model_request || endpoint_.mcp ? Form::kUnsaid : Form::kOpaque;
}

// By the first bytes, which outvote the header: a type may be missing, or be that of what was asked
// for.
void UpstreamAnswer::Recognise(absl::string_view beginning) {
  // Part of it has gone out already; or a refusal, which is read whole, whatever it is.
  recognised_ = taken_ || form_ == Form::kOpaque;
  if (recognised_) return;
  std::string plain;
  beginning = Readable(beginning, &plain);
  decoder_ = MakeDecoder();
  recognised_ = status() >= 300;
  if (recognised_) return;
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
      ready_ = finished_ || kept_.size() >= (status() >= 300 ? kRefusalKeptMax : kDocumentKeptMax);
      if (!ready_) return;
      JudgeDocument(now);
      break;
    case Form::kOpaque:
      ready_ = true;
      verdict_ = zai::ClassifyResponse(endpoint_, {status(), lookup, ""}, now);
      if (IsUnreadable()) {
        unreadable_ = std::string(FindHeader(headers(), "content-encoding"));
      } else if (endpoint_.model_request && (!endpoint_.unknown || IsPage())) {
        BlameForeign();
      }
      break;
  }
  if (ready_ && finished_ && !result_.ok()) Blame(result_.message());
}

void UpstreamAnswer::JudgeDocument(absl::Time now) {
  const auto lookup = [this](absl::string_view name) { return FindHeader(headers(), name); };
  std::string plain;
  absl::string_view body = Readable(kept_, &plain);
  if (IsUnreadable() && zai::LookOf(body) != zai::Look::kDocument) {
    // What only says to be encoded can be read as it is; the rest is judged by its status.
    unreadable_ = std::string(FindHeader(headers(), "content-encoding"));
    body = {};
  }
  verdict_ = zai::ClassifyResponse(endpoint_, {status(), lookup, body}, now);
  if (!finished_) return;
  served_ = zai::ReadServed(endpoint_, body);
  if (result_.ok() && unreadable_.empty()) LookForFlaws(body);
}

// Of what is too large when it is decoded, or breaks off, the beginning.
absl::string_view UpstreamAnswer::Readable(absl::string_view bytes, std::string* plain) {
  encoding_ = std::string(FindHeader(headers(), "content-encoding"));
  if (!zai::IsEncoded(encoding_)) encoding_ = std::string(zai::EncodingOfBytes(bytes));
  const std::unique_ptr<zai::Decoder> decoder = MakeDecoder();
  if (decoder != nullptr) {
    const bool whole = decoder->Feed(bytes, kPlainBytesMax, plain).ok();
    if (whole || (!plain->empty() && zai::LookOf(bytes) == zai::Look::kOther)) return *plain;
  }
  encoding_.clear();  // it says to be encoded, and is not, or in a way that nobody knows
  return bytes;
}

bool UpstreamAnswer::IsUnreadable() const {
  return !kept_.empty() && encoding_.empty() &&
         zai::IsEncoded(FindHeader(headers(), "content-encoding"));
}

void UpstreamAnswer::LookForFlaws(absl::string_view body) {
  if (!endpoint_.model_request || verdict_.signal != zai::Signal::kNone) return;
  if (status() >= 300) {
    // No client of a model follows one, and behind it is no model's server.
    verdict_.signal = zai::Signal::kClient;
    verdict_.message = absl::StrCat("the upstream answered with status ", status(),
                                    ", which leads elsewhere: a base URL may be wrong");
    verdict_.unserved = true;
    return;
  }
  switch (zai::FlawOf(endpoint_, body)) {
    case zai::Flaw::kNone:
      return;
    case zai::Flaw::kEmpty:
      return Blame("the upstream's answer is empty");
    case zai::Flaw::kCut:
      return Blame("the upstream's answer breaks off in the middle");
    case zai::Flaw::kForeign:
      return BlameForeign();
  }
}

void UpstreamAnswer::BlameForeign() {
  if (verdict_.signal != zai::Signal::kNone) return;
  Blame("the upstream's answer is not a model's: another server, a proxy or a portal gave it");
  verdict_.unserved = true;
}

bool UpstreamAnswer::IsPage() const {
  return absl::StartsWithIgnoreCase(FindHeader(headers(), "content-type"), "text/html");
}

std::string UpstreamAnswer::PlainBody() const {
  std::string plain;
  const std::unique_ptr<zai::Decoder> decoder = MakeDecoder();
  if (decoder == nullptr) return kept_;
  return decoder->Feed(kept_, kPlainBytesMax, &plain).ok() ? plain : std::string();
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
  // Of models alone: what a tool answers has no tokens.
  if (endpoint_.model_request && watcher_.empty()) {
    return Blame("the upstream's answer is empty");
  }
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
