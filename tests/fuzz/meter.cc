#include "shims/zai/meter.h"

#include <cmath>

#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

constexpr int kMeterStatuses[] = {200, 401, 502};
constexpr size_t kTroubleBytesMax = 300;

bool IsFigure(double value, double most) { return value >= 0 && value <= most; }

std::string MistakeOf(const zai::MeterLimit& limit) {
  if (!IsFigure(limit.percent, kMeterPercentMax)) return "percent";
  if (!IsFigure(limit.used, 1e9) || !IsFigure(limit.allowed, 1e9)) return "figures";
  if (limit.allowed > 0 && std::abs(100 * limit.used / limit.allowed - limit.percent) > 1e-6) {
    return "percent beside figures";
  }
  const bool months = limit.months > 0 && limit.length == absl::ZeroDuration();
  const bool length = limit.months == 0 && limit.length > absl::ZeroDuration();
  if (!months && !length) return "length";
  if (limit.length > kMeterLengthMax || limit.months > kMeterMonthsMax) return "too long";
  if (limit.reset && (*limit.reset < absl::UnixEpoch() || *limit.reset == absl::InfiniteFuture())) {
    return "reset";
  }
  return "";
}

}  // namespace

std::string FuzzMeter(absl::string_view input) {
  const int status = kMeterStatuses[TakeByte(&input) % 3];
  const zai::MeterAnswer answer = zai::ReadMeter(status, input);
  const bool read = answer.state == zai::MeterAnswer::State::kRead;
  if (read != !answer.limits.empty()) return "limits without a reading, or the other way round";
  if (read != answer.trouble.empty()) return "trouble beside a reading, or none without one";
  if (read && status != 200) return "a reading from an error";
  if (answer.limits.size() > kMeterLimitsMax) return "too many";
  if (!IsName(answer.trouble, kTroubleBytesMax)) return "trouble that can't be shown";
  for (const zai::MeterLimit& limit : answer.limits) {
    if (std::string mistake = MistakeOf(limit); !mistake.empty()) return mistake;
  }
  return "";
}

}  // namespace zbroker::fuzz
