#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/zctl/csv.h"
#include "client/zctl/format.h"
#include "client/zctl/ledger_writer.h"
#include "client/zctl/words.h"
#include "google/protobuf/util/time_util.h"

namespace zbroker::zctl {
namespace {

using google::protobuf::util::TimeUtil;

// Every digit that the wire carries.
std::string Number(double value) { return absl::StrFormat("%.15g", value); }

std::string Seconds(const google::protobuf::Duration& length) {
  return absl::StrFormat("%.3f", absl::ToDoubleSeconds(ToDuration(length)));
}

// The three counts; empty ones when none were reported.
template <typename Info>
std::vector<std::string> Tokens(const Info& info) {
  if (!info.has_usage()) return {"", "", ""};
  return {absl::StrCat(info.usage().input_tokens()), absl::StrCat(info.usage().cached_tokens()),
          absl::StrCat(info.usage().output_tokens())};
}

std::string RowRecord(const v1::LedgerRow& row) {
  std::vector<std::string> fields = {
      absl::StrCat(row.lease_id()),
      row.account(),
      row.model(),
      Word(row.kind()),
      Word(row.priority()),
      Number(row.weight()),
      row.session(),
      absl::StrCat(row.parent_lease_id()),
      row.program(),
      absl::StrCat(row.pid()),
      absl::StrCat(row.uid()),
      TimeUtil::ToString(row.queued()),
      TimeUtil::ToString(row.granted()),
      row.has_closed() ? TimeUtil::ToString(row.closed()) : "",
      Word(row.outcome()),
      row.upstream_code(),
      row.detail(),
      absl::StrCat(row.attempt()),
      row.has_first_byte() ? TimeUtil::ToString(row.first_byte()) : "",
      row.http_status() == 0 ? "" : absl::StrCat(row.http_status())};
  for (std::string& count : Tokens(row)) fields.push_back(std::move(count));
  fields.push_back(row.served_model());
  fields.push_back(row.via());
  fields.push_back(row.project());
  return CsvRecord(fields);
}

std::string GroupRecord(const v1::LedgerGroup& group) {
  std::vector<std::string> fields = {group.key(),
                                     absl::StrCat(group.leases()),
                                     Number(group.charged()),
                                     Seconds(group.held()),
                                     Seconds(group.waited()),
                                     absl::StrCat(group.throttled()),
                                     absl::StrCat(group.lost())};
  for (std::string& count : Tokens(group)) fields.push_back(std::move(count));
  return CsvRecord(fields);
}

class CsvWriter final : public LedgerWriter {
 public:
  explicit CsvWriter(v1::GroupBy by) : by_(by) {}

  std::string Add(const v1::LedgerPage& page) override {
    std::string out = TakeHeader();
    for (const v1::LedgerRow& row : page.rows()) absl::StrAppend(&out, RowRecord(row));
    for (const v1::LedgerGroup& group : page.groups()) absl::StrAppend(&out, GroupRecord(group));
    return out;
  }

  std::string Finish() override { return TakeHeader(); }

 private:
  // The header the first time, then nothing.
  std::string TakeHeader() {
    if (header_taken_) return "";
    header_taken_ = true;
    if (by_ != v1::GROUP_BY_UNSPECIFIED) {
      return CsvRecord({Word(by_), "leases", "charged", "held_s", "waited_s", "throttled", "lost",
                        "input_tokens", "cached_tokens", "output_tokens"});
    }
    return CsvRecord({"lease_id",     "account",       "model",         "kind",
                      "priority",     "weight",        "session",       "parent_lease_id",
                      "program",      "pid",           "uid",           "queued",
                      "granted",      "closed",        "outcome",       "upstream_code",
                      "detail",       "attempt",       "first_byte",    "http_status",
                      "input_tokens", "cached_tokens", "output_tokens", "served_model",
                      "via",          "project"});
  }

  const v1::GroupBy by_;
  bool header_taken_ = false;
};

}  // namespace

std::unique_ptr<LedgerWriter> MakeLedgerCsv(v1::GroupBy by) {
  return std::make_unique<CsvWriter>(by);
}

}  // namespace zbroker::zctl
