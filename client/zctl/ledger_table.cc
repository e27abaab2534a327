#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/ledger_writer.h"
#include "client/zctl/table.h"
#include "client/zctl/words.h"
#include "google/protobuf/util/time_util.h"

namespace zbroker::zctl {
namespace {

// Enough that one alignment serves a long screen, few enough to hold.
constexpr size_t kBlockRows = 1000;

Cell OutcomeCell(const v1::LedgerRow& row) {
  if (!row.has_closed()) return {"open", Paint::kGood};
  std::string code = EscapeControls(row.upstream_code());
  if (code.empty() && row.http_status() >= 400) code = absl::StrCat("HTTP ", row.http_status());
  const bool unremarkable =
      row.outcome() == v1::OUTCOME_OK || row.outcome() == v1::OUTCOME_CANCELLED;
  return {absl::StrCat(Word(row.outcome()), code.empty() ? "" : " ", code),
          unremarkable ? Paint::kQuiet : Paint::kCaution};
}

std::string Held(const v1::LedgerRow& row) {
  if (!row.has_closed()) return "";
  return zbroker::FormatDuration(ToTime(row.closed()) - ToTime(row.granted()));
}

std::string FirstByte(const v1::LedgerRow& row) {
  if (!row.has_first_byte()) return "";
  return zbroker::FormatDuration(ToTime(row.first_byte()) - ToTime(row.granted()));
}

Table TableOfRows(const std::vector<v1::LedgerRow>& rows, const LedgerTableOptions& options) {
  using Align = Table::Align;
  Table table({{.title = "GRANTED", .align = Align::kRight},
               {.title = "LEASE", .align = Align::kRight},
               {.title = "ACCOUNT", .width_min = 8, .only_if_varied = true},
               {.title = "PROGRAM", .width_min = 8},
               {.title = "SESSION", .width_min = 8},
               {.title = "PROJECT", .width_min = 8, .spare = true},
               {.title = "MODEL", .width_min = 7, .spare = true},
               {.title = "KIND", .spare = true},
               {.title = "WEIGHT", .align = Align::kRight, .spare = true, .only_if_varied = true},
               {.title = "TRY", .align = Align::kRight, .spare_last = true},
               {.title = "WAITED", .align = Align::kRight},
               {.title = "FIRST BYTE", .align = Align::kRight, .spare = true},
               {.title = "HELD", .align = Align::kRight},
               {.title = "TOKENS IN/OUT", .align = Align::kRight, .spare = true},
               {.title = "OUTCOME", .width_min = 8, .cut_last = true}});
  for (const v1::LedgerRow& row : rows) {
    table.AddRow({{FormatInstant(ToTime(row.granted()), options.now, options.view.zone)},
                  {absl::StrCat(row.lease_id())},
                  {EscapeControls(row.account())},
                  {EscapeControls(row.program())},
                  {EscapeControls(row.session())},
                  {EscapeControls(row.project())},
                  {EscapeControls(row.model())},
                  {Word(row.kind())},
                  {WeightOf(row)},
                  {RetryOf(row)},
                  {zbroker::FormatDuration(ToTime(row.granted()) - ToTime(row.queued()))},
                  {FirstByte(row)},
                  {Held(row)},
                  {TokensOf(row)},
                  OutcomeCell(row)});
  }
  return table;
}

class RowsWriter final : public LedgerWriter {
 public:
  explicit RowsWriter(const LedgerTableOptions& options) : options_(options) {}

  std::string Add(const v1::LedgerPage& page) override {
    rows_.insert(rows_.end(), page.rows().begin(), page.rows().end());
    if (options_.rows_max > 0 || rows_.size() < kBlockRows) return "";
    return TakeBlock();
  }

  std::string Finish() override {
    std::string hint;
    if (options_.rows_max > 0 && rows_.size() > options_.rows_max) {
      rows_.erase(rows_.begin(), rows_.end() - static_cast<ptrdiff_t>(options_.rows_max));
      hint = Painted(absl::StrCat("the latest ", options_.rows_max,
                                  " leases; --limit N shows more, --csv and --json all"),
                     Paint::kQuiet, options_.view.color);
      hint.push_back('\n');
    }
    if (rows_.empty()) return blocks_ == 0 ? "no leases in the ledger match\n" : "";
    return absl::StrCat(TakeBlock(), hint);
  }

