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

bool HasLineBreak(absl::string_view text, size_t begin, size_t end) {
  return absl::StrContains(text.substr(begin, end - begin), "\n");
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
  const std::string usual = JsonQuote(key);
  for (const Member& member : MembersOf(text, object)) {
    // There are several ways to write a key, but hardly anybody has another.
    if (member.key.Of(text) == usual) {
      found = member;
      continue;
    }
    if (!absl::StrContains(member.key.Of(text), "\\")) continue;
    const std::string wrapped = absl::StrCat("{", member.key.Of(text), ":0}");
    const auto parsed = JsonObject::Parse(wrapped);
    if (parsed.ok() && parsed->Has({key})) found = member;
  }
  return found;
}

// Of the array that begins at `at`, in their order.
std::vector<Span> ElementsOf(absl::string_view text, size_t at) {
  std::vector<Span> elements;
  at = SkipBlanks(text, at + 1);
  while (at < text.size() && text[at] != ']') {
    elements.push_back({at, EndOfValue(text, at)});
    at = SkipBlanks(text, elements.back().end);
    if (at < text.size() && text[at] == ',') at = SkipBlanks(text, at + 1);
  }
  return elements;
}

// A path of keys in a text, followed as far as it is there.
struct Place {
  std::string plain;  // the text's bytes at the same places, without comments but with all commas
  size_t root = 0;    // where its object begins
  size_t object = 0;  // where the innermost object of the path begins that is there
  size_t known = 0;   // keys that lead to it
  std::optional<Span> value;  // of the whole path
};

absl::StatusOr<Place> Follow(absl::string_view text, Syntax syntax,
                             const std::vector<std::string>& path) {
  const bool has_comments = syntax == Syntax::kJsonWithComments;
  Place place{.plain = has_comments ? BlankComments(text) : std::string(text)};
  const auto parsed =
      JsonObject::Parse(has_comments ? BlankTrailingCommas(place.plain) : place.plain);
  if (!parsed.ok()) return parsed.status();
  place.root = place.object = SkipBlanks(place.plain, 0);
  for (;; ++place.known) {
    if (place.plain[place.object] != '{') {
      return absl::FailedPreconditionError(absl::StrCat(
          absl::StrJoin(path.begin(), path.begin() + static_cast<long>(place.known), "."),
          " is there, but is no object"));
    }
    const auto member = FindMember(place.plain, place.object, path[place.known]);
    if (!member) return place;
    if (place.known + 1 == path.size()) {
      place.value = member->value;
      return place;
    }
    place.object = member->value.begin;
  }
}

// How a new member is written.
struct Manner {
  bool lines = true;     // each member has a line of its own
  std::string line_end;  // what ends a line
  std::string indent;    // of the new member
  std::string deeper;    // what each level adds
};

// `"a": {"b": value}` for the keys of [at, path.size()).
std::string NewMember(const std::vector<std::string>& path, size_t at, absl::string_view value,
                      const Manner& manner, const std::string& indent) {
  const std::string key = JsonQuote(path[at]);
  if (at + 1 == path.size()) return absl::StrCat(key, ": ", value);
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

// Puts `added` behind the last thing in an object or array that ends at `end`: on a line of its own
// where `line` is not empty, the end of the one before and the blanks that it begins with.
std::vector<Replacement> AddBehind(absl::string_view plain, size_t last, size_t end,
                                   absl::string_view added, absl::string_view line) {
  const size_t next = SkipBlanks(plain, last);
  const bool has_comma = next < plain.size() && plain[next] == ',';
  const size_t after = has_comma ? next + 1 : last;
  const absl::string_view comma = has_comma ? "" : ",";
  if (line.empty()) {
    return {{{after, after}, absl::StrCat(comma, " ", added, has_comma ? "," : "")}};
  }
  // A comment behind the last one stays behind it.
  const size_t line_end = std::min(EndOfLine(plain, after), end - 1);
  const bool is_last_of_line = SkipBlanks(plain, after) >= line_end;
  const bool closes = plain[line_end] == '}' || plain[line_end] == ']';
  const size_t place = is_last_of_line && !closes ? line_end : after;
  return {{{after, after}, std::string(comma)},
          {{place, place}, absl::StrCat(line, added, has_comma ? "," : "")}};
}

// Puts a member at the end of the place's object.
std::vector<Replacement> AddMember(const Place& place, const std::vector<std::string>& path,
                                   absl::string_view value) {
  const std::string& plain = place.plain;
  const size_t end = EndOfValue(plain, place.object);
  const auto members = MembersOf(plain, place.object);
  Manner manner{.line_end = std::string(LineEndOf(plain)), .deeper = IndentUnit(plain, place.root)};
  const std::string outer(IndentAt(plain, place.object));
  if (members.empty()) {
    manner.indent = absl::StrCat(outer, manner.deeper);
    const bool has_lines = HasLineBreak(plain, place.object, end);
    return {{{place.object + 1, place.object + 1},
             absl::StrCat(manner.line_end, manner.indent,
                          NewMember(path, place.known, value, manner, manner.indent),
                          has_lines ? "" : absl::StrCat(manner.line_end, outer))}};
  }
  manner.lines = HasLineBreak(plain, place.object, members[0].key.begin);
  manner.indent = std::string(IndentAt(plain, members[0].key.begin));
  return AddBehind(plain, members.back().value.end, end,
                   NewMember(path, place.known, value, manner, manner.indent),
                   manner.lines ? absl::StrCat(manner.line_end, manner.indent) : "");
}

// Where the path leads to an array: its elements. Errors: FAILED_PRECONDITION when it is none.
absl::StatusOr<std::vector<Span>> ElementsAt(const Place& place,
                                             const std::vector<std::string>& path) {
  if (place.plain[place.value->begin] == '[') return ElementsOf(place.plain, place.value->begin);
  return absl::FailedPreconditionError(
      absl::StrCat(absl::StrJoin(path, "."), " is there, but is no array"));
}

Replacement ReplaceElements(const Place& place, const std::vector<Span>& now, size_t count,
                            const std::vector<std::string>& elements) {
  const std::string& plain = place.plain;
  const size_t begin = place.value->begin;
  if (now.empty()) return {{begin + 1, begin + 1}, absl::StrJoin(elements, ", ")};
  const std::string separator =
      HasLineBreak(plain, begin, now[0].begin)
          ? absl::StrCat(",", LineEndOf(plain), IndentAt(plain, now[0].begin))
          : ", ";
  std::string added = absl::StrJoin(elements, separator);
  if (count < now.size()) {
    if (!elements.empty()) absl::StrAppend(&added, separator);
    return {{now[0].begin, now[count].begin}, std::move(added)};
  }
  size_t end = now.back().end;
  const size_t next = SkipBlanks(plain, end);
  // A comma with nothing before it is none of anybody's.
  if (elements.empty() && plain[next] == ',') end = next + 1;
  return {{now[0].begin, end}, std::move(added)};
}

}  // namespace

