// What a turn leaves to be done after it.
#ifndef ZBROKER_DAEMON_ENGINE_OUTGOING_H_
#define ZBROKER_DAEMON_ENGINE_OUTGOING_H_

#include <functional>
#include <memory>
#include <vector>

#include "daemon/core/event.h"

namespace zbroker::engine {

// Where the events of a stream go. Nobody's batch waits for what it takes to send them: they are
// handed over in the engine's turn, and delivered after it.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // In the turn, one event at a time and in order: only puts it by.
  virtual void Keep(core::Event event) = 0;
  // After the turn, on the thread that had it: delivers what was kept. Other threads may do the
  // same at the same time, so the order is the sink's business. May look something up, but waits
  // for no client.
  virtual void Flush() = 0;
};

// In the order in which it came about. Not thread-safe.
class Outgoing {
 public:
  // Something was kept for the stream.
  void Add(std::shared_ptr<EventSink> sink);
  // Somebody who asked is to be answered.
  void Add(std::function<void()> answer);
  void Append(Outgoing later);

  // May take a while, as it makes messages and runs callbacks: to be done by whoever has neither
  // turn nor lock.
  void Deliver() &&;

 private:
  std::vector<std::shared_ptr<EventSink>> sinks_;
  std::vector<std::function<void()>> answers_;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_OUTGOING_H_
