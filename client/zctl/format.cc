#include "client/zctl/format.h"

#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"
#include "client/base/text.h"

namespace zbroker::zctl {
namespace {

// The date with a space behind it, as far as it is needed.
std::string DatePart(absl::Time time, absl::Time now, absl::TimeZone zone) {
  const absl::CivilSecond then = absl::ToCivilSecond(time, zone);
  const absl::CivilSecond today = absl::ToCivilSecond(now, zone);
  if (absl::CivilDay(then) == absl::CivilDay(today)) return "";
  return absl::FormatTime(then.year() == today.year() ? "%b %d " : "%Y-%m-%d ", time, zone);
}

}  // namespace

absl::Time ToTime(const google::protobuf::Timestamp& time) { return FromProtoTime(time); }

absl::Duration ToDuration(const google::protobuf::Duration& length) {
  return FromProtoDuration(length);
}

std::string FormatInstant(absl::Time time, absl::Time now, absl::TimeZone zone) {
  // What two clocks told is a few microseconds off: an hour that is full is to read as one.
  time += absl::Milliseconds(1);
  return absl::StrCat(DatePart(time, now, zone), absl::FormatTime("%H:%M:%S", time, zone));
}

std::string FormatUntil(absl::Time time, absl::Time now, absl::TimeZone zone) {
  std::string text = FormatInstant(time, now, zone);
  const bool soon = time > now && time - now < absl::Hours(12);
  if (soon) absl::StrAppend(&text, " (", zbroker::FormatDuration(time - now), ")");
  return text;
}

std::string FormatAbout(absl::Time time, absl::Time now, absl::TimeZone zone) {
  return absl::StrCat("~", DatePart(time, now, zone), absl::FormatTime("%H:%M", time, zone));
}

std::string FormatNumber(double value) {
  const double rounded = std::round(value * 100) / 100;
  if (rounded == std::floor(rounded)) return absl::StrFormat("%.0f", rounded);
  std::string text = absl::StrFormat("%.2f", rounded);
  if (text.back() == '0') text.pop_back();
  return text;
}

std::string FormatCount(int64_t count) {
  static constexpr const char* kUnits[] = {"", "k", "M", "G", "T"};
  double value = static_cast<double>(count);
  size_t unit = 0;
  // What would round up to the next unit is written in it.
  while (value >= 999.95 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || value >= 99.95 ? 0 : 1;
  return absl::StrFormat("%.*f%s", decimals, value, kUnits[unit]);
}

std::string HolderName(const v1::Holder& holder) {
  if (holder.program().empty()) return absl::StrCat("user ", holder.uid());
  return EscapeControls(holder.program());
}

std::string HolderPid(const v1::Holder& holder) {
  // Of a program in a container its gateway's is what can be seen from here.
  const int32_t pid = holder.pid() == 0 ? holder.via_pid() : holder.pid();
  return pid == 0 ? "" : absl::StrCat(pid);
}

}  // namespace zbroker::zctl
