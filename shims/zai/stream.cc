#include "shims/zai/stream.h"

#include "absl/strings/ascii.h"
#include "shims/zai/content.h"
#include "shims/zai/error_facts.h"
#include "shims/zai/judge.h"
#include "shims/zai/large_event.h"
#include "shims/zai/usage_figures.h"

namespace zbroker::zai {
namespace {

bool IsPing(const Event& event, const std::optional<json_reader::Element>& document) {
  return event.name == "ping" || (document && json_reader::TextMember(*document, "type") == "ping");
}

bool IsDone(const Event& event) { return absl::StripAsciiWhitespace(event.data) == "[DONE]"; }

bool IsMessageStop(const std::optional<json_reader::Element>& document) {
  return document && json_reader::TextMember(*document, "type") == "message_stop";
}

absl::string_view TypeOf(const std::optional<json_reader::Element>& document) {
  return document ? json_reader::TextMember(*document, "type") : absl::string_view();
}

bool IsResponseEnd(const std::optional<json_reader::Element>& document) {
  const absl::string_view type = TypeOf(document);
  return type == "response.completed" || type == "response.incomplete" ||
         type == "response.failed" || type == "response.done";
}

// The answer has begun, and may still fail before anything of it comes: then the client need not
// know.
bool IsBeginning(Protocol protocol, const std::optional<json_reader::Element>& document) {
  if (!document) return false;
  const absl::string_view type = TypeOf(document);
  if (type == "response.created" || type == "response.in_progress" || type == "response.queued") {
    return true;
  }
  if (type == "message_start") {
    const auto message = json_reader::Member(*document, "message");
    return !message || !HasContent(protocol, *message);
  }
  // Of a text or a thought, before the first of it.
  if (type == "content_block_start") return !HasContent(protocol, *document);
  return protocol == Protocol::kOpenAi && json_reader::Member(*document, "choices") &&
         !json_reader::Member(*document, "usage") && !HasContent(protocol, *document) &&
         EndReason(*document).empty();
}

bool IsRpcAnswer(const std::optional<json_reader::Element>& document) {
  return document && json_reader::Member(*document, "id") &&
         (json_reader::Member(*document, "result") || json_reader::Member(*document, "error"));
}

bool IsEnd(Protocol protocol, const Event& event,
           const std::optional<json_reader::Element>& document) {
  switch (protocol) {
    case Protocol::kAnthropic:
      return IsMessageStop(document);
    case Protocol::kOpenAi:
      return IsDone(event);
    case Protocol::kResponses:
      return IsResponseEnd(document);
    case Protocol::kMcp:
      return IsRpcAnswer(document);
    case Protocol::kNone:
      return IsDone(event) || IsMessageStop(document) || IsResponseEnd(document);
  }
  return false;
}

}  // namespace

StreamWatcher::StreamWatcher(const Endpoint& endpoint)
    : endpoint_(endpoint), parser_(std::make_unique<json_reader::Parser>()) {}

StreamWatcher::~StreamWatcher() = default;

void StreamWatcher::Feed(absl::string_view bytes, absl::Time now) {
  reader_.Feed(bytes, [&](const Event& event) { See(event, now); });
  if (reader_.oversized()) decided_ = true;
}

void StreamWatcher::Finish(absl::Time now) {
  reader_.Finish([&](const Event& event) { See(event, now); });
}

void StreamWatcher::See(const Event& event, absl::Time now) {
  const std::string summary = event.oversized ? Summarise(event) : "";
  const std::optional<json_reader::Element> document =
      parser_->Parse(event.oversized ? absl::string_view(summary) : event.data);
  if (const auto facts = FindEventError(endpoint_.protocol, event, document)) {
    decided_ = true;
    if (!error_) {
      error_ = Judge(*facts, {endpoint_, 200, NoHeaders, now});
      if (has_content_) error_->worth_another_try = false;
    }
  }
  if (event.data.empty() || IsPing(event, document)) return;
  const bool beginning = IsBeginning(endpoint_.protocol, document);
  if (!beginning) decided_ = true;
  if (IsEnd(endpoint_.protocol, event, document)) complete_ = true;
  if (!endpoint_.model_request) return;
  // What can't be read, or not wholly, is not nothing.
  if (!document && !IsDone(event)) has_content_ = true;
  if (event.oversized && !beginning) has_content_ = true;
  if (!document) return;
  MergeServed(*document, &served_);
  if (!EndReason(*document).empty()) finished_ = true;
  if (HasContent(endpoint_.protocol, *document)) has_content_ = true;
}

}  // namespace zbroker::zai
