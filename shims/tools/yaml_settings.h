// YAML settings: read, and changed in place.
#ifndef ZBROKER_SHIMS_TOOLS_YAML_SETTINGS_H_
#define ZBROKER_SHIMS_TOOLS_YAML_SETTINGS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker::tools {

// A YAML text whose first document is a mapping that may have a list of mappings. Aliases stand for
// what they name; merge keys are not looked into. Move-only.
class YamlSettings {
 public:
  // Errors: INVALID_ARGUMENT "LINE: what is wrong" for what is not YAML or no mapping.
  static absl::StatusOr<YamlSettings> Parse(absl::string_view text);

  YamlSettings(YamlSettings&&) noexcept;
  YamlSettings& operator=(YamlSettings&&) noexcept;
  ~YamlSettings();

  // How many elements the list has that the key of the root names; 0 when there is no such list.
  size_t SizeOf(absl::string_view list) const;

  // A plain value of one of its elements; empty if it has none by that key.
  std::optional<std::string> String(absl::string_view list, size_t index,
                                    absl::string_view key) const;

  // The text with that value of that element changed, or put behind the value of `neighbour` if
  // there is none; every other byte stays. Errors: FAILED_PRECONDITION when that can't be done in
  // place: the value is an alias or goes over several lines, the element has no `neighbour`.
  absl::StatusOr<std::string> WithString(absl::string_view list, size_t index,
                                         absl::string_view key, absl::string_view value,
                                         absl::string_view neighbour) const;

 private:
  struct Tree;
  explicit YamlSettings(std::unique_ptr<Tree> tree);

  std::unique_ptr<Tree> tree_;
};

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_YAML_SETTINGS_H_
