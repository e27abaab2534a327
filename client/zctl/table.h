// Text in aligned columns.
#ifndef ZBROKER_CLIENT_ZCTL_TABLE_H_
#define ZBROKER_CLIENT_ZCTL_TABLE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "client/zctl/paint.h"
#include "client/zctl/view_options.h"

namespace zbroker::zctl {

// The text must be fit for a terminal: what comes from outside has been through EscapeControls.
struct Cell {
  std::string text;
  Paint paint = Paint::kPlain;
};

// Collects rows and aligns them. A column without any text is left out, so a caller can offer more
// columns than most answers need. Lines that are too long are shortened where the columns allow it,
// and first by leaving out the spare ones, the last one first.
class Table {
 public:
  enum class Align { kLeft, kRight };

  // Room for a UUID, and too little for a name of 256 bytes to push all else off the screen.
  static constexpr size_t kCutWidthMax = 40;

  struct Column {
    std::string title;
    Align align = Align::kLeft;
    // Down to this width the column may be cut to keep lines short; 0: never. One that may be cut
    // is at most kCutWidthMax wide, however much room there is.
    size_t width_min = 0;
    // Cut only when no other column can be, and then only for want of room.
    bool cut_last = false;
    // Left out when there is no room for every column.
    bool spare = false;
    // Left out when there is no room without the spare ones either.
    bool spare_last = false;
    // Left out also when all rows that say something say the same, which is noise.
    bool only_if_varied = false;
  };

  // Every line begins with `indent` spaces.
  explicit Table(std::vector<Column> columns, size_t indent = 0)
      : columns_(std::move(columns)), indent_(indent) {}

  // REQUIRES: as many cells as columns.
  void AddRow(std::vector<Cell> cells);

  size_t rows() const { return rows_.size(); }

  // A line of titles, unless no column has one, and a line per row. Every line ends with a newline
  // and never with a space.
  std::string Render(const ViewOptions& options) const;

 private:
  // Width of each column on the screen; 0 for those that are left out.
  std::vector<size_t> FitColumns(size_t columns) const;
  size_t NaturalWidth(size_t column) const;
  void DropSpareColumns(size_t columns, std::vector<size_t>& widths) const;
  // The column that can best lose some width; null when none can.
  size_t* WidestToCut(std::vector<size_t>& widths, bool cut_last) const;
  void AppendLine(const std::vector<Cell>& cells, const std::vector<size_t>& widths, bool color,
                  std::string* out) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  size_t indent_;
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_TABLE_H_
