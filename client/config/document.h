// A TOML file as toml++ understands it.
#ifndef ZBROKER_CLIENT_CONFIG_DOCUMENT_H_
#define ZBROKER_CLIENT_CONFIG_DOCUMENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/config/toml_fwd.h"

namespace zbroker::config {

// Owns the tree of a file that is valid TOML 1.0. Move-only; moving it leaves the tree in place.
class Document {
 public:
  // Errors: INVALID_ARGUMENT "FILE:LINE: what is wrong", for what is not TOML or not UTF-8, for a
  // line of more than 2048 bytes, and for values nested more than eight deep. The bounds keep the
  // parser's use of the stack below 8 MiB for texts of any length.
  static absl::StatusOr<Document> Parse(absl::string_view text, absl::string_view file_name);

  Document(Document&& other) noexcept;
  Document& operator=(Document&& other) noexcept;
  ~Document();

  const toml::table& root() const { return *root_; }

 private:
  explicit Document(std::unique_ptr<const toml::table> root);

  std::unique_ptr<const toml::table> root_;
};

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_DOCUMENT_H_
