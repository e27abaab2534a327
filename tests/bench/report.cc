#include "tests/bench/report.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace zbroker::bench {
namespace {

constexpr size_t kColumns = 7;
using Cells = std::array<std::string, kColumns>;
constexpr std::array<bool, kColumns> kRightAligned = {false, true, true, false, true, false, false};

absl::string_view Symbol(Unit unit) {
  switch (unit) {
    case Unit::kMicroseconds:
      return "µs";
    case Unit::kMilliseconds:
      return "ms";
    case Unit::kMegabytes:
      return "MB";
    case Unit::kPerSecond:
      return "/s";
  }
  return "";
}

std::string WithUnit(double value, Unit unit) {
  const int digits = unit == Unit::kPerSecond ? 0 : unit == Unit::kMilliseconds ? 2 : 1;
  return absl::StrFormat("%.*f %s", digits, value, Symbol(unit));
}

// Characters, not bytes: the units and figures are not all ASCII.
size_t Width(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

Cells ToCells(const Row& row) {
  const std::optional<double> ratio = row.Ratio();
  const std::optional<bool> reached = row.Reached();
  return {row.what,
          WithUnit(row.measured, row.unit),
          row.reference ? WithUnit(*row.reference, row.unit) : "",
          row.reference_what,
          ratio ? absl::StrFormat("%.2f", *ratio) : "",
          row.figure ? row.figure->words : "",
          !reached   ? ""
          : *reached ? "yes"
                     : "NO"};
}

std::string Quote(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string ToJsonNumber(std::optional<double> value) {
  return value ? absl::StrFormat("%.4f", *value) : "null";
}

}  // namespace

std::optional<double> Row::Ratio() const {
  if (!reference || *reference == 0) return std::nullopt;
  return measured / *reference;
}

std::optional<bool> Row::Reached() const {
  if (!figure) return std::nullopt;
  return figure->sense == Figure::Sense::kAtMost ? measured <= figure->bound
                                                 : measured >= figure->bound;
}

double In(Unit unit, absl::Duration duration) {
  return unit == Unit::kMilliseconds ? absl::ToDoubleMilliseconds(duration)
                                     : absl::ToDoubleMicroseconds(duration);
}

Row Distribution::At(int percent) const {
  Row row{.what = absl::StrCat(what, percent == 100 ? ", max" : absl::StrCat(", p", percent)),
          .unit = unit,
          .measured = In(unit, samples.Percentile(percent))};
  if (reference != nullptr) {
    row.reference_what = reference_what;
    row.reference = In(unit, reference->Percentile(percent));
  }
  return row;
}

void Report::AddPercentiles(const Distribution& distribution, std::optional<Figure> median) {
  for (const int percent : {50, 90, 99}) {
    Row row = distribution.At(percent);
    if (percent == 50) row.figure = median;
    Add(std::move(row));
  }
}

std::string Report::ToTable() const {
  std::vector<Cells> lines = {{"what", "measured", "reference", "", "ratio", "figure", "reached"}};
  for (const Row& row : rows_) lines.push_back(ToCells(row));
  std::array<size_t, kColumns> widths{};
  for (const Cells& line : lines) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::string table;
  for (const Cells& line : lines) {
    std::string text;
    for (size_t i = 0; i < kColumns; ++i) {
      const std::string padding(widths[i] - Width(line[i]), ' ');
      absl::StrAppend(&text, i == 0 ? "" : "  ", kRightAligned[i] ? padding : "", line[i],
                      kRightAligned[i] ? "" : padding);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    absl::StrAppend(&table, text, "\n");
  }
  return table;
}

std::string Report::ToJson() const {
  std::string json = "[";
  for (const Row& row : rows_) {
    const std::optional<bool> reached = row.Reached();
    absl::StrAppend(
        &json, json.size() > 1 ? ",\n " : "\n ", "{\"what\": ", Quote(row.what),
        ", \"measured\": ", ToJsonNumber(row.measured), ", \"unit\": ", Quote(Symbol(row.unit)),
        ", \"reference\": ", ToJsonNumber(row.reference),
        ", \"reference_what\": ", row.reference ? Quote(row.reference_what) : "null",
        ", \"ratio\": ", ToJsonNumber(row.Ratio()),
        ", \"figure\": ", row.figure ? Quote(row.figure->words) : "null", ", \"reached\": ",
        !reached   ? "null"
        : *reached ? "true"
                   : "false",
        "}");
  }
  return absl::StrCat(json, "\n]\n");
}

}  // namespace zbroker::bench
