// Whether a request may use the gateway, and where in the upstream it belongs.
#ifndef ZBROKER_SHIMS_GATEWAY_TARGET_H_
#define ZBROKER_SHIMS_GATEWAY_TARGET_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker::gateway {

// Whether a Host field names this machine's loopback, by any of its addresses or as localhost. A
// page in a browser that had its name resolve to 127.0.0.1 shows its own name there.
bool IsLoopbackHost(absl::string_view host);

// A request's target, taken apart (RFC 9112, 3.2.1 and 3.2.2).
struct RequestTarget {
  std::optional<absl::string_view> authority;  // in the absolute form
  absl::string_view path;                      // with the query
};
RequestTarget ReadTarget(absl::string_view target);

// What follows "/TOKEN" in a request's target, beginning with '/', '?' or nothing; empty when the
// target has another token. Takes as long for a token that is nearly right as for any other.
std::optional<absl::string_view> BelowToken(absl::string_view target, absl::string_view token);

// The path of a target, without its query.
absl::string_view PathOf(absl::string_view target);

// What follows scheme and authority in an absolute URL: the path and all after it.
absl::string_view AfterAuthority(absl::string_view url);

// The URL that requests below the token are relayed to.
class Upstream {
 public:
  // An absolute http or https URL without query, fragment, user or password. Errors:
  // INVALID_ARGUMENT.
  static absl::StatusOr<Upstream> Parse(absl::string_view url);

  // For a target below the token, of whose path several slashes in a row are one: a base URL that
  // ends with a slash makes two. The path of one of the provider's services is taken from the
  // upstream's origin, so that one gateway serves them all; all else is below the upstream's path.
  std::string UrlFor(absl::string_view below) const;

  // Where the upstream's `location`, an absolute URL or path, leads below the token: the inverse of
  // UrlFor. Nothing if that is elsewhere, or it is relative and so right as it is.
  std::optional<std::string> BelowFor(absl::string_view location) const;

  const std::string& origin() const { return origin_; }
  // Scheme, host and path, for messages.
  std::string text() const { return origin_ + path_; }

 private:
  std::string origin_;  // "https://api.z.ai"
  std::string path_;    // "/api/anthropic", never with a final slash
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_TARGET_H_
