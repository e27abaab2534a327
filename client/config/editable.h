// TOML files that belong to somebody else: read, and changed in place.
#ifndef ZBROKER_CLIENT_CONFIG_EDITABLE_H_
#define ZBROKER_CLIENT_CONFIG_EDITABLE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/config/toml_fwd.h"

namespace zbroker::config {

// Keys from the root.
using TomlPath = std::vector<std::string>;

// Move-only.
class EditableToml {
 public:
  // Errors: INVALID_ARGUMENT "LINE: what is wrong" for what is not TOML or not UTF-8, for values
  // nested more than eight deep, and for a line that has more than 1024 dots and brackets.
  static absl::StatusOr<EditableToml> Parse(absl::string_view text);

  EditableToml(EditableToml&&) noexcept;
  EditableToml& operator=(EditableToml&&) noexcept;
  ~EditableToml();

  // The string at the path; empty if there is none.
  std::optional<std::string> String(const TomlPath& path) const;
  // The keys of the table at the path, sorted.
  std::vector<std::string> Keys(const TomlPath& path) const;

  // The value at the path as the file has it, quotes included; empty if there is none.
  std::optional<std::string> Literal(const TomlPath& path) const;

  // The text with the string `value` at the path; every other byte stays. A new key goes first in
  // its table, also where that is written in one line or by dotted keys, a new table to the end of
  // the file. Errors: FAILED_PRECONDITION "LINE: …", saying what to write there, when that can't be
  // done in place. REQUIRES: a path of at least one key.
  absl::StatusOr<std::string> WithString(const TomlPath& path, absl::string_view value) const;
  // The same for a value of any kind, as TOML has it: `2026-08-20`, `true`.
  absl::StatusOr<std::string> WithLiteral(const TomlPath& path, absl::string_view literal) const;

 private:
  EditableToml(std::string text, size_t mark, std::unique_ptr<const toml::table> root);
  std::string Edit(const TomlPath& path, absl::string_view literal) const;
  std::optional<std::string> EditBeside(const TomlPath& path, absl::string_view literal) const;

  std::string text_;
  size_t mark_;  // the length of a byte order mark
  std::unique_ptr<const toml::table> root_;
};

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_EDITABLE_H_
