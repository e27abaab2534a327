#include "daemon/ledger/query.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "client/base/status.h"
#include "daemon/core/words.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {
namespace {

const char* SqlFor(Grouping grouping) {
  switch (grouping) {
    case Grouping::kSession:
      return sql::kGroupBySession;
    case Grouping::kModel:
      return sql::kGroupByModel;
    case Grouping::kHour:
      return sql::kGroupByHour;
    case Grouping::kOutcome:
      return sql::kGroupByOutcome;
    case Grouping::kProject:
      return sql::kGroupByProject;
  }
  return sql::kGroupByOutcome;
}

// The parameters ?1 to ?6 that every query shares.
struct Parameters {
  explicit Parameters(const Filter& filter)
      : outcome(filter.outcome ? core::Name(*filter.outcome) : ""),
        since_us(filter.since == absl::InfinitePast() ? std::numeric_limits<int64_t>::min()
                                                      : absl::ToUnixMicros(filter.since)),
        uid(filter.uid ? int64_t{*filter.uid} : -1) {}
  absl::string_view outcome;
  int64_t since_us;
  int64_t uid;
};

// From three columns, which are all NULL when no usage was reported.
std::optional<core::TokenUsage> ReadUsage(const Use& use, int first) {
  if (!use.IntOrNull(first)) return std::nullopt;
  return core::TokenUsage{
      .input = use.Int(first), .cached = use.Int(first + 1), .output = use.Int(first + 2)};
}

Row ReadRow(const Use& use) {
  Row row;
  row.lease = static_cast<core::LeaseId>(use.Int(0));
  row.request.account = use.Text(1);
  row.request.model = use.Text(2);
  row.request.kind = core::ParseKind(use.Text(3)).value_or(core::Kind::kPrompt);
  row.request.priority = core::ParsePriority(use.Text(4)).value_or(core::Priority::kNormal);
  row.request.weight = core::Amount::FromMicros(use.Int(5));
  row.request.session = use.Text(6);
  row.request.parent = static_cast<core::LeaseId>(use.Int(7));
  row.holder.program = use.Text(8);
  row.holder.pid = static_cast<int32_t>(use.Int(9));
  row.holder.uid = static_cast<uint32_t>(use.Int(10));
  row.queued = absl::FromUnixMicros(use.Int(11));
  row.granted = absl::FromUnixMicros(use.Int(12));
  if (const auto us = use.IntOrNull(13)) row.closed = absl::FromUnixMicros(*us);
  row.outcome = core::ParseOutcome(use.Text(14));
  row.upstream_code = use.Text(15);
  row.detail = use.Text(16);
  row.attempt = static_cast<uint32_t>(use.Int(17));
  if (const auto us = use.IntOrNull(18)) row.first_byte = absl::FromUnixMicros(*us);
  row.http_status = static_cast<int>(use.Int(19));
  row.usage = ReadUsage(use, 20);
  row.served_model = use.Text(23);
  row.request.program = use.Text(24);
  row.request.program_pid = static_cast<int32_t>(use.Int(25));
  row.request.project = use.Text(26);
  return row;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Query>> Query::Open(const std::string& path, Filter filter) {
  ZB_ASSIGN_OR_RETURN(auto database, Database::Open(path, Database::Mode::kRead));
  auto query = std::unique_ptr<Query>(new Query(std::move(database), std::move(filter)));
  ZB_RETURN_IF_ERROR(query->FindStart());
  return query;
}

absl::Status Query::FindStart() {
  const Parameters p(filter_);
  if (filter_.since != absl::InfinitePast()) {
    // The rows before need no look.
    Statement first(*database_, sql::kSelectFirstSince);
    Use use(first, p.since_us);
    ZB_RETURN_IF_ERROR(use.Step().status());
    ended_ = use.Int(0) == 0;
    after_ = std::max<int64_t>(use.Int(0) - 1, 0);
  }
  if (filter_.latest > 0) {
    Statement nth(*database_, sql::kSelectFirstOfLast);
    Use use(nth, filter_.account, filter_.session, filter_.model, p.outcome, p.since_us, p.uid,
            int64_t{filter_.latest} - 1);
    ZB_ASSIGN_OR_RETURN(const bool found, use.Step());
    if (found) after_ = std::max(after_, use.Int(0) - 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Row>> Query::NextPage() {
  std::vector<Row> rows;
  if (ended_) return rows;
  const Parameters p(filter_);
  Statement select(*database_, sql::kSelectRows);
  Use use(select, filter_.account, filter_.session, filter_.model, p.outcome, p.since_us, p.uid,
          after_, int64_t{kPageRows});
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, use.Step());
    if (!more) break;
    rows.push_back(ReadRow(use));
  }
  ended_ = rows.size() < size_t{kPageRows};
  if (!rows.empty()) after_ = static_cast<int64_t>(rows.back().lease);
  return rows;
}

absl::StatusOr<std::vector<Group>> Query::GroupBy(Grouping grouping, absl::Time now,
                                                  std::function<bool()> cancelled) {
  database_->SetInterruptCheck(std::move(cancelled));
  const auto unset = absl::MakeCleanup([&] { database_->SetInterruptCheck(nullptr); });
  const Parameters p(filter_);
  Statement select(*database_, SqlFor(grouping));
  Use use(select, filter_.account, filter_.session, filter_.model, p.outcome, p.since_us, p.uid,
          absl::ToUnixMicros(now), after_);
  std::vector<Group> groups;
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, use.Step());
    if (!more) return groups;
    groups.push_back({.key = use.Text(0),
                      .leases = static_cast<uint64_t>(use.Int(1)),
                      .charged = core::Amount::FromMicros(use.Int(2)),
                      .held = absl::Microseconds(use.Int(3)),
                      .waited = absl::Microseconds(use.Int(4)),
                      .throttled = static_cast<uint64_t>(use.Int(5)),
                      .lost = static_cast<uint64_t>(use.Int(6)),
                      .usage = ReadUsage(use, 7)});
  }
}

absl::StatusOr<std::optional<Row>> FindLease(const std::string& path, core::LeaseId lease) {
  ZB_ASSIGN_OR_RETURN(const auto database, Database::Open(path, Database::Mode::kRead));
  const Parameters p{Filter()};
  Statement select(*database, sql::kSelectRows);
  Use use(select, "", "", "", p.outcome, p.since_us, p.uid, static_cast<int64_t>(lease) - 1,
          int64_t{1});
  ZB_ASSIGN_OR_RETURN(const bool found, use.Step());
  if (!found) return std::nullopt;
  Row row = ReadRow(use);
  if (row.lease != lease) return std::nullopt;
  return row;
}

}  // namespace zbroker::ledger
