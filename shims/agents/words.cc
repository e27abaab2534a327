#include "shims/agents/words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/base/duration.h"
#include "client/zctl/format.h"

namespace zbroker::agents {

std::string When(absl::Time time, absl::Time now, absl::TimeZone zone) {
  if (time <= now) return "now";
  const absl::Time minute = absl::FromUnixSeconds((absl::ToUnixSeconds(time) + 59) / 60 * 60);
  const bool today = absl::ToCivilDay(minute, zone) == absl::ToCivilDay(now, zone);
  return absl::StrCat(absl::FormatTime(today ? "%H:%M" : "%Y-%m-%d %H:%M", minute, zone), " (in ",
                      zbroker::FormatDuration(time - now), ")");
}

std::string Count(double number, absl::string_view unit) {
  std::string words = absl::StrReplaceAll(unit, {{"mcp_calls", "MCP calls"}});
  const std::string shown = zctl::FormatNumber(number);
  if (shown == "1") words = std::string(absl::StripSuffix(words, "s"));
  return absl::StrCat(shown, " ", words);
}

std::string Sentence(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text + ".";
}

}  // namespace zbroker::agents
