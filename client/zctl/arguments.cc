#include "client/zctl/arguments.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/duration.h"
#include "client/base/instant.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

constexpr uint32_t kSlotLimitMax = 1000;
constexpr absl::Duration kIntervalMin = absl::Milliseconds(100);
constexpr absl::Duration kIntervalMax = absl::Hours(1);

absl::Status Unexpected(const std::string& text, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", EscapeControls(text), "\" is not ", expected));
}

template <typename Number>
absl::Status ReadPositive(const std::string& text, Number* number) {
  if (absl::SimpleAtoi(text, number) && *number > 0) return absl::OkStatus();
  return Unexpected(text, "a number from 1 up");
}

template <typename Enum>
absl::Status ReadWord(const std::string& text, std::optional<Enum> parsed, const std::string& words,
                      Enum* value) {
  if (!parsed) return Unexpected(text, absl::StrCat("one of ", words));
  *value = *parsed;
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadName(const std::string& text, std::string* name) {
  if (text.empty()) return absl::InvalidArgumentError("is empty; leave it out to mean all");
  ZB_RETURN_IF_ERROR(CheckName("it", text));
  *name = text;
  return absl::OkStatus();
}

absl::Status ReadDuration(const std::string& text, std::optional<absl::Duration>* length) {
  ZB_ASSIGN_OR_RETURN(*length, ParseDuration(text));
  return absl::OkStatus();
}

absl::Status ReadInstant(const std::string& text, std::optional<absl::Time>* at) {
  ZB_ASSIGN_OR_RETURN(*at, ParseInstant(text, absl::Now(), absl::LocalTimeZone()));
  return absl::OkStatus();
}

absl::Status ReadInterval(const std::string& text, absl::Duration* interval) {
  ZB_ASSIGN_OR_RETURN(*interval, ParseDuration(text));
  if (*interval >= kIntervalMin && *interval <= kIntervalMax) return absl::OkStatus();
  return Unexpected(text, "from 100ms to 1h");
}

absl::Status ReadLeaseId(const std::string& text, uint64_t* lease_id) {
  return ReadPositive(text, lease_id);
}

absl::Status ReadRowLimit(const std::string& text, std::optional<uint32_t>* limit) {
  return ReadPositive(text, &limit->emplace());
}

absl::Status ReadSlotLimit(const std::string& text, std::optional<uint32_t>* limit) {
  limit->reset();
  if (text == "auto") return absl::OkStatus();
  uint32_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 1 || number > kSlotLimitMax) {
    return Unexpected(text, absl::StrCat("a number from 1 to ", kSlotLimitMax, " or auto"));
  }
  *limit = number;
  return absl::OkStatus();
}

absl::Status ReadPriority(const std::string& text, v1::Priority* priority) {
  return ReadWord(text, ParsePriority(text), "interactive, normal, background", priority);
}

absl::Status ReadOutcome(const std::string& text, v1::Outcome* outcome) {
  return ReadWord(text, ParseOutcome(text), OutcomeWords(), outcome);
}

absl::Status ReadGroupBy(const std::string& text, v1::GroupBy* group_by) {
  return ReadWord(text, ParseGroupBy(text), GroupByWords(), group_by);
}

absl::Status ReadColor(const std::string& text, ColorMode* color) {
  std::optional<ColorMode> mode;
  if (text == "auto") mode = ColorMode::kAuto;
  if (text == "always") mode = ColorMode::kAlways;
  if (text == "never") mode = ColorMode::kNever;
  return ReadWord(text, mode, "auto, always, never", color);
}

}  // namespace zbroker::zctl
