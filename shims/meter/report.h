// What the meter answered, as the daemon is told it, and in words. Pure.
#ifndef ZBROKER_SHIMS_METER_REPORT_H_
#define ZBROKER_SHIMS_METER_REPORT_H_

#include <string>

#include "absl/time/time.h"
#include "shims/zai/meter.h"
#include "zbroker/v1/admin.pb.h"

namespace zbroker::meter {

v1::ReportMeterRequest ToReport(const std::string& account, absl::Time asked,
                                const zai::MeterAnswer& answer);

// "5h 3.3 % of the credits, week 2 % of the credits, month 2.8 % of the tool calls".
std::string Describe(const zai::MeterAnswer& answer);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_REPORT_H_
