#include "shims/setup/diff.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "client/base/text.h"

namespace zbroker::setup {
namespace {

using Lines = std::vector<absl::string_view>;

constexpr absl::string_view kSecretWords[] = {"key",    "token",         "secret",    "password",
                                              "passwd", "authorization", "credential"};
constexpr size_t kTokenBytes = 32;
// Beyond so many lines that go or come, what lies between the first and the last difference is
// shown whole.
constexpr long kDifferencesMax = 2000;
// A line of a file without line ends is not worth more of a terminal.
constexpr size_t kLineBytesMax = 4096;

// Without the empty one behind a last line's end.
Lines LinesOf(absl::string_view text) {
  Lines lines = absl::StrSplit(text, '\n');
  // A text without bytes of its own, as of a file that is not there, has none at all.
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// The longest common subsequence of two lists, by E. W. Myers, "An O(ND) Difference Algorithm and
// Its Variations" (1986): takes as long as there are differences, however long the lists are.
class Comparison {
 public:
  Comparison(absl::Span<const absl::string_view> a, absl::Span<const absl::string_view> b)
      : a_(a), b_(b) {}

  // For each line of `a` its number in `b`, else -1; all -1 beyond kDifferencesMax.
  std::vector<long> Match() {
    std::vector<long> matches(a_.size(), -1);
    const auto end_x = static_cast<long>(a_.size());
    const auto end_y = static_cast<long>(b_.size());
    for (long d = 0; d <= std::min(kDifferencesMax, end_x + end_y); ++d) {
      std::vector<long>& reached = reached_.emplace_back(2 * d + 1);
      for (long k = -d; k <= d; k += 2) {
        const long x = Follow(d == 0 ? 0 : Step(d, k), k);
        reached[static_cast<size_t>(k + d)] = x;
        if (x < end_x || x - k < end_y) continue;
        WalkBack(d, k, matches);
        return matches;
      }
    }
    return matches;
  }

 private:
  // How far in `a` one gets with d differences on the diagonal k, where x - y is k; too far if that
  // leads out of both.
  long Reached(long d, long k) const {
    return reached_[static_cast<size_t>(d)][static_cast<size_t>(k + d)];
  }
  bool ComesDown(long d, long k) const {
    return k == -d || (k != d && Reached(d - 1, k - 1) < Reached(d - 1, k + 1));
  }
  // The same without what is equal behind the last difference.
  long Step(long d, long k) const {
    return ComesDown(d, k) ? Reached(d - 1, k + 1) : Reached(d - 1, k - 1) + 1;
  }
  long Follow(long x, long k) const {
    const auto same = [&](long at) {
      return at < static_cast<long>(a_.size()) && at - k < static_cast<long>(b_.size()) &&
             a_[static_cast<size_t>(at)] == b_[static_cast<size_t>(at - k)];
    };
    while (same(x)) ++x;
    return x;
  }
  void WalkBack(long d, long k, std::vector<long>& matches) const {
    for (; d >= 0; --d) {
      const long begin = d == 0 ? 0 : Step(d, k);
      for (long x = begin; x < Reached(d, k); ++x) matches[static_cast<size_t>(x)] = x - k;
      if (d > 0) k += ComesDown(d, k) ? 1 : -1;
    }
  }

  const absl::Span<const absl::string_view> a_;
  const absl::Span<const absl::string_view> b_;
  std::vector<std::vector<long>> reached_;  // by differences, then by diagonal
};

// Which lines of `a` stay: for each its number in `b`, else -1.
std::vector<long> Match(const Lines& a, const Lines& b) {
  const auto begin = std::ranges::mismatch(a, b).in1 - a.begin();
  const auto rest = static_cast<long>(std::min(a.size(), b.size())) - begin;
  long tail = 0;
  while (tail < rest && a.end()[-1 - tail] == b.end()[-1 - tail]) ++tail;
  const auto middle = [&](const Lines& lines) {
    return absl::MakeSpan(lines).subspan(static_cast<size_t>(begin),
                                         lines.size() - static_cast<size_t>(begin + tail));
  };
  std::vector<long> matches(a.size());
  std::iota(matches.begin(), matches.begin() + begin, 0);
  std::ranges::transform(Comparison(middle(a), middle(b)).Match(), matches.begin() + begin,
                         [&](long match) { return match < 0 ? -1 : match + begin; });
  std::iota(matches.end() - tail, matches.end(), static_cast<long>(b.size()) - tail);
  return matches;
}

std::string Shown(char sign, absl::string_view line) {
  return absl::StrCat(std::string(1, sign), Ellipsize(MaskSecrets(line), kLineBytesMax), "\n");
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
    for (; i < a.size() && matches[i] < 0; ++i) absl::StrAppend(&text, Shown('-', a[i]));
    const size_t next = i < a.size() ? static_cast<size_t>(matches[i]) : b.size();
    for (; j < next; ++j) absl::StrAppend(&text, Shown('+', b[j]));
  }
  return text;
}

}  // namespace zbroker::setup
