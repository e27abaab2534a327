#include "shims/tools/text_edit.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace zbroker::tools {
namespace {

size_t BeginOfLine(absl::string_view text, size_t at) {
  if (at == 0) return 0;
  const size_t before = text.rfind('\n', at - 1);
  return before == absl::string_view::npos ? 0 : before + 1;
}

}  // namespace

std::string Replace(absl::string_view text, std::vector<Replacement> all) {
  std::ranges::stable_sort(all, {}, [](const Replacement& one) { return one.span.begin; });
  std::string result;
  size_t done = 0;
  for (const Replacement& one : all) {
    absl::StrAppend(&result, text.substr(done, one.span.begin - done), one.text);
    done = one.span.end;
  }
  absl::StrAppend(&result, text.substr(done));
  return result;
}

size_t ByteOrderMarkLength(absl::string_view text) {
  constexpr absl::string_view kMark = "\xEF\xBB\xBF";
  return absl::StartsWith(text, kMark) ? kMark.size() : 0;
}

absl::string_view LineEndOf(absl::string_view text) {
  const size_t end = text.find('\n');
  return end != absl::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

absl::string_view IndentAt(absl::string_view text, size_t at) {
  const size_t begin =
      BeginOfLine(text, at) == 0 ? ByteOrderMarkLength(text) : BeginOfLine(text, at);
  const size_t end = text.find_first_not_of(" \t", begin);
  return text.substr(begin, std::min(end, text.size()) - begin);
}

size_t EndOfLine(absl::string_view text, size_t at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  return end > at && text[end - 1] == '\r' ? end - 1 : end;
}

}  // namespace zbroker::tools
