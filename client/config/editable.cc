#include "client/config/editable.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/config/given.h"
#include "client/config/toml_library.h"

namespace zbroker::config {
namespace {

constexpr absl::string_view kMark = "\xEF\xBB\xBF";
// As in document.cc, of which this is the looser form: prose may be long, as long as no line can
// have more segments of keys than there.
constexpr std::ptrdiff_t kJointsMax = 1024;

absl::Status CheckJoints(absl::string_view text) {
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const auto joints =
        std::ranges::count_if(line, [](char c) { return c == '.' || c == '[' || c == '{'; });
    if (!IsValidUtf8(line)) {
      return absl::InvalidArgumentError(absl::StrCat(number, ": is not UTF-8"));
    }
    if (joints > kJointsMax) {
      return absl::InvalidArgumentError(absl::StrCat(number, ": has too many dots and brackets"));
    }
  }
  return absl::OkStatus();
}

const toml::node* Find(const toml::table& root, const TomlPath& path) {
  const toml::node* at = &root;
  for (const std::string& key : path) {
    const toml::table* const table = at->as_table();
    at = table == nullptr ? nullptr : table->get(key);
    if (at == nullptr) break;
  }
  return at;
}

size_t BeginOfLine(absl::string_view text, toml::source_index line) {
  size_t at = 0;
  for (; line > 1 && at != absl::string_view::npos; --line) {
    at = text.find('\n', at);
    if (at != absl::string_view::npos) ++at;
  }
  return std::min(at, text.size());
}

// toml++ counts lines and characters from 1.
size_t ByteAt(absl::string_view text, const toml::source_position& position) {
  size_t at = BeginOfLine(text, position.line);
  for (toml::source_index column = position.column; column > 1 && at < text.size(); --column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

size_t EndOfLine(absl::string_view text, size_t at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  return end > at && text[end - 1] == '\r' ? end - 1 : end;
}

// Whether a line is the header of the very table at the path, not of one inside it.
bool IsHeaderOf(absl::string_view line, const TomlPath& path) {
  const toml::parse_result parsed = toml::parse(std::string_view(line.data(), line.size()));
  if (parsed.failed()) return false;
  const toml::node* const node = Find(parsed.table(), path);
  return node != nullptr && node->is_table() && node->as_table()->empty();
}

// Where the key of a new neighbour of `key` begins, before the "=" of the line; at its end there is
// the last dot of a dotted key, if it is one.
std::string PrefixOf(absl::string_view line) {
  size_t dot = 0;
  char quote = 0;
  for (size_t at = 0; at < line.size() && (quote != 0 || line[at] != '='); ++at) {
    if (quote != 0) {
      if (line[at] == quote) quote = 0;
    } else if (line[at] == '"' || line[at] == '\'') {
      quote = line[at];
    } else if (line[at] == '.') {
      dot = at + 1;
    }
  }
  return std::string(line.substr(0, dot));
}

// A value of the table that stands in it by itself; nullptr: it has none.
const toml::node* FirstValueIn(const toml::table& table) {
  for (const auto& [key, value] : table) {
    if (!value.is_table() && !value.is_array_of_tables()) return &value;
  }
  return nullptr;
}

// The last table that is there on the way to the path.
const toml::node* LastOnTheWay(const toml::table& root, TomlPath path) {
  while (path.size() > 1) {
    path.pop_back();
    if (const toml::node* const node = Find(root, path)) return node;
  }
  return &root;
}

}  // namespace

EditableToml::EditableToml(std::string text, size_t mark, std::unique_ptr<const toml::table> root)
    : text_(std::move(text)), mark_(mark), root_(std::move(root)) {}
EditableToml::EditableToml(EditableToml&&) noexcept = default;
EditableToml& EditableToml::operator=(EditableToml&&) noexcept = default;
EditableToml::~EditableToml() = default;

absl::StatusOr<EditableToml> EditableToml::Parse(absl::string_view text) {
  const size_t mark = absl::StartsWith(text, kMark) ? kMark.size() : 0;
  const absl::string_view body = text.substr(mark);
  if (absl::Status status = CheckJoints(body); !status.ok()) return status;
  toml::parse_result result = toml::parse(std::string_view(body.data(), body.size()));
  if (result.failed()) {
    const std::string_view problem = result.error().description();
    return absl::InvalidArgumentError(absl::StrCat(
        result.error().source().begin.line,
        ": not valid TOML: ", EscapeControls(absl::string_view(problem.data(), problem.size()))));
  }
  return EditableToml(std::string(text), mark,
                      std::make_unique<const toml::table>(std::move(result).table()));
}

std::optional<std::string> EditableToml::String(const TomlPath& path) const {
  const toml::node* const node = Find(*root_, path);
  if (node == nullptr || !node->is_string()) return std::nullopt;
  return node->as_string()->get();
}

std::vector<std::string> EditableToml::Keys(const TomlPath& path) const {
  std::vector<std::string> keys;
  const toml::node* const node = Find(*root_, path);
  if (node == nullptr || !node->is_table()) return keys;
  for (const auto& [key, value] : *node->as_table()) keys.emplace_back(key.str());
  return keys;
}

std::optional<std::string> EditableToml::Literal(const TomlPath& path) const {
  const toml::node* const node = Find(*root_, path);
  if (node == nullptr || node->is_table()) return std::nullopt;
  const absl::string_view body = absl::string_view(text_).substr(mark_);
  const size_t begin = ByteAt(body, node->source().begin);
  const size_t end = std::max(begin, ByteAt(body, node->source().end));
  return std::string(absl::StripAsciiWhitespace(body.substr(begin, end - begin)));
}

std::string EditableToml::Edit(const TomlPath& path, absl::string_view literal) const {
  const absl::string_view body = absl::string_view(text_).substr(mark_);
  const auto spliced = [&](size_t begin, size_t end, absl::string_view with) {
    return absl::StrCat(text_.substr(0, mark_), body.substr(0, begin), with, body.substr(end));
  };
  if (const toml::node* const node = Find(*root_, path)) {
    return spliced(ByteAt(body, node->source().begin), ByteAt(body, node->source().end), literal);
  }
  const size_t first_end = body.find('\n');
  const absl::string_view line_end =
      first_end != body.npos && first_end > 0 && body[first_end - 1] == '\r' ? "\r\n" : "\n";
  const std::string line = absl::StrCat(TomlKey(path.back()), " = ", literal);
  if (path.size() == 1) return spliced(0, 0, absl::StrCat(line, line_end));
  const TomlPath parent(path.begin(), path.end() - 1);
  if (const toml::node* const table = Find(*root_, parent)) {
    const size_t begin = BeginOfLine(body, table->source().begin.line);
    const size_t end = EndOfLine(body, begin);
    const absl::string_view header = body.substr(begin, end - begin);
    const absl::string_view indent = header.substr(0, header.find_first_not_of(" \t"));
    if (IsHeaderOf(header, parent)) {
      return spliced(end, end, absl::StrCat(line_end, indent, line));
    }
  }
  const std::string name = absl::StrJoin(parent, ".", [](std::string* out, const std::string& key) {
    absl::StrAppend(out, TomlKey(key));
  });
  return absl::StrCat(text_, body.empty() || absl::EndsWith(body, "\n") ? "" : line_end,
                      body.empty() ? "" : line_end, "[", name, "]", line_end, line, line_end);
}

// Beside another key of the table, which is written in one line, or with dotted keys.
std::optional<std::string> EditableToml::EditBeside(const TomlPath& path,
                                                    absl::string_view literal) const {
  const TomlPath parent(path.begin(), path.end() - 1);
  const toml::node* const node = parent.empty() ? nullptr : Find(*root_, parent);
  if (node == nullptr || !node->is_table()) return std::nullopt;
  const toml::table& table = *node->as_table();
  const absl::string_view body = absl::string_view(text_).substr(mark_);
  const auto inserted = [&](size_t at, absl::string_view what) {
    return absl::StrCat(text_.substr(0, mark_), body.substr(0, at), what, body.substr(at));
  };
  const std::string entry = absl::StrCat(TomlKey(path.back()), " = ", literal);
  if (table.is_inline()) {
    const size_t begin = ByteAt(body, table.source().begin);
    if (begin >= body.size() || body[begin] != '{') return std::nullopt;
    return inserted(begin + 1, absl::StrCat(" ", entry, table.empty() ? " " : ","));
  }
  const toml::node* const neighbour = FirstValueIn(table);
  if (neighbour == nullptr) return std::nullopt;
  const size_t begin = BeginOfLine(body, neighbour->source().begin.line);
  const size_t end = EndOfLine(body, begin);
  const std::string prefix = PrefixOf(body.substr(begin, end - begin));
  const absl::string_view line_end =
      body.substr(end, body.find('\n', end) - end + 1) == "\r\n" ? "\r\n" : "\n";
  return prefix.empty() ? std::nullopt
                        : std::optional(inserted(begin, absl::StrCat(prefix, entry, line_end)));
}

absl::StatusOr<std::string> EditableToml::WithLiteral(const TomlPath& path,
                                                      absl::string_view literal) const {
  for (const auto& edited : {std::optional(Edit(path, literal)), EditBeside(path, literal)}) {
    if (!edited) continue;
    // Whether it fits in there the parser knows best.
    const auto again = Parse(*edited);
    if (again.ok() && again->Literal(path) == literal) return *edited;
  }
  const auto line = LastOnTheWay(*root_, path)->source().begin.line;
  return absl::FailedPreconditionError(
      absl::StrCat(std::max<toml::source_index>(line, 1), ": ", absl::StrJoin(path, "."),
                   " can't be set here without changing what is written; do it by hand: `",
                   TomlKey(path.back()), " = ", literal, "`"));
}

absl::StatusOr<std::string> EditableToml::WithString(const TomlPath& path,
                                                     absl::string_view value) const {
  return WithLiteral(path, TomlString(value));
}

}  // namespace zbroker::config
