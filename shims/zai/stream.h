// Watches an event stream as it passes.
#ifndef ZBROKER_SHIMS_ZAI_STREAM_H_
#define ZBROKER_SHIMS_ZAI_STREAM_H_

#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/signal.h"
#include "shims/zai/sse.h"
#include "shims/zai/usage.h"

namespace zbroker::zai {

namespace json_reader {
class Parser;
}

// For an answer with status 200 and content type text/event-stream. What it says after a number of
// bytes does not depend on how they were split. Of events beyond EventReader::kEventBytesMax it
// knows what Summarise() finds; but for the beginning of an answer they count as content. Memory is
// bounded by that, not by the stream.
class StreamWatcher {
 public:
  explicit StreamWatcher(const Endpoint& endpoint);
  ~StreamWatcher();
  StreamWatcher(const StreamWatcher&) = delete;
  StreamWatcher& operator=(const StreamWatcher&) = delete;

  void Feed(absl::string_view bytes, absl::Time now);
  // The upstream has closed the stream, in whatever way: what came last may lack its empty line.
  void Finish(absl::Time now);

  // The first meaningful event has been seen: content, an error, or the end. Comments, pings,
  // events without data, and those that only say that an answer has begun, are not meaningful.
  bool decided() const { return decided_; }
  // The first error, before or after content. Look at it before complete(): an error may be
  // followed by an end. The `retry-after` headers of the answer are not considered.
  const std::optional<Verdict>& error() const { return error_; }
  // The protocol's own end was seen: `message_stop`, `[DONE]`, `response.completed` and kin, the
  // JSON-RPC answer; any of the first three if the protocol is not known. A stream that ends
  // without was cut.
  bool complete() const { return complete_; }
  // The reason for the end was seen, which clients take for one: `stop_reason`, `finish_reason`.
  bool finished() const { return finished_ || complete_; }
  // It is complete, and there was nothing in it and no token spent.
  bool empty() const { return complete_ && !has_content_ && served_.usage.output == 0; }
  // Its client can have what is missing of it on another connection (`Last-Event-ID`).
  bool resumable() const { return reader_.has_ids(); }
  const Served& served() const { return served_; }
  const Usage& usage() const { return served_.usage; }

 private:
  void See(const Event& event, absl::Time now);

  const Endpoint endpoint_;
  EventReader reader_;
  const std::unique_ptr<json_reader::Parser> parser_;
  bool decided_ = false;
  bool complete_ = false;
  bool finished_ = false;
  bool has_content_ = false;
  std::optional<Verdict> error_;
  Served served_;
};

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_STREAM_H_
