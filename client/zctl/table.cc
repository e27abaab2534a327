#include "client/zctl/table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/zctl/width.h"

namespace zbroker::zctl {
namespace {

constexpr size_t kGap = 2;

size_t LineWidth(const std::vector<size_t>& widths, size_t indent) {
  size_t total = indent;
  for (const size_t width : widths) {
    if (width > 0) total += width + kGap;
  }
  return total - std::min(total, kGap);
}

}  // namespace

void Table::AddRow(std::vector<Cell> cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

size_t Table::NaturalWidth(size_t column) const {
  size_t width = 0;
  bool varied = false;
  absl::string_view first;
  for (const auto& row : rows_) {
    const std::string& text = row[column].text;
    width = std::max(width, DisplayWidth(text));
    if (first.empty()) first = text;
    varied = varied || (!text.empty() && text != first);
  }
  const Column& facts = columns_[column];
  if (width == 0 || (facts.only_if_varied && !varied)) return 0;
  if (facts.width_min > 0 && !facts.cut_last) width = std::min(width, kCutWidthMax);
  return std::max(width, DisplayWidth(facts.title));
}

void Table::DropSpareColumns(size_t columns, std::vector<size_t>& widths) const {
  std::vector<size_t> least = widths;
  for (size_t i = 0; i < least.size(); ++i) {
    if (columns_[i].width_min > 0) least[i] = std::min(least[i], columns_[i].width_min);
  }
  for (const bool last : {false, true}) {
    for (size_t i = columns_.size(); i-- > 0 && LineWidth(least, indent_) > columns;) {
      if (last ? columns_[i].spare_last : columns_[i].spare) least[i] = widths[i] = 0;
    }
  }
}

size_t* Table::WidestToCut(std::vector<size_t>& widths, bool cut_last) const {
  size_t* widest = nullptr;
  for (size_t i = 0; i < widths.size(); ++i) {
    const Column& column = columns_[i];
    if (column.cut_last != cut_last || column.width_min == 0) continue;
    if (widths[i] <= column.width_min) continue;
    if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
  }
  return widest;
}

std::vector<size_t> Table::FitColumns(size_t columns) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) widths.push_back(NaturalWidth(i));
  DropSpareColumns(columns, widths);
  while (LineWidth(widths, indent_) > columns) {
    size_t* widest = WidestToCut(widths, /*cut_last=*/false);
    if (widest == nullptr) widest = WidestToCut(widths, /*cut_last=*/true);
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

void Table::AppendLine(const std::vector<Cell>& cells, const std::vector<size_t>& widths,
                       bool color, std::string* out) const {
  std::string line(indent_, ' ');
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    const std::string text = FitWidth(cells[i].text, widths[i]);
    const std::string padding(widths[i] - DisplayWidth(text), ' ');
    const std::string painted = Painted(text, cells[i].paint, color);
    const bool right = columns_[i].align == Align::kRight;
    absl::StrAppend(&line, right ? padding : painted, right ? painted : padding,
                    std::string(kGap, ' '));
  }
  absl::StripTrailingAsciiWhitespace(&line);
  absl::StrAppend(out, line, "\n");
}

std::string Table::Render(const ViewOptions& options) const {
  const std::vector<size_t> widths = FitColumns(options.columns);
  std::string out;
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Paint::kQuiet});
  const bool titled = std::any_of(columns_.begin(), columns_.end(),
                                  [](const Column& column) { return !column.title.empty(); });
  if (titled) AppendLine(titles, widths, options.color, &out);
  for (const auto& row : rows_) AppendLine(row, widths, options.color, &out);
  return out;
}

}  // namespace zbroker::zctl
