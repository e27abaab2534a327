#include "daemon/rpc/meter.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/bounds.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/core/words.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {
namespace {

absl::Status CheckFigure(absl::string_view what, double value, double most) {
  if (value >= 0 && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("readings.", what, " ", value, " is not a number from 0 to ", most));
}

absl::Status TakeLength(const v1::MeterReading& reading, core::MeterRow& row) {
  if (!reading.has_length()) {
    if (reading.months() < 1 || reading.months() > kMeterMonthsMax) {
      return absl::InvalidArgumentError(absl::StrCat("readings has no length, and months ",
                                                     reading.months(), " is not from 1 to ",
                                                     kMeterMonthsMax));
    }
    row.months = static_cast<int>(reading.months());
    return absl::OkStatus();
  }
  ZB_ASSIGN_OR_RETURN(row.length, FromProto("readings.length", reading.length()));
  if (row.length > absl::ZeroDuration() && row.length <= kMeterLengthMax) return absl::OkStatus();
  return absl::InvalidArgumentError("readings.length is not a length of time up to ten years");
}

absl::Status TakeFigures(const v1::MeterReading& reading, core::MeterRow& row) {
  ZB_RETURN_IF_ERROR(CheckFigure("used", reading.used(), core::Amount::kLargest));
  ZB_RETURN_IF_ERROR(CheckFigure("limit", reading.limit(), core::Amount::kLargest));
  double percent = reading.percent();
  if (reading.limit() > 0) {
    row.used = core::Amount::FromDouble(reading.used());
    row.limit = core::Amount::FromDouble(reading.limit());
    percent = 100 * reading.used() / reading.limit();
  }
  ZB_RETURN_IF_ERROR(CheckFigure("percent", percent, kMeterPercentMax));
  row.percent = *core::Amount::FromDouble(percent);
  return absl::OkStatus();
}

absl::StatusOr<core::MeterRow> ToRow(const v1::MeterReading& reading, const Now& now) {
  core::MeterRow row;
  const auto unit = core::ParseUnit(reading.unit());
  if (!unit) {
    return absl::InvalidArgumentError(absl::StrCat("readings.unit ",
                                                   EscapeControls(Ellipsize(reading.unit(), 40)),
                                                   " is not one that this daemon knows"));
  }
  row.unit = *unit;
  ZB_RETURN_IF_ERROR(TakeLength(reading, row));
  ZB_RETURN_IF_ERROR(TakeFigures(reading, row));
  // A hint, which must not make the rest fail.
  if (reading.has_reset()) {
    const auto reset = FromProto("readings.reset", reading.reset());
    if (reset.ok()) row.reset = now.BootAt(*reset);
  }
  return row;
}

v1::MeterReading ReadingOf(const core::MeterRow& row, const Now& now) {
  v1::MeterReading out;
  out.set_unit(std::string(core::Name(row.unit)));
  out.set_months(static_cast<uint32_t>(row.months));
  if (row.months == 0) *out.mutable_length() = ToProto(row.length);
  out.set_percent(row.percent.ToDouble());
  if (row.used && row.limit) {
    out.set_used(row.used->ToDouble());
    out.set_limit(row.limit->ToDouble());
  }
  if (row.reset) *out.mutable_reset() = ToProto(now.WallAt(*row.reset));
  return out;
}

}  // namespace

absl::StatusOr<core::ReportMeter> ToCommand(const v1::ReportMeterRequest& request,
                                            const core::Client& client, const Now& now) {
  ZB_RETURN_IF_ERROR(CheckName("account", request.account()));
  ZB_RETURN_IF_ERROR(CheckName("trouble", request.trouble(), kDetailBytesMax));
  if (request.readings_size() > static_cast<int>(kMeterLimitsMax)) {
    return absl::InvalidArgumentError(
        absl::StrCat("readings has ", request.readings_size(), "; at most ", kMeterLimitsMax));
  }
  core::ReportMeter command{
      .client = client, .account = request.account(), .trouble = request.trouble()};
  ZB_ASSIGN_OR_RETURN(const absl::Time asked, FromProto("asked", request.asked()));
  command.asked = now.BootAt(asked);
  for (const v1::MeterReading& reading : request.readings()) {
    ZB_ASSIGN_OR_RETURN(core::MeterRow row, ToRow(reading, now));
    command.rows.push_back(row);
  }
  return command;
}

void FillMeter(const core::AccountSnapshot& account, const Now& now, v1::AccountStatus* out) {
  if (!account.reading && account.meter_trouble.text.empty()) return;
  v1::MeterStatus* const meter = out->mutable_meter();
  if (account.reading) {
    *meter->mutable_asked() = ToProto(now.WallAt(account.reading->asked));
    for (const core::MeterRow& row : account.reading->rows) {
      *meter->add_readings() = ReadingOf(row, now);
    }
  }
  if (account.meter_trouble.text.empty()) return;
  meter->set_trouble(account.meter_trouble.text);
  *meter->mutable_trouble_at() = ToProto(now.WallAt(account.meter_trouble.at));
}

void FillMeter(const core::WindowSnapshot& window, v1::WindowStatus* out) {
  if (!window.meter) return;
  v1::WindowMeter* const meter = out->mutable_meter();
  meter->set_percent(window.meter->percent.ToDouble());
  const double limit = window.config.limit.ToDouble();
  const core::Amount ours = std::max(window.used - window.foreign, core::Amount());
  if (limit > 0) meter->set_ours_percent(100 * ours.ToDouble() / limit);
  meter->set_foreign(window.foreign.ToDouble());
  meter->set_used_up(window.full);
}

}  // namespace zbroker::rpc
