#include "shims/setup/diff.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"

namespace zbroker::setup {
namespace {

using Lines = std::vector<absl::string_view>;

constexpr absl::string_view kSecretWords[] = {"key",    "token",         "secret",    "password",
                                              "passwd", "authorization", "credential"};
constexpr size_t kTokenBytes = 32;
// Beyond so many pairs of lines, what lies between the first and the last difference is shown
// whole.
constexpr size_t kPairsMax = 4'000'000;

// Without the empty one behind a last line's end.
Lines LinesOf(absl::string_view text) {
  Lines lines = absl::StrSplit(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

// Which lines of `a` stay: for each its number in `b`, else -1. The longest common subsequence.
std::vector<long> Match(const Lines& a, const Lines& b) {
  std::vector<long> matches(a.size(), -1);
  if (a.size() * b.size() > kPairsMax) return matches;
  const size_t width = b.size() + 1;
  std::vector<uint32_t> lengths((a.size() + 1) * width, 0);
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      lengths[i * width + j] =
          a[i] == b[j] ? lengths[(i + 1) * width + j + 1] + 1
                       : std::max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      matches[i++] = static_cast<long>(j++);
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return matches;
}

bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}

// Where the value ends that begins at `at`.
size_t EndOfValue(absl::string_view line, size_t at) {
  const char quote = line[at];
  if (quote != '"' && quote != '\'') {
    return std::min(line.find_first_of(" \t,}]", at), line.size());
  }
  size_t end = at + 1;
  while (end < line.size() && line[end] != quote) end += line[end] == '\\' ? 2 : 1;
  return std::min(end + 1, line.size());
}

// If a value of this name follows, where it is; else an empty part at `end`.
std::pair<size_t, size_t> ValueBehind(absl::string_view line, size_t end) {
  size_t at = end;
  if (at < line.size() && (line[at] == '"' || line[at] == '\'')) ++at;
  at = std::min(line.find_first_not_of(" \t", at), line.size());
  if (at == line.size() || (line[at] != ':' && line[at] != '=')) return {end, end};
  at = std::min(line.find_first_not_of(" \t", at + 1), line.size());
  if (at == line.size() || line[at] == '{' || line[at] == '[') return {end, end};
  return {at, EndOfValue(line, at)};
}

}  // namespace

std::string MaskSecrets(absl::string_view line) {
  std::string masked;
  size_t at = 0;
  while (at < line.size()) {
    if (!IsNameByte(line[at])) {
      masked += line[at++];
      continue;
    }
    size_t end = at;
    while (end < line.size() && IsNameByte(line[end])) ++end;
    const absl::string_view name = line.substr(at, end - at);
    const bool is_token =
        name.size() == kTokenBytes && at > 0 && line[at - 1] == '/' &&
        std::ranges::all_of(name, [](unsigned char c) { return absl::ascii_isxdigit(c); });
    absl::StrAppend(&masked, is_token ? "…" : name);
    at = end;
    const std::string lower = absl::AsciiStrToLower(name);
    const bool is_secret = std::ranges::any_of(
        kSecretWords, [&](absl::string_view word) { return absl::StrContains(lower, word); });
    if (!is_secret) continue;
    const auto [value, value_end] = ValueBehind(line, end);
    if (value == value_end) continue;
    absl::StrAppend(&masked, line.substr(end, value - end), "…");
    at = value_end;
  }
  return EscapeControls(absl::StripTrailingAsciiWhitespace(masked));
}

std::string Diff(absl::string_view before, absl::string_view after) {
  const Lines a = LinesOf(before);
  const Lines b = LinesOf(after);
  const std::vector<long> matches = Match(a, b);
  std::string text;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && matches[i] == static_cast<long>(j)) {
      ++i, ++j;
      continue;
    }
    absl::StrAppend(&text, "@@ line ", j + 1, " @@\n");
    for (; i < a.size() && matches[i] < 0; ++i)
      absl::StrAppend(&text, "-", MaskSecrets(a[i]), "\n");
    const size_t next = i < a.size() ? static_cast<size_t>(matches[i]) : b.size();
    for (; j < next; ++j) absl::StrAppend(&text, "+", MaskSecrets(b[j]), "\n");
  }
  return text;
}

}  // namespace zbroker::setup
