// JSON settings: read, merged and written.
#ifndef ZBROKER_SHIMS_TOOLS_JSON_SETTINGS_H_
#define ZBROKER_SHIMS_TOOLS_JSON_SETTINGS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace zbroker::tools {

// A path of keys from the root.
using JsonPath = absl::Span<const absl::string_view>;

// A JSON text whose root is an object. Move-only. Where a key is there twice the last one counts,
// as in JavaScript.
class JsonObject {
 public:
  // Errors: INVALID_ARGUMENT for what is not JSON, is not an object, is nested more than 64 deep or
  // has a number beyond 64 bits.
  static absl::StatusOr<JsonObject> Parse(absl::string_view text);

  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;
  ~JsonObject();

  // The string at the path; empty if there is none.
  std::optional<std::string> String(JsonPath path) const;
  // The strings of the array at the path. Other elements are left out.
  std::vector<std::string> Strings(JsonPath path) const;
  // The same where there are no others; empty where there are, or no array.
  std::optional<std::vector<std::string>> OnlyStrings(JsonPath path) const;
  // The keys of the object at the path, in their order.
  std::vector<std::string> Keys(JsonPath path) const;
  bool Has(JsonPath path) const;
  // Whether a string at the path, or anywhere below it, has the part in it.
  bool Mentions(JsonPath path, absl::string_view part) const;

  // The text of this object with the members of `patch` put in: objects member by member, anything
  // else as a whole. What the patch does not name stays, in its order.
  std::string MergedWith(const JsonObject& patch) const;

  // The text without blanks and with the members of each object sorted: the same for all texts that
  // mean the same, but for keys that are there twice.
  std::string Canonical() const;

 private:
  struct Tree;
  explicit JsonObject(std::unique_ptr<Tree> tree);

  std::unique_ptr<Tree> tree_;
};

// The text as a JSON string, with its quotes. REQUIRES: UTF-8.
std::string JsonQuote(absl::string_view text);

// Where the string of a JSON text ends that begins at `at`: behind its quote, or at the end of the
// text.
size_t EndOfString(absl::string_view text, size_t at);

// Texts in the manner of JSON, with what plain JSON lacks blanked: every other byte stays where it
// is. The comments; and, where there are none, the commas before closing brackets.
std::string BlankComments(absl::string_view text);
std::string BlankTrailingCommas(absl::string_view text);
// Both.
std::string PlainJson(absl::string_view text);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_JSON_SETTINGS_H_
