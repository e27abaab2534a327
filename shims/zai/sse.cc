#include "shims/zai/sse.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shims/zai/look.h"

namespace zbroker::zai {
namespace {

constexpr size_t kNameBytesMax = 64;

// Keeps at least the last kTailBytesMax bytes, and at most twice as many: what is moved is paid
// for.
void AppendToTail(absl::string_view part, std::string* tail) {
  constexpr size_t kMost = EventReader::kTailBytesMax;
  if (part.size() >= kMost) {
    *tail = std::string(part.substr(part.size() - kMost));
    return;
  }
  absl::StrAppend(tail, part);
  if (tail->size() > 2 * kMost) tail->erase(0, tail->size() - kMost);
}

}  // namespace

void EventReader::Feed(absl::string_view bytes, Sink sink) {
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (absl::ConsumePrefix(&bytes, "\n")) continue;
    }
    const size_t end = bytes.find_first_of("\r\n");
    Keep(bytes.substr(0, end));
    if (end == absl::string_view::npos) return;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    EndLine(sink);
  }
}

void EventReader::Finish(Sink sink) {
  if (!line_.empty()) EndLine(sink);
  Dispatch(sink);
}

void EventReader::Keep(absl::string_view part) {
  const size_t room = kEventBytesMax - line_.size();
  if (part.size() > room) {
    const std::string beginning = absl::StrCat(line_.substr(0, 8), part.substr(0, 8));
    oversized_ = oversized_ || absl::StartsWith(beginning, "data:");
  }
  absl::StrAppend(&line_, part.substr(0, room));
  if (part.size() > room) AppendToTail(part.substr(room), &rest_);
}

void EventReader::EndLine(Sink sink) {
  absl::string_view line = line_;
  if (at_start_) absl::ConsumePrefix(&line, kByteOrderMark);
  at_start_ = false;
  if (line.empty()) {
    Dispatch(sink);
  } else {
    ReadLine(line);
  }
  line_.clear();
  rest_.clear();
}

void EventReader::ReadLine(absl::string_view line) {
  const size_t colon = std::min(line.find(':'), line.size());
  const absl::string_view field = line.substr(0, colon);
  absl::string_view value = line.substr(std::min(colon + 1, line.size()));
  absl::ConsumePrefix(&value, " ");
  if (field == "event") {
    name_ = std::string(value.substr(0, kNameBytesMax));
  } else if (field == "id") {
    has_ids_ |= !value.empty();
  } else if (field == "data") {
    if (has_data_) AddData("\n");
    has_data_ = true;
    AddData(value);
    AppendToTail(rest_, &tail_);
  }
}

void EventReader::AddData(absl::string_view part) {
  const size_t room = kEventBytesMax - data_.size();
  absl::StrAppend(&data_, part.substr(0, room));
  if (part.size() <= room) return;
  oversized_ = true;
  AppendToTail(part.substr(room), &tail_);
}

void EventReader::Dispatch(Sink sink) {
  if (has_data_ || !name_.empty()) {
    absl::string_view tail = tail_;
    if (tail.size() > kTailBytesMax) tail.remove_prefix(tail.size() - kTailBytesMax);
    sink({name_, data_, oversized_, oversized_ ? tail : absl::string_view()});
  }
  name_.clear();
  data_.clear();
  tail_.clear();
  has_data_ = false;
  oversized_ = false;
}

}  // namespace zbroker::zai
