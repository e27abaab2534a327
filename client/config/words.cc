#include "client/config/words.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace zbroker::config {
namespace {

constexpr size_t kListedMax = 16;

// The edit distance, a row of the usual matrix at a time.
size_t Distance(absl::string_view from, absl::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t change = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string OrList(const std::vector<std::string>& words) {
  const absl::Span<const std::string> all(words);
  if (all.size() > kListedMax) {
    return absl::StrCat(absl::StrJoin(all.first(kListedMax), ", "), ", …");
  }
  if (all.size() < 2) return absl::StrJoin(all, "");
  return absl::StrCat(absl::StrJoin(all.first(all.size() - 1), ", "), " or ", all.back());
}

std::optional<std::string> NearestWord(absl::string_view typed,
                                       const std::vector<std::string>& words) {
  const std::string lower = absl::AsciiStrToLower(typed);
  std::optional<std::string> nearest;
  size_t nearest_distance = 0;
  for (const std::string& word : words) {
    const size_t distance = Distance(lower, absl::AsciiStrToLower(word));
    if (distance > (word.size() + 2) / 3) continue;
    if (nearest.has_value() && distance >= nearest_distance) continue;
    nearest = word;
    nearest_distance = distance;
  }
  return nearest;
}

}  // namespace zbroker::config