 private:
  std::string TakeBlock() {
    const std::string block = TableOfRows(std::exchange(rows_, {}), options_).Render(options_.view);
    return absl::StrCat(blocks_++ == 0 ? "" : "\n", block);
  }

  const LedgerTableOptions options_;
  std::vector<v1::LedgerRow> rows_;
  size_t blocks_ = 0;
};

class GroupsWriter final : public LedgerWriter {
 public:
  GroupsWriter(v1::GroupBy by, const LedgerTableOptions& options) : by_(by), options_(options) {}

  std::string Add(const v1::LedgerPage& page) override {
    groups_.insert(groups_.end(), page.groups().begin(), page.groups().end());
    return "";
  }

  std::string Finish() override {
    if (groups_.empty()) return "no leases in the ledger match\n";
    if (by_ != v1::GROUP_BY_HOUR) {
      std::stable_sort(groups_.begin(), groups_.end(),
                       [](const auto& a, const auto& b) { return a.charged() > b.charged(); });
    }
    using Align = Table::Align;
    Table table({{.title = absl::AsciiStrToUpper(Word(by_)), .width_min = 12},
                 {.title = "LEASES", .align = Align::kRight},
                 {.title = "CHARGED", .align = Align::kRight},
                 {.title = "HELD", .align = Align::kRight},
                 {.title = "WAITED", .align = Align::kRight},
                 {.title = "TOKENS IN/OUT", .align = Align::kRight, .spare = true},
                 {.title = "THROTTLED", .align = Align::kRight},
                 {.title = "LOST", .align = Align::kRight}});
    for (const v1::LedgerGroup& group : groups_) AddGroup(group, Key(group), &table);
    if (groups_.size() > 1) AddGroup(Total(), {"all", Paint::kStrong}, &table);
    return table.Render(options_.view);
  }

 private:
  Cell Key(const v1::LedgerGroup& group) const {
    if (group.key().empty()) return {"(none)", Paint::kQuiet};
    absl::Time hour;
    if (by_ == v1::GROUP_BY_HOUR &&
        absl::ParseTime(absl::RFC3339_full, group.key(), &hour, nullptr)) {
      return {FormatInstant(hour, options_.now, options_.view.zone)};
    }
    return {EscapeControls(group.key())};
  }

  v1::LedgerGroup Total() const {
    v1::LedgerGroup total;
    for (const v1::LedgerGroup& group : groups_) {
      total.set_leases(total.leases() + group.leases());
      total.set_charged(total.charged() + group.charged());
      total.set_throttled(total.throttled() + group.throttled());
      total.set_lost(total.lost() + group.lost());
      *total.mutable_held() += group.held();
      *total.mutable_waited() += group.waited();
      if (group.has_usage()) AddUsage(group.usage(), total.mutable_usage());
    }
    return total;
  }

  static void AddUsage(const v1::TokenUsage& usage, v1::TokenUsage* sum) {
    sum->set_input_tokens(sum->input_tokens() + usage.input_tokens());
    sum->set_cached_tokens(sum->cached_tokens() + usage.cached_tokens());
    sum->set_output_tokens(sum->output_tokens() + usage.output_tokens());
  }

  static void AddGroup(const v1::LedgerGroup& group, Cell key, Table* table) {
    const auto alarming = [](uint64_t count) -> Cell {
      return {absl::StrCat(count), count > 0 ? Paint::kCaution : Paint::kQuiet};
    };
    table->AddRow({std::move(key),
                   {absl::StrCat(group.leases())},
                   {FormatNumber(group.charged())},
                   {zbroker::FormatDuration(ToDuration(group.held()))},
                   {zbroker::FormatDuration(ToDuration(group.waited()))},
                   {TokensOf(group)},
                   alarming(group.throttled()),
                   alarming(group.lost())});
  }

  const v1::GroupBy by_;
  const LedgerTableOptions options_;
  std::vector<v1::LedgerGroup> groups_;
};

}  // namespace

std::unique_ptr<LedgerWriter> MakeLedgerTable(v1::GroupBy by, const LedgerTableOptions& options) {
  if (by == v1::GROUP_BY_UNSPECIFIED) return std::make_unique<RowsWriter>(options);
  return std::make_unique<GroupsWriter>(by, options);
}

}  // namespace zbroker::zctl
