#include "client/config/document.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/config/toml_library.h"

namespace zbroker::config {
namespace {

// toml++ bounds the depth of nested values (TOML_MAX_NESTED_VALUES) but not that of dotted keys,
// each segment of which is a table, and it destroys the tree by recursion: a line of 20,000
// segments overflows the stack. At this length there are at most 1024 segments a line, and with
// inline tables around them at most 5,000 levels, less than half of what was seen to fit 8 MiB.
constexpr size_t kLineBytesMax = 2048;

// UTF-8 is checked here as well because toml++ decodes ahead and names a line before the bad one.
absl::Status CheckLines(absl::string_view text, absl::string_view file_name) {
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.size() > kLineBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat(file_name, ":", number, ": line of ",
                                                     line.size(), " bytes; expected at most ",
                                                     kLineBytesMax));
    }
    if (!IsValidUtf8(line)) {
      return absl::InvalidArgumentError(
          absl::StrCat(file_name, ":", number, ": bytes that are no characters; expected UTF-8"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Document> Document::Parse(absl::string_view text, absl::string_view file_name) {
  ZB_RETURN_IF_ERROR(CheckLines(text, file_name));
  toml::parse_result result = toml::parse(std::string_view(text.data(), text.size()));
  if (result.failed()) {
    const std::string_view problem = result.error().description();
    return absl::InvalidArgumentError(absl::StrCat(
        file_name, ":", result.error().source().begin.line,
        ": not valid TOML: ", EscapeControls(absl::string_view(problem.data(), problem.size()))));
  }
  return Document(std::make_unique<const toml::table>(std::move(result).table()));
}

Document::Document(std::unique_ptr<const toml::table> root) : root_(std::move(root)) {}
Document::Document(Document&& other) noexcept = default;
Document& Document::operator=(Document&& other) noexcept = default;
Document::~Document() = default;

}  // namespace zbroker::config
