// The lines of a byte stream, as they come.
#ifndef ZBROKER_SHIMS_MCP_LINES_H_
#define ZBROKER_SHIMS_MCP_LINES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::mcp {

// A piece of a stream. All pieces together are the stream, byte for byte.
struct Piece {
  std::string bytes;
  bool whole = true;  // a line in one piece; else a part of one that is too long to be kept
  bool ends =
      true;  // its last byte is the line's end; else it is the last of the stream, or a part
};

// Cuts a stream into its lines, each with its end ("\n"). Keeps at most the bound and what it was
// fed last. Not thread-safe.
class Lines {
 public:
  explicit Lines(size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  // What is complete with these bytes: lines, and parts of a line longer than the bound.
  std::vector<Piece> Feed(absl::string_view bytes);
  // The stream has ended: what follows on the last line's end, if anything does.
  std::vector<Piece> Finish();

 private:
  const size_t line_bytes_max_;
  std::string begun_;      // of a line whose end has not come
  bool too_long_ = false;  // a part of that line has been given out
};

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_LINES_H_
