#include "client/zctl/nearest_word.h"

#include <algorithm>
#include <numeric>

namespace zbroker::zctl {
namespace {

// Levenshtein's distance, row by row of the usual matrix.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestWord(absl::string_view typed, const std::vector<std::string>& words) {
  constexpr size_t kDistanceMax = 2;
  constexpr size_t kWordMax = 64;
  if (typed.size() > kWordMax) return "";
  std::string nearest;
  size_t nearest_distance = kDistanceMax + 1;
  for (const std::string& word : words) {
    const size_t distance = Distance(typed, word);
    if (distance >= nearest_distance || 2 * distance >= word.size()) continue;
    nearest = word;
    nearest_distance = distance;
  }
  return nearest;
}

}  // namespace zbroker::zctl
