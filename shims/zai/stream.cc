#include "shims/zai/stream.h"

#include "absl/strings/ascii.h"
#include "shims/zai/error_facts.h"
#include "shims/zai/judge.h"
#include "shims/zai/usage_figures.h"

namespace zbroker::zai {
namespace {

bool IsPing(const Event& event, const std::optional<json::Element>& document) {
  return event.name == "ping" || (document && json::TextMember(*document, "type") == "ping");
}

bool IsDone(const Event& event) { return absl::StripAsciiWhitespace(event.data) == "[DONE]"; }

bool IsMessageStop(const std::optional<json::Element>& document) {
  return document && json::TextMember(*document, "type") == "message_stop";
}

bool IsRpcAnswer(const std::optional<json::Element>& document) {
  return document && json::Member(*document, "id") &&
         (json::Member(*document, "result") || json::Member(*document, "error"));
}

bool IsEnd(Protocol protocol, const Event& event, const std::optional<json::Element>& document) {
  switch (protocol) {
    case Protocol::kAnthropic:
      return IsMessageStop(document);
    case Protocol::kOpenAi:
      return IsDone(event);
    case Protocol::kMcp:
      return IsRpcAnswer(document);
    case Protocol::kNone:
      return IsDone(event) || IsMessageStop(document);
  }
  return false;
}

}  // namespace

StreamWatcher::StreamWatcher(const Endpoint& endpoint)
    : endpoint_(endpoint), parser_(std::make_unique<json::Parser>()) {}

StreamWatcher::~StreamWatcher() = default;

void StreamWatcher::Feed(absl::string_view bytes, absl::Time now) {
  reader_.Feed(bytes, [&](const Event& event) { See(event, now); });
  if (reader_.oversized()) decided_ = true;
}

void StreamWatcher::Finish(absl::Time now) {
  reader_.Finish([&](const Event& event) { See(event, now); });
}

void StreamWatcher::See(const Event& event, absl::Time now) {
  if (event.oversized) decided_ = true;
  const std::optional<json::Element> document = parser_->Parse(event.data);
  if (const auto facts = FindEventError(endpoint_.protocol, event, document)) {
    decided_ = true;
    if (!error_) error_ = Judge(*facts, {endpoint_, 200, NoHeaders, now});
  }
  if (event.data.empty() || IsPing(event, document)) return;
  decided_ = true;
  if (IsEnd(endpoint_.protocol, event, document)) complete_ = true;
  if (document && endpoint_.model_request) MergeUsage(*document, &usage_);
}

}  // namespace zbroker::zai
