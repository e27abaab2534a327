#include "shims/zai/large_event.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shims/zai/json_text.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

constexpr size_t kQuotedBytesMax = 2048;
constexpr size_t kMembersMax = 64;

void SkipBlanks(absl::string_view& text) { text = absl::StripLeadingAsciiWhitespace(text); }

// Takes a JSON string off the front, and gives what is between its quotes. False: it does not end.
bool TakeString(absl::string_view& text, absl::string_view* inner) {
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      *inner = text.substr(1, at - 1);
      text.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

// The object that `text` begins with; empty if it does not end in it.
absl::string_view ObjectAt(absl::string_view text) {
  int depth = 0;
  absl::string_view rest = text;
  absl::string_view ignored;
  while (!rest.empty()) {
    if (rest[0] == '"') {
      if (!TakeString(rest, &ignored)) return {};
      continue;
    }
    if (rest[0] == '{') ++depth;
    if (rest[0] == '}' && --depth == 0) return text.substr(0, text.size() - rest.size() + 1);
    rest.remove_prefix(1);
  }
  return {};
}

// What the members say that come before the first object or array, and which that is.
struct Beginning {
  absl::string_view type;
  absl::string_view first_large;
};

Beginning ReadBeginning(absl::string_view text) {
  Beginning beginning;
  SkipBlanks(text);
  if (!absl::ConsumePrefix(&text, "{")) return beginning;
  for (size_t member = 0; member < kMembersMax; ++member) {
    absl::string_view key;
    SkipBlanks(text);
    if (!absl::StartsWith(text, "\"") || !TakeString(text, &key)) break;
    SkipBlanks(text);
    if (!absl::ConsumePrefix(&text, ":")) break;
    SkipBlanks(text);
    if (absl::StartsWith(text, "{") || absl::StartsWith(text, "[")) {
      beginning.first_large = key;
      break;
    }
    absl::string_view value;
    if (absl::StartsWith(text, "\"")) {
      if (!TakeString(text, &value)) break;
      if (key == "type") beginning.type = value;
    }
    const size_t comma = text.find_first_of(",{}[]\"");
    if (comma == text.npos || text[comma] != ',') break;
    text.remove_prefix(comma + 1);
  }
  return beginning;
}

// What follows the last member of that name in `text`, its value first; empty if there is none. In
// a string the quotes of such a thing have a backslash before them, so what a model wrote is never
// taken for one.
absl::string_view LastMember(absl::string_view text, absl::string_view name) {
  const std::string quoted = absl::StrCat("\"", name, "\"");
  for (size_t at = text.rfind(quoted); at != text.npos && at > 0; at = text.rfind(quoted, at - 1)) {
    const absl::string_view before = absl::StripTrailingAsciiWhitespace(text.substr(0, at));
    absl::string_view rest = text.substr(at + quoted.size());
    SkipBlanks(rest);
    const bool key = absl::EndsWith(before, ",") || absl::EndsWith(before, "{");
    if (!key || !absl::ConsumePrefix(&rest, ":")) continue;
    SkipBlanks(rest);
    return rest;
  }
  return {};
}

absl::string_view LastObject(absl::string_view text, absl::string_view name) {
  const absl::string_view value = LastMember(text, name);
  return absl::StartsWith(value, "{") ? ObjectAt(value) : absl::string_view();
}

// Digits, with or without quotes.
absl::string_view LastCode(absl::string_view text) {
  absl::string_view value = LastMember(text, "code");
  absl::ConsumePrefix(&value, "\"");
  return value.substr(0, value.find_first_not_of("0123456789"));
}

std::string EndOf(const Event& event) {
  constexpr size_t kMost = EventReader::kTailBytesMax;
  if (event.tail.size() >= kMost) return std::string(event.tail);
  // Nothing is missing between the two.
  const size_t begin = event.data.size() > kMost ? event.data.size() - kMost : 0;
  return absl::StrCat(event.data.substr(begin), event.tail);
}

std::string Named(absl::string_view name, absl::string_view json) {
  return json.empty() ? "" : absl::StrCat(",\"", name, "\":", json);
}

std::string ErrorOf(const Event& event, absl::string_view end) {
  const absl::string_view error = LastObject(end, "error");
  if (!error.empty()) return std::string(error);
  // As the text of one, in which a code is found wherever it stands.
  const absl::string_view code = LastCode(end);
  return absl::StrCat("{\"message\":", JsonString(CutUtf8(event.data, kQuotedBytesMax)),
                      code.empty() ? "" : Named("code", JsonString(code)), "}");
}

}  // namespace

std::string Summarise(const Event& event) {
  const Beginning beginning = ReadBeginning(event.data);
  const absl::string_view type = beginning.type.empty() ? event.name : beginning.type;
  const std::string end = EndOf(event);
  const std::string usage = Named("usage", LastObject(end, "usage"));
  std::string summary = absl::StrCat("{\"type\":", JsonString(type));
  absl::string_view status = type;
  if (event.name == "error" || type == "error" || beginning.first_large == "error") {
    absl::StrAppend(&summary, Named("error", ErrorOf(event, end)));
  } else if (absl::ConsumePrefix(&status, "response.")) {
    const std::string error = status == "failed" ? Named("error", ErrorOf(event, end)) : "";
    absl::StrAppend(&summary, ",\"response\":{\"status\":", JsonString(status), error,
                    Named("incomplete_details", LastObject(end, "incomplete_details")), usage, "}");
  } else {
    absl::StrAppend(&summary, usage);
  }
  return summary + "}";
}

}  // namespace zbroker::zai
