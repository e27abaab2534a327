#include "daemon/ledger/events.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {

EventReader::EventReader(std::unique_ptr<Database> database, EventFilter filter)
    : database_(std::move(database)),
      filter_(std::move(filter)),
      since_us_(filter_.since == absl::InfinitePast() ? std::numeric_limits<int64_t>::min()
                                                      : absl::ToUnixMicros(filter_.since)),
      after_(static_cast<int64_t>(
          std::min<uint64_t>(filter_.after, std::numeric_limits<int64_t>::max()))) {
  for (const core::HappeningKind kind : filter_.kinds) {
    absl::StrAppend(&kinds_, kinds_.empty() ? "," : "", core::Name(kind), ",");
  }
}

absl::StatusOr<std::unique_ptr<EventReader>> EventReader::Open(const std::string& path,
                                                               EventFilter filter) {
  ZB_ASSIGN_OR_RETURN(auto database, Database::Open(path, Database::Mode::kRead));
  auto reader =
      std::unique_ptr<EventReader>(new EventReader(std::move(database), std::move(filter)));
  ZB_RETURN_IF_ERROR(reader->FindStart());
  return reader;
}

absl::Status EventReader::FindStart() {
  if (filter_.latest == 0) return absl::OkStatus();
  Statement nth(*database_, sql::kSelectFirstOfLastEvents);
  Use use(nth, filter_.account, kinds_, since_us_, int64_t{filter_.latest} - 1);
  ZB_ASSIGN_OR_RETURN(const bool found, use.Step());
  if (found) after_ = std::max(after_, use.Int(0) - 1);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<EventRow>> EventReader::NextPage() {
  std::vector<EventRow> rows;
  Statement select(*database_, sql::kSelectEvents);
  Use use(select, filter_.account, kinds_, since_us_, after_, int64_t{kPageRows});
  for (;;) {
    ZB_ASSIGN_OR_RETURN(const bool more, use.Step());
    if (!more) return rows;
    after_ = use.Int(0);
    const auto kind = core::ParseHappeningKind(use.Text(3));
    if (!kind) continue;  // not ours
    EventRow& row = rows.emplace_back();
    row.id = static_cast<uint64_t>(use.Int(0));
    row.at = absl::FromUnixMicros(use.Int(1));
    row.account = use.Text(2);
    row.kind = *kind;
    row.subject = use.Text(4);
    if (const auto until = use.IntOrNull(5)) row.until = absl::FromUnixMicros(*until);
    row.lease = static_cast<uint64_t>(use.Int(6));
    row.upstream_code = use.Text(7);
    row.detail = use.Text(8);
  }
}

absl::StatusOr<uint64_t> HooksToldTo(const std::string& path) {
  ZB_ASSIGN_OR_RETURN(const auto database, Database::Open(path, Database::Mode::kRead));
  ZB_ASSIGN_OR_RETURN(const int64_t told, database->QueryInt(sql::kSelectHooksTold));
  return static_cast<uint64_t>(told);
}

}  // namespace zbroker::ledger
