#include "shims/zai/sse.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zbroker::zai {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kNameBytesMax = 64;

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
  if (part.size() > room && absl::StartsWith(absl::StrCat(line_.substr(0, 8), part), "data:")) {
    oversized_ = true;
  }
  absl::StrAppend(&line_, part.substr(0, room));
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
}

void EventReader::ReadLine(absl::string_view line) {
  const size_t colon = std::min(line.find(':'), line.size());
  const absl::string_view field = line.substr(0, colon);
  absl::string_view value = line.substr(std::min(colon + 1, line.size()));
  absl::ConsumePrefix(&value, " ");
  if (field == "event") {
    name_ = std::string(value.substr(0, kNameBytesMax));
  } else if (field == "data") {
    const size_t needed = data_.size() + value.size() + (has_data_ ? 1 : 0);
    if (needed > kEventBytesMax) oversized_ = true;
    if (!oversized_) absl::StrAppend(&data_, has_data_ ? "\n" : "", value);
    has_data_ = true;
  }
}

void EventReader::Dispatch(Sink sink) {
  if (has_data_ || !name_.empty()) {
    sink({name_, oversized_ ? absl::string_view() : data_, oversized_});
  }
  name_.clear();
  data_.clear();
  has_data_ = false;
  oversized_ = false;
}

}  // namespace zbroker::zai
