#include "shims/zai/json_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/base/text.h"

namespace zbroker::zai {
namespace {

// The length of the UTF-8 sequence of more than one byte at the start of `text`, 0 if none is
// there.
size_t LongSequence(absl::string_view text) {
  for (size_t length = 2; length <= 4 && length <= text.size(); ++length) {
    if (IsValidUtf8(text.substr(0, length))) return length;
  }
  return 0;
}

void AppendAscii(char c, std::string* out) {
  switch (c) {
    case '"':
      *out += "\\\"";
      return;
    case '\\':
      *out += "\\\\";
      return;
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
        absl::StrAppendFormat(out, "\\u%04x", static_cast<uint8_t>(c));
      } else {
        *out += c;
      }
  }
}

}  // namespace

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    size_t length = 1;
    if (static_cast<uint8_t>(text[0]) < 0x80) {
      AppendAscii(text[0], &out);
    } else if (const size_t sequence = LongSequence(text); sequence > 0) {
      absl::StrAppend(&out, text.substr(0, sequence));
      length = sequence;
    } else {
      out += "\uFFFD";
    }
    text.remove_prefix(length);
  }
  out += '"';
  return out;
}

}  // namespace zbroker::zai
