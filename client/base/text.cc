#include "client/base/text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace zbroker {
namespace {

// The length of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none
// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto continues = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// C0, DEL, and C1 (U+0080 to U+009F).
bool IsControl(absl::string_view sequence) {
  const auto lead = static_cast<uint8_t>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x20 || lead == 0x7F;
  return sequence.size() == 2 && lead == 0xC2 && static_cast<uint8_t>(sequence[1]) < 0xA0;
}

}  // namespace

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

absl::Status CheckName(absl::string_view what, absl::string_view value, size_t bytes_max) {
  if (value.size() > bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " is ", value.size(), " bytes long; at most ", bytes_max, " are allowed"));
  }
  for (absl::string_view rest = value; !rest.empty();) {
    const size_t length = SequenceLength(rest);
    if (length == 0) return absl::InvalidArgumentError(absl::StrCat(what, " is not valid UTF-8"));
    if (IsControl(rest.substr(0, length))) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " has a control character at byte ", value.size() - rest.size()));
    }
    rest.remove_prefix(length);
  }
  return absl::OkStatus();
}

std::string EscapeControls(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const absl::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || IsControl(sequence)) {
      for (const char c : sequence) {
        absl::StrAppendFormat(&out, "\\x%02x", static_cast<uint8_t>(c));
      }
    } else {
      absl::StrAppend(&out, sequence);
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

std::string Ellipsize(absl::string_view text, size_t columns) {
  if (columns == 0) return "";
  size_t count = 0;
  size_t cut_at = 0;  // where the last column that leaves room for "…" ends
  for (size_t at = 0; at < text.size(); ++count) {
    if (count + 1 == columns) cut_at = at;
    if (count == columns) return absl::StrCat(text.substr(0, cut_at), "…");
    const size_t length = SequenceLength(text.substr(at));
    at += length == 0 ? 1 : length;
  }
  return std::string(text);
}

}  // namespace zbroker