absl::StatusOr<std::string> SetJson(absl::string_view text, Syntax syntax,
                                    const std::vector<std::string>& path, absl::string_view value) {
  const size_t mark = ByteOrderMarkLength(text);
  const absl::string_view body = text.substr(mark);
  if (absl::StripAsciiWhitespace(body).empty()) {
    const Manner manner{.line_end = std::string(LineEndOf(body)),
                        .deeper = std::string(kUsualIndent)};
    return absl::StrCat(text.substr(0, mark), "{", manner.line_end, kUsualIndent,
                        NewMember(path, 0, value, manner, manner.deeper), manner.line_end, "}",
                        manner.line_end);
  }
  ZB_ASSIGN_OR_RETURN(const Place place, Follow(body, syntax, path));
  std::vector<Replacement> all{{place.value.value_or(Span()), std::string(value)}};
  if (!place.value) all = AddMember(place, path, value);
  return absl::StrCat(text.substr(0, mark), Replace(body, std::move(all)));
}

absl::StatusOr<std::string> SetJsonString(absl::string_view text, Syntax syntax,
                                          const std::vector<std::string>& path,
                                          absl::string_view value) {
  return SetJson(text, syntax, path, JsonQuote(value));
}

absl::StatusOr<std::string> ReplaceFirst(absl::string_view text, Syntax syntax,
                                         const std::vector<std::string>& path, size_t count,
                                         const std::vector<std::string>& elements) {
  const size_t mark = ByteOrderMarkLength(text);
  const absl::string_view body = text.substr(mark);
  ZB_ASSIGN_OR_RETURN(const Place place, Follow(body, syntax, path));
  const std::vector<Span> none;
  ZB_ASSIGN_OR_RETURN(const auto now, place.value ? ElementsAt(place, path) : none);
  if (now.size() < count) {
    return absl::FailedPreconditionError(
        absl::StrCat(absl::StrJoin(path, "."), " has fewer than ", count, " elements"));
  }
  if (!place.value) {
    return SetJson(text, syntax, path, absl::StrCat("[", absl::StrJoin(elements, ", "), "]"));
  }
  return absl::StrCat(text.substr(0, mark),
                      Replace(body, {ReplaceElements(place, now, count, elements)}));
}

absl::StatusOr<std::string> AppendElement(absl::string_view text, Syntax syntax,
                                          const std::vector<std::string>& path,
                                          absl::string_view element) {
  const size_t mark = ByteOrderMarkLength(text);
  const absl::string_view body = text.substr(mark);
  const bool is_blank = absl::StripAsciiWhitespace(body).empty();
  ZB_ASSIGN_OR_RETURN(const Place place, is_blank ? Place() : Follow(body, syntax, path));
  if (!place.value) return SetJson(text, syntax, path, absl::StrCat("[", element, "]"));
  ZB_ASSIGN_OR_RETURN(const auto now, ElementsAt(place, path));
  if (now.empty()) return ReplaceFirst(text, syntax, path, 0, {std::string(element)});
  const bool lines = HasLineBreak(place.plain, place.value->begin, now[0].begin);
  const std::string line =
      lines ? absl::StrCat(LineEndOf(place.plain), IndentAt(place.plain, now[0].begin)) : "";
  return absl::StrCat(
      text.substr(0, mark),
      Replace(body, AddBehind(place.plain, now.back().end, place.value->end, element, line)));
}

}  // namespace zbroker::tools
