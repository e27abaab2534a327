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
  // Its data exceeded EventReader::kEventBytesMax: `data` is the beginning of it, and `tail` the
  // end.
  bool oversized = false;
  absl::string_view tail = {};  // up to EventReader::kTailBytesMax bytes
};

// Takes a stream in pieces of any size and gives the same events for any split. Lines end with CR,
// LF or both. Comments, and events with neither name nor data, are passed over. Keeps at most
// kEventBytesMax bytes of the beginning of a line, as many of an event's data, and of each some of
// the end.
class EventReader {
 public:
  static constexpr size_t kEventBytesMax = 256 * 1024;
  static constexpr size_t kTailBytesMax = 8 * 1024;

  using Sink = absl::FunctionRef<void(const Event&)>;

  void Feed(absl::string_view bytes, Sink sink);
  // The stream has ended: an event that lacks its empty line is one all the same.
  void Finish(Sink sink);

  // The event under way has outgrown the bound.
  bool oversized() const { return oversized_; }
  // An `id` was seen, with which a client that was cut off may ask for what followed.
  bool has_ids() const { return has_ids_; }

 private:
  void Keep(absl::string_view part);
  void EndLine(Sink sink);
  void ReadLine(absl::string_view line);
  void AddData(absl::string_view part);
  void Dispatch(Sink sink);

  std::string line_;  // of which the end has not come yet
  std::string rest_;  // the last of what of it is not kept
  bool after_cr_ = false;
  bool at_start_ = true;
  bool has_ids_ = false;

  std::string name_;
  std::string data_;
  std::string tail_;
  bool has_data_ = false;
  bool oversized_ = false;
};

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_SSE_H_
