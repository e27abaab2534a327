#include "daemon/engine/outgoing.h"

#include <iterator>
#include <utility>

namespace zbroker::engine {

void Outgoing::Add(std::shared_ptr<EventSink> sink) {
  if (sinks_.empty() || sinks_.back() != sink) sinks_.push_back(std::move(sink));
}

void Outgoing::Add(std::function<void()> answer) { answers_.push_back(std::move(answer)); }

void Outgoing::Append(Outgoing later) {
  std::move(later.sinks_.begin(), later.sinks_.end(), std::back_inserter(sinks_));
  std::move(later.answers_.begin(), later.answers_.end(), std::back_inserter(answers_));
}

void Outgoing::Deliver() && {
  for (const auto& sink : sinks_) sink->Flush();
  for (const auto& answer : answers_) answer();
}

}  // namespace zbroker::engine
