// Base URLs.
#ifndef ZBROKER_CLIENT_BASE_URL_H_
#define ZBROKER_CLIENT_BASE_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker {

// Scheme and authority, and a path without the slash at its end.
struct Url {
  std::string origin;  // "https://api.example.com", in lower case
  std::string path;    // "/v1", or empty

  std::string text() const { return origin + path; }
  bool operator==(const Url&) const = default;
};

// Takes http and https URLs of at most 2048 printable ASCII characters, without user, query and
// fragment. Errors: INVALID_ARGUMENT, naming `what`, and of the URL what can't be a password.
absl::StatusOr<Url> ParseUrl(absl::string_view what, absl::string_view text);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_URL_H_
