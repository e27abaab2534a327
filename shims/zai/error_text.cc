#include "shims/zai/error_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "shims/zai/error_table.h"

namespace zbroker::zai {
namespace {

constexpr size_t kCodeDigits = 4;

bool IsKnown(absl::string_view code) {
  return code.size() == kCodeDigits && FindErrorRow(code) != nullptr;
}

// The first part, and what follows it: REQUIRES that `text` begins behind its bracket.
std::optional<Bracketed> SplitParts(absl::string_view text) {
  Bracketed parts;
  const size_t code_end = text.find("][");
  int number = 0;
  if (code_end == absl::string_view::npos) return std::nullopt;
  parts.code = text.substr(0, code_end);
  if (!absl::SimpleAtoi(parts.code, &number)) return std::nullopt;
  parts.message = text.substr(code_end + 2);
  return parts;
}

}  // namespace

std::optional<Bracketed> ParseBracketed(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&text, "[") || !absl::ConsumeSuffix(&text, "]")) return std::nullopt;
  std::optional<Bracketed> parts = SplitParts(text);
  if (!parts) return std::nullopt;
  const size_t message_end = parts->message.rfind("][");
  if (message_end != absl::string_view::npos) {
    parts->request_id = parts->message.substr(message_end + 2);
    parts->message = parts->message.substr(0, message_end);
  }
  return parts;
}

std::optional<Bracketed> FindBracketed(absl::string_view text) {
  for (size_t at = text.find('['); at != text.npos; at = text.find('[', at + 1)) {
    const absl::string_view rest = text.substr(at + 1);
    std::optional<Bracketed> parts = SplitParts(rest.substr(0, rest.find("][") + 2));
    if (!parts || !IsKnown(parts->code)) continue;
    parts->message = rest.substr(parts->code.size() + 2);
    const size_t message_end = parts->message.find(']');
    const absl::string_view behind =
        message_end == text.npos ? absl::string_view() : parts->message.substr(message_end + 1);
    parts->message = parts->message.substr(0, message_end);
    if (absl::StartsWith(behind, "[")) parts->request_id = behind.substr(1, behind.find(']') - 1);
    return parts;
  }
  return std::nullopt;
}

absl::string_view FindBraced(absl::string_view text) {
  const size_t begin = text.find('{');
  const size_t end = text.rfind('}');
  if (begin == text.npos || end == text.npos || end < begin) return {};
  return text.substr(begin, end - begin + 1);
}

absl::string_view FindNamedCode(absl::string_view text) {
  constexpr absl::string_view kWord = "code";
  for (size_t at = text.find(kWord); at != text.npos; at = text.find(kWord, at + 1)) {
    absl::string_view rest = text.substr(at + kWord.size());
    const size_t digits = rest.find_first_not_of(" \t\\\"':=");
    if (digits == 0 || digits == rest.npos) continue;
    rest.remove_prefix(digits);
    size_t size = 0;
    while (size < rest.size() && absl::ascii_isdigit(rest[size])) ++size;
    if (IsKnown(rest.substr(0, size))) return rest.substr(0, size);
  }
  return {};
}

}  // namespace zbroker::zai
