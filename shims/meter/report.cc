#include "shims/meter/report.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"

namespace zbroker::meter {
namespace {

using Counts = zai::MeterLimit::Counts;

const char* UnitOf(Counts counts) {
  switch (counts) {
    case Counts::kTokens:
      return "tokens";
    case Counts::kCredits:
      return "credits";
    case Counts::kToolCalls:
      return "mcp_calls";
  }
  return "";
}

std::string LengthOf(const zai::MeterLimit& limit) {
  if (limit.months == 1) return "month";
  if (limit.months > 1) return absl::StrCat(limit.months, " months");
  return limit.length == absl::Hours(7 * 24) ? "week" : zbroker::FormatDuration(limit.length);
}

}  // namespace

v1::ReportMeterRequest ToReport(const std::string& account, absl::Time asked,
                                const zai::MeterAnswer& answer) {
  v1::ReportMeterRequest report;
  report.set_account(account);
  SetProtoTime(asked, report.mutable_asked());
  report.set_trouble(answer.trouble);
  for (const zai::MeterLimit& limit : answer.limits) {
    v1::MeterReading* const reading = report.add_readings();
    reading->set_unit(UnitOf(limit.counts));
    reading->set_months(static_cast<uint32_t>(limit.months));
    if (limit.months == 0) SetProtoDuration(limit.length, reading->mutable_length());
    reading->set_percent(limit.percent);
    reading->set_used(limit.used);
    reading->set_limit(limit.allowed);
    if (limit.reset) SetProtoTime(*limit.reset, reading->mutable_reset());
  }
  return report;
}

std::string Describe(const zai::MeterAnswer& answer) {
  std::vector<std::string> parts;
  for (const zai::MeterLimit& limit : answer.limits) {
    const char* const what =
        limit.counts == Counts::kToolCalls ? "tool calls" : UnitOf(limit.counts);
    parts.push_back(absl::StrCat(LengthOf(limit), " ", std::floor(limit.percent * 10) / 10,
                                 " % of the ", what));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace zbroker::meter
