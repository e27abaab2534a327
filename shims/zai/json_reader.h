// Reading whole JSON documents: answers, events, small requests. For sources of this folder only:
// it brings in simdjson's header.
#ifndef ZBROKER_SHIMS_ZAI_JSON_READER_H_
#define ZBROKER_SHIMS_ZAI_JSON_READER_H_

#include <simdjson.h>

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace zbroker::zai::json_reader {

// Good until the parser's next document or end.
using Element = simdjson::dom::element;

// Keeps its buffers from one document to the next.
class Parser {
 public:
  // Nothing if `text`, but for a byte order mark, is not one JSON document, or is nested more than
  // 1,024 deep.
  std::optional<Element> Parse(absl::string_view text);

 private:
  simdjson::dom::parser parser_;
};

// Of a member that occurs twice, the first. Nothing if `object` is none or has no such member; a
// member that is null counts as absent.
std::optional<Element> Member(const Element& object, absl::string_view name);

// A string's text; nothing of another type.
std::optional<absl::string_view> Text(const Element& element);
// Also of what is written as 12.0.
std::optional<int64_t> Integer(const Element& element);

// Of the member if it has that type; else empty, or false.
absl::string_view TextMember(const Element& object, absl::string_view name);
bool IsTrue(const Element& object, absl::string_view name);
bool IsFalse(const Element& object, absl::string_view name);

bool IsObject(const Element& element);
// The first element of an array; nothing if there is none or it is no array.
std::optional<Element> First(const Element& array);

}  // namespace zbroker::zai::json_reader

#endif  // ZBROKER_SHIMS_ZAI_JSON_READER_H_
