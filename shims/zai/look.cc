#include "shims/zai/look.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace zbroker::zai {
namespace {

// What the lines of an event stream begin with; a colon is a comment's.
constexpr absl::string_view kFields[] = {"data:", "event:", "id:", "retry:", ":"};

}  // namespace

Look LookOf(absl::string_view beginning) {
  if (absl::StartsWith(kByteOrderMark, beginning)) return Look::kUndecided;
  absl::ConsumePrefix(&beginning, kByteOrderMark);
  beginning = absl::StripLeadingAsciiWhitespace(beginning);
  if (beginning.empty()) return Look::kUndecided;
  if (beginning[0] == '{' || beginning[0] == '[') return Look::kDocument;
  for (const absl::string_view field : kFields) {
    if (absl::StartsWith(beginning, field)) return Look::kEvents;
    if (absl::StartsWith(field, beginning)) return Look::kUndecided;
  }
  return Look::kOther;
}

}  // namespace zbroker::zai
