#include "shims/tools/json_edit.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/status.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/text_edit.h"

namespace zbroker::tools {
namespace {

constexpr absl::string_view kBlanks = " \t\r\n";
constexpr absl::string_view kUsualIndent = "  ";

// All of the following walk a text that simdjson has found valid, with comments blanked, so they
// need not look for mistakes.

size_t SkipBlanks(absl::string_view text, size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

size_t EndOfValue(absl::string_view text, size_t at) {
  if (text[at] == '"') return EndOfString(text, at);
  if (text[at] != '{' && text[at] != '[') {
    return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
  }
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = EndOfString(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) break;
  }
  return at;
}

struct Member {
  Span key;  // with its quotes
  Span value;
};

// Of the object that begins at `at`, in their order.
std::vector<Member> MembersOf(absl::string_view text, size_t at) {
  std::vector<Member> members;
  at = SkipBlanks(text, at + 1);
  while (at < text.size() && text[at] == '"') {
    Member member{.key = {at, EndOfString(text, at)}};
    const size_t colon = SkipBlanks(text, member.key.end);
    member.value.begin = SkipBlanks(text, colon + 1);
    member.value.end = EndOfValue(text, member.value.begin);
    at = SkipBlanks(text, member.value.end);
    if (at < text.size() && text[at] == ',') at = SkipBlanks(text, at + 1);
    members.push_back(member);
  }
  return members;
}

// The last one counts where a key is there twice, as in JavaScript.
std::optional<Member> FindMember(absl::string_view text, size_t object, const std::string& key) {
  std::optional<Member> found;
  for (const Member& member : MembersOf(text, object)) {
    const std::string wrapped = absl::StrCat("{", member.key.Of(text), ":0}");
    const auto parsed = JsonObject::Parse(wrapped);
    if (parsed.ok() && parsed->Has({key})) found = member;
  }
  return found;
}

// How a new member is written.
struct Manner {
  bool lines = true;     // each member has a line of its own
  std::string line_end;  // what ends a line
  std::string indent;    // of the new member
  std::string deeper;    // what each level adds
};

// `"a": {"b": "value"}` for the keys of [at, path.size()).
std::string NewMember(const std::vector<std::string>& path, size_t at, absl::string_view value,
                      const Manner& manner, const std::string& indent) {
  const std::string key = JsonQuote(path[at]);
  if (at + 1 == path.size()) return absl::StrCat(key, ": ", JsonQuote(value));
  const std::string inner_indent = absl::StrCat(indent, manner.deeper);
  const std::string inner = NewMember(path, at + 1, value, manner, inner_indent);
  if (!manner.lines) return absl::StrCat(key, ": {", inner, "}");
  return absl::StrCat(key, ": {", manner.line_end, inner_indent, inner, manner.line_end, indent,
                      "}");
}

// What one level of the file is indented by.
std::string IndentUnit(absl::string_view plain, size_t root) {
  const auto members = MembersOf(plain, root);
  if (members.empty()) return std::string(kUsualIndent);
  const absl::string_view indent = IndentAt(plain, members[0].key.begin);
  return indent.empty() ? std::string(kUsualIndent) : std::string(indent);
}

// Puts a member at the end of the object that begins at `object`. `plain` has the text's bytes at
// the same places, without comments but with all commas.
std::vector<Replacement> Append(absl::string_view plain, size_t root, size_t object,
                                const std::vector<std::string>& path, size_t at,
                                absl::string_view value) {
  const size_t end = EndOfValue(plain, object);
  const auto members = MembersOf(plain, object);
  Manner manner{.line_end = std::string(LineEndOf(plain)), .deeper = IndentUnit(plain, root)};
  const std::string outer(IndentAt(plain, object));
  if (members.empty()) {
    manner.indent = absl::StrCat(outer, manner.deeper);
    const bool has_lines = absl::StrContains(plain.substr(object, end - object), "\n");
    return {{{object + 1, object + 1},
             absl::StrCat(manner.line_end, manner.indent,
                          NewMember(path, at, value, manner, manner.indent),
                          has_lines ? "" : absl::StrCat(manner.line_end, outer))}};
  }
  const Member& last = members.back();
  manner.lines = absl::StrContains(plain.substr(object, members[0].key.begin - object), "\n");
  manner.indent = std::string(IndentAt(plain, members[0].key.begin));
  const std::string member = NewMember(path, at, value, manner, manner.indent);
  const size_t next = SkipBlanks(plain, last.value.end);
  const bool has_comma = next < plain.size() && plain[next] == ',';
  const size_t after = has_comma ? next + 1 : last.value.end;
  const absl::string_view comma = has_comma ? "" : ",";
  if (!manner.lines) {
    return {{{after, after}, absl::StrCat(comma, " ", member, has_comma ? "," : "")}};
  }
  // A comment behind the last member stays behind it.
  const size_t line_end = std::min(EndOfLine(plain, after), end - 1);
  const size_t place =
      SkipBlanks(plain, after) >= line_end && plain[line_end] != '}' ? line_end : after;
  return {
      {{after, after}, std::string(comma)},
      {{place, place}, absl::StrCat(manner.line_end, manner.indent, member, has_comma ? "," : "")}};
}

}  // namespace

absl::StatusOr<std::string> SetJsonString(absl::string_view text, Syntax syntax,
                                          const std::vector<std::string>& path,
                                          absl::string_view value) {
  const size_t mark = ByteOrderMarkLength(text);
  const absl::string_view body = text.substr(mark);
  if (absl::StripAsciiWhitespace(body).empty()) {
    const Manner manner{.line_end = std::string(LineEndOf(body)),
                        .deeper = std::string(kUsualIndent)};
    return absl::StrCat(text.substr(0, mark), "{", manner.line_end, kUsualIndent,
                        NewMember(path, 0, value, manner, manner.deeper), manner.line_end, "}",
                        manner.line_end);
  }
  const bool has_comments = syntax == Syntax::kJsonWithComments;
  const std::string plain = has_comments ? BlankComments(body) : std::string(body);
  const auto parsed = JsonObject::Parse(has_comments ? BlankTrailingCommas(plain) : plain);
  if (!parsed.ok()) return parsed.status();
  const size_t root = SkipBlanks(plain, 0);
  size_t object = root;
  std::vector<Replacement> all;
  for (size_t i = 0; i < path.size() && all.empty(); ++i) {
    if (plain[object] != '{') {
      return absl::FailedPreconditionError(
          absl::StrCat(absl::StrJoin(path.begin(), path.begin() + static_cast<long>(i), "."),
                       " is there, but is no object"));
    }
    const auto member = FindMember(plain, object, path[i]);
    if (!member) {
      all = Append(plain, root, object, path, i, value);
    } else if (i + 1 == path.size()) {
      all = {{member->value, JsonQuote(value)}};
    } else {
      object = member->value.begin;
    }
  }
  return absl::StrCat(text.substr(0, mark), Replace(body, std::move(all)));
}

}  // namespace zbroker::tools
