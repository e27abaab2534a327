#include "shims/mcp/lines.h"

#include <utility>

namespace zbroker::mcp {

std::vector<Piece> Lines::Feed(absl::string_view bytes) {
  std::vector<Piece> pieces;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const bool ends = end != absl::string_view::npos;
    const absl::string_view more = bytes.substr(0, ends ? end + 1 : bytes.size());
    bytes.remove_prefix(more.size());
    begun_.append(more.data(), more.size());
    const bool fits = !too_long_ && begun_.size() <= line_bytes_max_;
    if (!ends && fits) break;
    pieces.push_back({std::exchange(begun_, {}), /*whole=*/fits, ends});
    too_long_ = !ends;
  }
  return pieces;
}

std::vector<Piece> Lines::Finish() {
  if (begun_.empty()) return {};
  std::vector<Piece> pieces;
  pieces.push_back({std::exchange(begun_, {}), /*whole=*/!too_long_, /*ends=*/false});
  return pieces;
}

}  // namespace zbroker::mcp
