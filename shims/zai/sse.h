// Splits text/event-stream into events.
#ifndef ZBROKER_SHIMS_ZAI_SSE_H_
#define ZBROKER_SHIMS_ZAI_SSE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace zbroker::zai {

// Good until the sink that got it returns.
struct Event {
  absl::string_view name;  // of its `event` field; empty: none
  absl::string_view data;  // its `data` lines, joined by \n
  // Its data exceeded EventReader::kEventBytesMax; what is left of it is not to be read.
  bool oversized = false;
};

// Takes a stream in pieces of any size and gives the same events for any split. Lines end with CR,
// LF or both. Comments, and events with neither name nor data, are passed over. Keeps at most
// kEventBytesMax bytes of a line, and as many of an event's data.
class EventReader {
 public:
  static constexpr size_t kEventBytesMax = 256 * 1024;

  using Sink = absl::FunctionRef<void(const Event&)>;

  void Feed(absl::string_view bytes, Sink sink);
  // The stream has ended: an event that lacks its empty line is one all the same.
  void Finish(Sink sink);

  // The event under way has outgrown the bound. It will be given without data.
  bool oversized() const { return oversized_; }

 private:
  void Keep(absl::string_view part);
  void EndLine(Sink sink);
  void ReadLine(absl::string_view line);
  void Dispatch(Sink sink);

  std::string line_;  // of which the end has not come yet
  bool after_cr_ = false;
  bool at_start_ = true;

  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool oversized_ = false;
};

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_SSE_H_
