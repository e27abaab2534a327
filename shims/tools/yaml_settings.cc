#include "shims/tools/yaml_settings.h"

#include <yaml.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/text_edit.h"

namespace zbroker::tools {
namespace {

constexpr size_t kTextBytesMax = size_t{1} << 20;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The byte at which the character of this number is: libyaml counts characters.
size_t ByteAt(absl::string_view text, size_t character) {
  size_t at = 0;
  while (at < text.size() && character > 0) {
    ++at;
    while (at < text.size() && IsContinuation(text[at])) ++at;
    --character;
  }
  return at;
}

// libyaml takes time that grows with the square of the depth of lists in brackets.
bool IsDeep(absl::string_view text) {
  constexpr int kDepthMax = 256;
  int depth = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (depth > kDepthMax) return true;
  }
  return false;
}

bool IsScalar(const yaml_node_t* node) { return node != nullptr && node->type == YAML_SCALAR_NODE; }

absl::string_view TextOf(const yaml_node_t& scalar) {
  return {reinterpret_cast<const char*>(scalar.data.scalar.value), scalar.data.scalar.length};
}

}  // namespace

struct YamlSettings::Tree {
  std::string text;
  size_t mark = 0;  // the length of a byte order mark
  yaml_document_t document{};
  bool loaded = false;

  ~Tree() {
    if (loaded) yaml_document_delete(&document);
  }

  yaml_node_t* Node(int id) { return yaml_document_get_node(&document, id); }

  Span SpanOf(const yaml_node_t& node) const {
    const absl::string_view body = absl::string_view(text).substr(mark);
    return {mark + ByteAt(body, node.start_mark.index), mark + ByteAt(body, node.end_mark.index)};
  }

  struct Pair {
    yaml_node_t* key = nullptr;
    yaml_node_t* value = nullptr;
  };
  // The last one counts where a key is there twice.
  Pair Find(yaml_node_t* mapping, absl::string_view key) {
    Pair found;
    if (mapping == nullptr || mapping->type != YAML_MAPPING_NODE) return found;
    const auto& pairs = mapping->data.mapping.pairs;
    for (const yaml_node_pair_t* pair = pairs.start; pair != pairs.top; ++pair) {
      yaml_node_t* const name = Node(pair->key);
      if (IsScalar(name) && TextOf(*name) == key) found = {name, Node(pair->value)};
    }
    return found;
  }

  yaml_node_t* List(absl::string_view name) {
    yaml_node_t* const list = Find(yaml_document_get_root_node(&document), name).value;
    return list != nullptr && list->type == YAML_SEQUENCE_NODE ? list : nullptr;
  }

  yaml_node_t* Element(absl::string_view name, size_t index) {
    yaml_node_t* const list = List(name);
    if (list == nullptr) return nullptr;
    const auto& items = list->data.sequence.items;
    if (index >= static_cast<size_t>(items.top - items.start)) return nullptr;
    return Node(items.start[index]);
  }
};

YamlSettings::YamlSettings(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
YamlSettings::YamlSettings(YamlSettings&&) noexcept = default;
YamlSettings& YamlSettings::operator=(YamlSettings&&) noexcept = default;
YamlSettings::~YamlSettings() = default;

absl::StatusOr<YamlSettings> YamlSettings::Parse(absl::string_view text) {
  if (text.size() > kTextBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("1: has more than ", kTextBytesMax, " bytes"));
  }
  if (!IsValidUtf8(text)) return absl::InvalidArgumentError("1: is not UTF-8");
  if (IsDeep(text)) return absl::InvalidArgumentError("1: has too many brackets in each other");
  auto tree = std::make_unique<Tree>();
  tree->text = std::string(text);
  tree->mark = ByteOrderMarkLength(text);
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) return absl::ResourceExhaustedError("no memory");
  const absl::string_view body = absl::string_view(tree->text).substr(tree->mark);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(body.data()),
                               body.size());
  tree->loaded = yaml_parser_load(&parser, &tree->document) != 0;
  const std::string problem =
      tree->loaded ? ""
                   : absl::StrCat(parser.problem_mark.line + 1, ": not valid YAML: ",
                                  parser.problem == nullptr ? "no memory" : parser.problem);
  yaml_parser_delete(&parser);
  if (!problem.empty()) return absl::InvalidArgumentError(problem);
  const yaml_node_t* const root = yaml_document_get_root_node(&tree->document);
  if (root == nullptr || root->type != YAML_MAPPING_NODE) {
    return absl::InvalidArgumentError("1: is YAML, but not a mapping of keys to values");
  }
  return YamlSettings(std::move(tree));
}

size_t YamlSettings::SizeOf(absl::string_view list) const {
  const yaml_node_t* const node = tree_->List(list);
  if (node == nullptr) return 0;
  return static_cast<size_t>(node->data.sequence.items.top - node->data.sequence.items.start);
}

std::optional<std::string> YamlSettings::String(absl::string_view list, size_t index,
                                                absl::string_view key) const {
  const yaml_node_t* const value = tree_->Find(tree_->Element(list, index), key).value;
  if (!IsScalar(value)) return std::nullopt;
  return std::string(TextOf(*value));
}

absl::StatusOr<std::string> YamlSettings::WithString(absl::string_view list, size_t index,
                                                     absl::string_view key, absl::string_view value,
                                                     absl::string_view neighbour) const {
  yaml_node_t* const element = tree_->Element(list, index);
  const absl::string_view text = tree_->text;
  const auto refuse = [&](absl::string_view why) {
    return absl::FailedPreconditionError(
        absl::StrCat(list, "[", index, "].", key, " can't be changed in place: ", why));
  };
  const Tree::Pair old = tree_->Find(element, key);
  const Tree::Pair beside = tree_->Find(element, neighbour);
  const Tree::Pair& anchor = old.key != nullptr ? old : beside;
  if (anchor.key == nullptr) return refuse(absl::StrCat("there is no ", neighbour));
  if (!IsScalar(anchor.value)) return refuse("what is there is no plain value");
  const Span name = tree_->SpanOf(*anchor.key);
  const Span span = tree_->SpanOf(*anchor.value);
  const yaml_scalar_style_t style = anchor.value->data.scalar.style;
  if (span.begin < name.end || tree_->SpanOf(*element).begin > name.begin) {
    return refuse("it is written elsewhere in the file, under an anchor");
  }
  if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE ||
      absl::StrContains(span.Of(text), "\n")) {
    return refuse("what is there goes over several lines");
  }
  // Strings of JSON are strings of YAML.
  const std::string quoted = JsonQuote(value);
  if (old.key != nullptr) {
    // A key without a value is followed by none of its blank.
    const bool is_empty = span.begin == span.end;
    return Replace(text, {{span, absl::StrCat(is_empty ? " " : "", quoted)}});
  }
  if (element->data.mapping.style == YAML_FLOW_MAPPING_STYLE) {
    return Replace(text, {{{span.end, span.end}, absl::StrCat(", ", key, ": ", quoted)}});
  }
  const size_t end = EndOfLine(text, span.end);
  const std::string indent(beside.key->start_mark.column, ' ');
  return Replace(text, {{{end, end}, absl::StrCat(LineEndOf(text), indent, key, ": ", quoted)}});
}

}  // namespace zbroker::tools
